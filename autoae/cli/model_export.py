"""`autoae model export`: a network for other programs, checked, with its card."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autoae.cli import options
from autoae.cli.found_model import FoundModel, Named, found_model
from autoae.cli.output import note, show

if TYPE_CHECKING:
    from rich.console import RenderableType

    from autoae.inference.exporting import Exported
    from autoae.store.evaluations import OpenedSplit

CARD = "model-card.md"


class FormatName(StrEnum):
    """What a model can be exported to."""

    SAFETENSORS = "safetensors"
    TORCH_EXPORT = "torch-export"
    ONNX = "onnx"


def export(
    model: Named,
    form: Annotated[
        FormatName,
        typer.Option(
            "--format",
            help="safetensors: a folder for autoae itself; torch-export: PyTorch alone runs it; "
            "onnx: ONNX Runtime, pip install 'autoae[onnx]'.",
        ),
    ] = FormatName.SAFETENSORS,
    int8: Annotated[
        bool,
        typer.Option("--int8", help="Numbers of 8 bits (onnx), calibrated on training images."),
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Where the files go; a folder called after the model unless given. Files of the "
            "same names are replaced.",
            show_default=False,
        ),
    ] = None,
    storage: options.Storage = None,
    as_json: options.AsJson = False,
) -> None:
    """Export a model, check that it gives the same output, and write its card.

    The export takes images between 0 and 1 and normalises them itself. Where it gives something
    else than the model in PyTorch, nothing is kept.
    """
    from autoae.spec.errors import SpecError

    if int8 and form is not FormatName.ONNX:
        raise SpecError("is for --format onnx", place="--int8")
    found = found_model(model, storage)
    folder = output or Path(f"{found.name}-export")
    exported = export_with_card(found, form, folder, storage, int8=int8)
    facts = {"export": exported, "card": folder / CARD}
    show(facts, lambda: _page(exported), as_json=as_json)
    note(f"what it is, and how good, is in {folder / CARD}")


def export_with_card(
    model: FoundModel,
    form: FormatName,
    folder: Path,
    storage: str | None,
    *,
    int8: bool = False,
) -> "Exported":
    """Export a model into a folder, and write its card there.

    Args:
        model: Where it is.
        form: What to write.
        folder: Files of the same names are replaced.
        storage: As the user gave it.
        int8: Numbers of 8 bits.

    Raises:
        WeightsError: Its files are missing, damaged or changed.
    """
    from autoae.inference.card import Origin, card
    from autoae.inference.exporting import export_model
    from autoae.spec.files import replace_file

    loaded = model.load()
    exported = export_model(loaded, form.value, folder, int8=int8)
    origin = Origin(model.name, _test_split(model, storage), model.trial or 0)
    replace_file(folder / CARD, card(loaded, origin, exported).encode())
    return exported


def _test_split(model: FoundModel, storage: str | None) -> "OpenedSplit | None":
    """What the test split has shown, if it was opened for the study or for the model itself."""
    from autoae.cli.model_evaluate import openings_of_folder
    from autoae.cli.opened import opened

    if model.study is None:
        return openings_of_folder(model.folder)
    with opened(model.study, storage) as found:
        return found.test_split()


def _page(exported: "Exported") -> "RenderableType":
    from autoae.views.numbers import figure
    from autoae.views.tables import pairs

    measure = "root mean square" if exported.int8 else "largest"
    images = "validation images" if exported.real else "images of noise"
    return pairs(
        [
            ("file", str(exported.files[0])),
            *(
                (
                    check.output,
                    f"{measure} difference {check.difference:.1e}, allowed {check.tolerance:.1e}",
                )
                for check in exported.checks
            ),
            ("compared on", f"{exported.images} {images}"),
            ("one image takes", f"{figure(exported.latency_ms)} ms"),
            ("in PyTorch", f"{figure(exported.original_latency_ms)} ms"),
        ]
    )
