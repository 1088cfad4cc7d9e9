"""`autoae model reconstruct | encode | predict`: a trained network on images."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autoae.cli import options
from autoae.cli.found_model import Named, found_model
from autoae.cli.output import note, show

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from autoae.inference.inputs import Images
    from autoae.inference.model import Model, Result

Places = Annotated[
    list[Path],
    typer.Argument(
        metavar="IMAGES...",
        help="Image files, folders or zips of images, or .npz files.",
        show_default=False,
    ),
]
Output = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER",
        help="Where the files go; a folder called after model and command unless given. Files of "
        "these names are replaced.",
        show_default=False,
    ),
]
Fit = Annotated[
    bool, typer.Option("--fit", help="Scale and crop images of another size, not refuse them.")
]
SHOWN = 10
"""Lines of a table on the screen; the files have all."""


def reconstruct(  # noqa: PLR0913, PLR0917 - one parameter an option
    model: Named,
    images: Places,
    quantile: Annotated[
        float,
        typer.Option(
            min=0.0,
            max=1.0,
            help="An image is an anomaly whose error is above this share of the errors of the "
            "validation images.",
        ),
    ] = 0.99,
    pictures: Annotated[
        bool, typer.Option("--pictures", help="Write each reconstruction as a PNG file too.")
    ] = False,
    output: Output = None,
    fit: Fit = False,
    storage: options.Storage = None,
    as_json: options.AsJson = False,
) -> None:
    """Reconstruct images: the error of each, the worst ones, and which are anomalies.

    Writes errors.csv, reconstructions.npz and worst.png (above the images, below what became
    of them).
    """
    from autoae.cli import reconstructed

    found = found_model(model, storage)
    loaded, read, result = _used(found.load(), images, needs="reconstruction", fit=fit)
    seen = reconstructed.Reconstructed.of(loaded, read, result, quantile)
    folder = output or Path(f"{found.name}-reconstruct")
    seen.write(folder, pictures=pictures)
    show(seen.facts(folder), lambda: seen.page(SHOWN), as_json=as_json)
    note(f"errors.csv, reconstructions.npz and worst.png are in {folder}")


def encode(
    model: Named,
    images: Places,
    output: Output = None,
    fit: Fit = False,
    storage: options.Storage = None,
    as_json: options.AsJson = False,
) -> None:
    """Write the latent of each image: latents.npz, and latents.csv, one line an image."""
    from autoae.inference.outputs import write_csv, write_npz
    from autoae.views.tables import pairs

    found = found_model(model, storage)
    _, read, result = _used(found.load(), images, needs="latent", fit=fit)
    folder, latents = output or Path(f"{found.name}-encode"), result.latents
    folder.mkdir(parents=True, exist_ok=True)
    write_npz(folder / "latents.npz", names=_names(read), latents=latents)
    flat = latents.reshape(len(latents), -1)
    columns = ["image", *(f"latent_{number}" for number in range(flat.shape[1]))]
    rows = ([name, *row] for name, row in zip(read.names, flat.tolist(), strict=True))
    write_csv(folder / "latents.csv", columns, rows)
    shape = " x ".join(map(str, latents.shape[1:]))
    facts = {"images": len(latents), "latent": latents.shape[1:], "folder": folder}
    lines = [("images", str(len(latents))), ("latent", shape), ("folder", str(folder))]
    show(facts, lambda: pairs(lines), as_json=as_json)


def predict(
    model: Named,
    images: Places,
    output: Output = None,
    fit: Fit = False,
    storage: options.Storage = None,
    as_json: options.AsJson = False,
) -> None:
    """Say what is on each image: predictions.csv and predictions.npz.

    The class with the probability of each; or the number of objects, or which ones.
    """
    from autoae.inference.outputs import write_csv, write_npz
    from autoae.views.tables import number, table, wide, words

    found = found_model(model, storage)
    loaded, read, result = _used(found.load(), images, needs="logits", fit=fit)
    folder, shares = output or Path(f"{found.name}-predict"), result.probabilities
    folder.mkdir(parents=True, exist_ok=True)
    columns = ["image", "prediction"]
    lines: list[list[object]] = [
        [image, text] for image, text in zip(read.names, result.predictions or (), strict=True)
    ]
    assert result.logits is not None
    assert result.answers is not None
    kept: dict[str, NDArray[np.generic]] = {
        "names": _names(read),
        "logits": result.logits,
        "answers": result.answers,
    }
    if shares is not None:
        columns += ["probability", *(f"p_{name}" for name in loaded.classes)]
        lines = [[*line, max(row), *row] for line, row in zip(lines, shares.tolist(), strict=True)]
        kept["probabilities"] = shares
    write_csv(folder / "predictions.csv", columns, lines)
    write_npz(folder / "predictions.npz", **kept)
    shown = [dict(zip(columns[:3], line, strict=False)) for line in lines]
    show(
        {"predictions": shown, "folder": folder},
        lambda: table(
            [wide("image"), words("prediction"), *([number("probability")] * (shares is not None))],
            [
                [*map(str, line[:2]), *(f"{share:.3f}" for share in line[2:3])]
                for line in lines[:SHOWN]
            ],
        ),
        as_json=as_json,
    )
    if len(lines) > SHOWN:
        note(f"the first {SHOWN} of {len(lines)} images")
    note(f"predictions.csv and predictions.npz are in {folder}")


def _used(
    model: "Model", places: list[Path], *, needs: str, fit: bool
) -> "tuple[Model, Images, Result]":
    """Read the images and run the model on them; says on stderr what was done to them.

    Raises:
        InputError: It lacks the part, or the images are none that it takes.
    """
    from autoae.inference.errors import InputError
    from autoae.inference.inputs import Wanted, read_images

    if needs not in model.network.outputs:
        part = {"reconstruction": "decoder", "logits": "head"}[needs]
        raise InputError(
            f"the model has no {part}: {model.notation}",
            hint=f"`autoae model list` shows others; model.{_KEYS[part]} of a study file gives one",
        )
    wanted = Wanted(model.shape, model.description.configuration.data, fit)
    read = read_images(places, wanted)
    for line in read.notes:
        note(line)
    return model, read, model(read.values)


_KEYS = {"decoder": "decoder", "head": "task"}


def _names(read: "Images") -> "NDArray[np.str_]":
    import numpy as np

    return np.array(read.names)
