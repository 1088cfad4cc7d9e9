"""Trained networks put to use from the command line: files in, files out, mistakes told."""

import csv
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits

import autoae as package
from autoae.store.runs import run_root
from tests.cli.conftest import Autoae, Said
from tests.search.support import create, run, tiny

Use = Callable[..., Said]


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a storage with the study `tiny`, two trials, and one model of its own."""
    folder = tmp_path_factory.mktemp("use")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOAE_CACHE_DIR", os.environ["AUTOAE_TEST_CACHE"])
        url = f"sqlite:///{folder}/autoae.db"
        create(url, tiny("search: {trials: 2, method: random, pruner: none}\n"))
        run(url)
        shutil.copytree(run_root(url) / "tiny" / "0", folder / "models" / "mine")
    return folder


@pytest.fixture
def use(autoae: Autoae, storage: Path, tmp_path: Path) -> Use:
    """Run `autoae model` in a folder that has the storage and some images."""
    shutil.copytree(storage, tmp_path / "storage")
    digits = (load_digits().images[:12] * 255 / 16).astype(np.uint8)
    (tmp_path / "images" / "deep").mkdir(parents=True)
    for number, digit in enumerate(digits):
        Image.fromarray(digit).save(tmp_path / "images" / f"{number:02}.png")
    noise = np.random.default_rng(0).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "images" / "deep" / "noise.png")
    np.savez(tmp_path / "digits.npz", images=digits)
    return lambda *words: autoae("model", *words)


def _table(path: Path) -> list[dict[str, str]]:
    with path.open() as file:
        return list(csv.DictReader(file))


def _arrays(path: str | Path) -> dict[str, np.typing.NDArray[np.generic]]:
    with np.load(path) as found:
        return dict(found)


def test_reconstruct_writes_errors_pictures_and_the_worst(use: Use) -> None:
    said = use("reconstruct", "tiny:0", "images", "--quantile", "0.8", "--pictures", "--json")
    assert said.code == 0, said.err
    assert "1 of 13 images: converted from colour to grey" in said.err
    model, folder = package.load_model("storage/runs/tiny/0"), Path("tiny-0-reconstruct")
    rows, kept = _table(folder / "errors.csv"), _arrays(folder / "reconstructions.npz")
    found = model(kept["originals"])
    assert found.errors is not None
    assert [float(row["mse"]) for row in rows] == pytest.approx(found.errors.tolist())
    limit = model.anomaly_threshold(0.8)
    assert limit is not None
    assert [row["anomaly"] == "1" for row in rows] == (found.errors > limit.value).tolist()
    shown = json.loads(said.out)
    worst = max(rows, key=lambda row: float(row["mse"]))
    assert shown["images"][0]["image"] == worst["image"]
    assert len(list((folder / "pictures").iterdir())) == 13
    with Image.open(folder / "worst.png") as sheet:
        assert sheet.size == (10 * 100, 2 * 100)


def test_encode_and_predict_give_what_the_model_gives(use: Use) -> None:
    model, images = package.load_model("storage/runs/tiny/1"), _arrays("digits.npz")["images"]
    expected = model(images)
    assert use("encode", "tiny:1", "digits.npz", "--output", "out").code == 0
    assert np.array_equal(_arrays("out/latents.npz")["latents"], expected.latents)
    flat = [
        [float(v) for k, v in row.items() if k != "image"]
        for row in _table(Path("out/latents.csv"))
    ]
    assert np.array(flat) == pytest.approx(expected.latents)
    said = use("predict", "tiny:1", "images/00.png", "digits.npz", "--output", "out", "--json")
    rows = _table(Path("out/predictions.csv"))
    assert [row["prediction"] for row in rows[1:]] == list(expected.predictions or ())
    assert rows[0]["prediction"] == rows[1]["prediction"]
    assert float(rows[3]["p_4"]) == pytest.approx(float(expected.probabilities[2, 4]))  # type: ignore[index]
    assert rows[0]["image"] == "images/00.png"
    assert len(json.loads(said.out)["predictions"]) == 13


def test_a_model_is_named_by_study_trial_folder_or_file(use: Use) -> None:
    best = package.load_study("tiny").best().number
    for name, folder in {
        "tiny": f"tiny-{best}-encode",
        "tiny:1": "tiny-1-encode",
        "mine": "mine-encode",
        "storage/models/mine": "mine-encode",
        "storage/runs/tiny/0/best.safetensors": "tiny-0-encode",
    }.items():
        said = use("encode", name, "digits.npz", "--json")
        assert said.code == 0, said.err
        assert json.loads(said.out)["folder"] == folder


def test_the_list_names_what_can_be_used(use: Use) -> None:
    listed = json.loads(use("list", "--json").out)
    best = package.load_study("tiny").best().number
    assert [each["model"] for each in listed] == [f"tiny:{best}", "storage/models/mine"]
    for each in listed:
        assert use("encode", each["model"], "digits.npz").code == 0
    Path("storage/models/mine/best.safetensors").write_bytes(b"torn")
    Path(f"storage/runs/tiny/{best}/best.safetensors").unlink()
    said = use("list")
    assert "left out: storage/models/mine/best.safetensors" in said.err
    assert "there is no model yet" in said.err


def test_images_of_another_size_are_refused_or_fitted(use: Use, tmp_path: Path) -> None:
    wide = np.zeros((20, 40), np.uint8)
    wide[:, 5:35] = 255  # The crop keeps the columns 10 to 30.
    Image.fromarray(wide).save("wide.png")
    said = use("encode", "tiny:0", "wide.png")
    assert said.code == 1
    assert "wide.png has 20 x 40 pixels, the model takes 8 x 8" in said.err
    assert "--fit" in said.err
    assert not Path("tiny-0-encode").exists()
    said = use("encode", "tiny:0", "wide.png", "--fit")
    assert "1 of 1 images: scaled and cropped to 8 x 8 pixels" in said.err
    white = package.load_model("storage/runs/tiny/0")(np.full((1, 8, 8), 255, np.uint8))
    found = _arrays("tiny-0-encode/latents.npz")["latents"]
    assert found == pytest.approx(white.latents, abs=1e-4)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("tiny:9", "digits.npz"), "has no trial 9"),
        (("tinny", "digits.npz"), "did you mean 'tiny'?"),
        (("./nowhere", "digits.npz"), "no such folder"),
        (("digits.npz", "digits.npz"), "digits.npz: no model"),
        (("images/", "digits.npz"), "holds no weights"),
        (("tiny:0", "nowhere.png"), "no such file or folder"),
        (("tiny:0", "storage/runs/tiny/0/arrays.npz"), "none is called `images`"),
        (("tiny:0", "storage/autoae.db"), "cannot be read as an image"),
        (("tiny:0", "storage"), "holds no images"),
        (("tiny:0", "torn.npz"), "not a readable file of arrays"),
        (("tiny:0", "colour.npz"), "expected images (N, 1, height, width)"),
        (("tiny:0", "large.npz"), "expected numbers between 0 and 1, found 0 to 16"),
    ],
)
def test_mistakes_are_told(use: Use, words: tuple[str, ...], message: str) -> None:
    Path("torn.npz").write_bytes(b"PK torn")
    np.savez("colour.npz", np.zeros((2, 8, 8, 3), np.uint8))
    np.savez("large.npz", load_digits().images[:3])
    said = use("reconstruct", *words)
    assert said.code in (1, 2)
    assert message in said.err


def test_weights_that_are_gone_or_changed_are_one_message(use: Use) -> None:
    path = Path("storage/runs/tiny/0/best.safetensors")
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    said = use("predict", "tiny:0", "digits.npz")
    assert (said.code, said.err.count("error:")) == (1, 1)
    assert "damaged or changed" in said.err
    path.unlink()
    assert "holds no weights" in use("predict", "tiny:0", "digits.npz").err


def test_a_part_that_is_missing_is_named(use: Use, tmp_path: Path) -> None:
    from autoae.models import build
    from autoae.training.weights import Description, save_weights
    from tests.training.toy import toy_configuration

    configuration = toy_configuration(model={"decoder": "none"})
    network = build(configuration.model, (1, 8, 8), 3, seed=0)
    (tmp_path / "classifier").mkdir()
    description = Description(configuration, (1, 8, 8), ("a", "b", "c"), {}, 1)
    save_weights(network, tmp_path / "classifier" / "best.safetensors", description)
    said = use("reconstruct", "classifier", "digits.npz")
    assert said.code == 1
    assert "the model has no decoder" in said.err
    assert use("predict", "classifier", "digits.npz").code == 0


def test_evaluating_a_trial_opens_the_split_of_its_study_once(use: Use, autoae: Autoae) -> None:
    said = use("evaluate", "tiny:1", "--json")
    assert said.code == 0, said.err
    first = json.loads(said.out)
    assert (first["openings"], first["evaluation"]["trial"]) == (1, 1)
    refused = use("evaluate", "storage/runs/tiny/0")
    assert refused.code == 1
    assert "was opened once" in refused.err
    second = json.loads(use("evaluate", "tiny:0", "--again", "--json").out)
    assert (second["openings"], second["evaluation"]["trial"]) == (2, 0)
    whole = json.loads(autoae("study", "evaluate", "tiny", "--again", "--json").out)
    kept = json.loads(Path("storage/runs/tiny/evaluation-2.json").read_text())
    assert kept["trials"] == whole["evaluation"]["trials"]
    both = {each["name"]: each["trials"] for each in kept["baselines"]}
    assert both == {each["name"]: each["trials"] for each in whole["evaluation"]["baselines"]}


def test_evaluating_a_model_of_its_own_is_counted_in_its_folder(use: Use) -> None:
    said = use("evaluate", "mine")
    assert said.code == 0, said.err
    assert "opened once" in said.out
    assert "majority class" in said.out
    refused = use("evaluate", "mine")
    assert refused.code == 1
    assert "opened once for this model" in refused.err
    facts = json.loads(use("evaluate", "mine", "--again", "--json").out)
    assert facts["openings"] == 2
    trial = json.loads(use("evaluate", "tiny:0", "--json").out)
    assert facts["evaluation"]["figures"] == trial["evaluation"]["figures"]


def test_an_opening_is_not_spent_on_damaged_weights(use: Use, autoae: Autoae) -> None:
    Path("storage/runs/tiny/0/best.safetensors").write_bytes(b"torn")
    assert use("evaluate", "tiny:0").code == 1
    assert json.loads(use("evaluate", "tiny:1", "--json").out)["openings"] == 1


def test_an_export_comes_with_its_card(use: Use) -> None:
    said = use("export", "tiny:0", "--format", "onnx", "--json")
    assert said.code == 0, said.err
    facts = json.loads(said.out)["export"]
    assert all(check["difference"] <= check["tolerance"] for check in facts["checks"])
    assert {path.name for path in Path("tiny-0-export").iterdir()} == {
        "model.onnx",
        "model-card.md",
    }
    assert "sealed" in Path("tiny-0-export/model-card.md").read_text()
    assert use("evaluate", "mine").code == 0
    assert use("export", "mine", "--output", "out").code == 0
    assert "360 images; the test split was opened once" in Path("out/model-card.md").read_text()
    said = use("export", "tiny:0", "--int8")
    assert (said.code, "--int8: is for --format onnx" in said.err) == (2, True)
