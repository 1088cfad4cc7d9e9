"""The formats that a model is exported to: how each is written, and how it is run again."""

import os
import shutil
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import torch

from autoae.data.images import Floats
from autoae.data.loading import load
from autoae.inference.arrays import unit
from autoae.inference.deployed import Deployed
from autoae.inference.errors import ExportError
from autoae.inference.model import Model, load_model
from autoae.store.runs import RunFolder

Format = Literal["safetensors", "torch-export", "onnx"]
FORMATS: tuple[Format, ...] = get_args(Format)

Run = Callable[[Floats], Mapping[str, Floats]]
"""From images between 0 and 1 to the outputs by their names."""

CALIBRATION = 256
"""Training images that say how large the numbers inside a network get, for int8."""


def write(model: Model, form: Format, folder: Path, *, int8: bool = False) -> tuple[Path, ...]:
    """Write a model into a folder in one format.

    Returns:
        The files; what runs it is the first.

    Raises:
        ExportError: It cannot be written so, or a package is missing.
        DataError: int8 needs the training images, and they are not there.
    """
    if form == "safetensors":
        return _copied(model, folder)
    if form == "torch-export":
        path = folder / "model.pt2"
        with _quiet():
            torch.export.save(_traced(model.network), path)
        return (path,)
    return (_onnx(model, folder, int8=int8),)


def runner(form: Format, path: Path) -> Run:
    """What runs an exported file; an ONNX file with one thread."""
    if form == "onnx":
        return _onnx_runner(path)
    with _quiet():
        module = (
            load_model(path).network if form == "safetensors" else torch.export.load(path).module()
        )
    return torch_runner(module)


def torch_runner(module: torch.nn.Module) -> Run:
    """The same for a module of torch."""

    @torch.inference_mode()
    def run(images: Floats) -> Mapping[str, Floats]:
        return {name: value.numpy() for name, value in module(torch.from_numpy(images)).items()}

    return run


def _copied(model: Model, folder: Path) -> tuple[Path, ...]:
    """The files of a run folder that make it a model, and tell of it; weights first."""
    source, target = RunFolder(model.folder), RunFolder(folder)
    pairs = [
        (source.weights, target.weights),
        (source.best, target.best),
        (source.arrays, target.arrays),
        (source.environment, target.environment),
    ]
    return tuple(Path(shutil.copyfile(old, new)) for old, new in pairs if old.exists())


def _example(network: Deployed) -> torch.Tensor:
    # Two images: of a single one the number would be taken for a constant.
    return torch.zeros(2, *network.network.plan.image)


def _traced(network: Deployed) -> torch.export.ExportedProgram:
    batch = {0: torch.export.Dim("batch")}
    return torch.export.export(network, (_example(network),), dynamic_shapes=(batch,))


def _onnx(model: Model, folder: Path, *, int8: bool) -> Path:
    missing = [name for name in ("onnx", "onnxruntime", "onnxscript") if find_spec(name) is None]
    if missing:
        raise ExportError(f"ONNX needs {', '.join(missing)}", hint="pip install 'autoae[onnx]'")
    path = folder / "model.onnx"
    with _quiet():
        program = torch.onnx.export(
            _traced(model.network),
            input_names=["images"],
            output_names=list(model.network.outputs),
            dynamo=True,
            verbose=False,
        )
        assert program is not None
        program.save(path)
        return _quantized(model, path, folder / "model-int8.onnx") if int8 else path


class _Calibration:
    """Images for ONNX Runtime's quantisation, one batch after another."""

    def __init__(self, images: Floats) -> None:
        self._batches = iter(np.array_split(images, max(1, len(images) // 32)))

    def get_next(self) -> dict[str, Floats] | None:
        batch = next(self._batches, None)
        return None if batch is None else {"images": batch}


def _quantized(model: Model, path: Path, target: Path) -> Path:
    from onnxruntime import quantization

    quantization.CalibrationDataReader.register(_Calibration)
    split = load(model.description.configuration.data).train
    images = unit(split.images[split.indices[:CALIBRATION]])
    quantization.quantize_static(path, target, _Calibration(images), per_channel=True)
    return target


def _onnx_runner(path: Path) -> Run:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    # More of them would spin between calls, and take time from what is measured in turn.
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return lambda images: dict(zip(names, session.run(names, {"images": images}), strict=True))


@contextmanager
def _quiet() -> Iterator[None]:
    """What torch and ONNX Runtime say while they export helps nobody who did not write them."""
    import logging

    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with (
            warnings.catch_warnings(),
            Path(os.devnull).open("w") as nowhere,
            redirect_stdout(nowhere),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
