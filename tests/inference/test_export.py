"""Exports, run by others than autoae, beside the network in PyTorch."""

import importlib.util
import json
from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import onnxruntime
import pytest
import torch

import autoae
from autoae.inference import exporting, formats
from autoae.inference.card import Origin, card
from autoae.inference.errors import ExportError
from autoae.inference.exporting import export_model
from autoae.inference.formats import FORMATS, Format
from autoae.inference.model import Model
from autoae.spec.config import ModelOptions
from autoae.spec.encoders import encoders
from autoae.spec.encoders.backbones import BACKBONES
from autoae.store.runs import run_root
from tests.inference.conftest import Saved
from tests.training.toy import toy_images

TASKS = get_args(ModelOptions.model_fields["task"].annotation)
TINY = {"mlp": {"depth": 1, "width": 6}, "conv": {"depth": 2, "width": 3}}


def _runtime(path: Path, images: np.typing.NDArray[np.uint8]) -> dict[str, object]:
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    inputs = {"images": images.astype(np.float32) / np.float32(255)}
    return dict(zip(names, session.run(names, inputs), strict=True))


def _same(model: Model, images: np.typing.NDArray[np.uint8], found: dict[str, object]) -> None:
    expected = model(images)
    assert found["latent"] == pytest.approx(expected.latents, abs=1e-4)
    assert found.keys() == set(model.network.outputs)
    if "logits" in found:
        assert found["logits"] == pytest.approx(expected.logits, abs=1e-4)
    if "reconstruction" in found:
        assert found["reconstruction"] == pytest.approx(expected.reconstructions, abs=1e-4)


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("kind", sorted(encoders().keys() - BACKBONES.keys()))
def test_every_encoder_and_task_runs_in_onnxruntime(
    saved: Saved, tmp_path: Path, kind: str, task: str
) -> None:
    encoder = {"kind": kind, **TINY.get(kind, {})}
    model = autoae.load_model(saved(mean=0.4, model={"encoder": encoder, "task": task}))
    exported = export_model(model, "onnx", tmp_path / "out")
    images = toy_images()[0]
    for count in (1, 3, 40):
        _same(model, images[:count], _runtime(exported.files[0], images[:count]))


@pytest.mark.parametrize(
    "options",
    [
        {"encoder": "C(4,p0) > S(5) > R(6)", "batch_norm": True, "up": "nearest", "bridge": 3},
        {"encoder": "C'(4,k5,p0)", "latent": "spatial", "activation": "gelu", "task": "none"},
        {"encoder": "L(9,d0.3) > R(9)", "output": "linear", "activation": "silu"},
        {"encoder": "S(4,k4)", "decoder": "none", "head": "L(7) > L'(3)", "activation": "elu"},
        {"encoder": "C'(4) > S(5)", "latent": "spatial", "bridge": 3, "head": "C(4) > L'(3)"},
    ],
)
def test_other_layers_run_in_onnxruntime(
    saved: Saved, tmp_path: Path, options: dict[str, object]
) -> None:
    model = autoae.load_model(saved(channels=3, mean=0.3, model=options))
    exported = export_model(model, "onnx", tmp_path / "out")
    images = toy_images(3)[0]
    _same(model, images, _runtime(exported.files[0], images))


def test_a_torch_export_runs_in_torch_alone(saved: Saved, tmp_path: Path) -> None:
    model = autoae.load_model(saved(mean=0.4))
    exported = export_model(model, "torch-export", tmp_path / "out")
    images = toy_images()[0]
    module = torch.export.load(exported.files[0]).module()
    with torch.inference_mode():
        found = module(torch.from_numpy(images / 255).float())
    _same(model, images, {name: values.numpy() for name, values in found.items()})


def test_a_safetensors_export_is_a_model(saved: Saved, tmp_path: Path) -> None:
    model = autoae.load_model(saved(mean=0.4))
    export_model(model, "safetensors", tmp_path / "out")
    images = toy_images()[0]
    assert np.array_equal(
        autoae.load_model(tmp_path / "out")(images).latents, model(images).latents
    )


def test_a_backbone_is_used_and_exported_without_its_first_weights(
    saved: Saved, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "empty"))
    encoder = {"kind": "mobilenet_v2", "weights": "imagenet"}
    folder = saved(channels=3, mean=0.4, model={"encoder": encoder, "decoder": "none"})
    model = autoae.load_model(folder)
    exported = export_model(model, "onnx", tmp_path / "out")
    assert "`mobilenet_v2 (ImageNet weights) > " in card(model, Origin("x", None, 0), exported)


def test_eight_bits_are_close_and_smaller(trained: str, tmp_path: Path) -> None:
    model = autoae.load_study("tiny", trained).best_model()
    exported = export_model(model, "onnx", tmp_path / "out", int8=True)
    images = model.arrays["originals"].astype(np.uint8)
    logits = _runtime(exported.files[0], images)["logits"]
    assert isinstance(logits, np.ndarray)
    expected = model(images).logits
    assert expected is not None
    assert np.abs(logits - expected).max() > 0
    assert np.corrcoef(logits.ravel(), expected.ravel())[0, 1] > 0.99
    assert (exported.int8, exported.real) == (True, True)


@pytest.mark.parametrize("form", FORMATS)
def test_an_export_that_gives_something_else_is_not_kept(
    saved: Saved, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: Format
) -> None:
    runner = formats.runner

    def wrong(form: Format, path: Path) -> formats.Run:
        run = runner(form, path)
        return lambda images: {name: values + 1e-3 for name, values in run(images).items()}

    monkeypatch.setattr(exporting, "runner", wrong)
    with pytest.raises(ExportError, match=r"gives another reconstruction: it differs by 1\.00e-03"):
        export_model(autoae.load_model(saved()), form, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_missing_packages_are_named(
    saved: Saved, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = autoae.load_model(saved())
    find = importlib.util.find_spec
    monkeypatch.setattr(formats, "find_spec", lambda name: None if name == "onnx" else find(name))
    with pytest.raises(ExportError, match="ONNX needs onnx") as caught:
        export_model(model, "onnx", tmp_path / "out")
    assert "autoae[onnx]" in caught.value.hint


def test_the_card_says_what_the_files_say(trained: str, tmp_path: Path) -> None:
    study = autoae.load_study("tiny", trained)
    model, best = study.best_model(), study.best()
    exported = export_model(model, "torch-export", tmp_path / "out")
    text = card(model, Origin("tiny-x", None, best.number), exported)
    kept = json.loads((run_root(trained) / "tiny" / str(best.number) / "best.json").read_text())
    assert text.startswith("# tiny-x\n")
    for part in (
        best.notation.replace("|", "\\|"),
        kept["sha256"],
        "(Wilson, 100 images)",
        "(Student's t, 100 images)",
        "the test split is sealed",
        f"torch {torch.__version__.partition('+')[0]}",
        "| seed | 0 |",
    ):
        assert part in text, part
    assert "int8" in card(model, Origin("x", None, 0), replace(exported, int8=True))
