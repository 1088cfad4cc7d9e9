"""`autoae data`: the data sets."""

from typing import TYPE_CHECKING, Annotated

import typer

from autoae.cli import complete, options
from autoae.cli.output import note, show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from autoae.data import ImageData, Listing

app = typer.Typer(help="Find, fetch and look at data sets.", no_args_is_help=True)

Dataset = Annotated[
    str,
    typer.Argument(
        metavar="DATASET",
        help="A data set, see `autoae data list`.",
        autocompletion=complete.dataset,
        show_default=False,
    ),
]


@app.command("list")
def list_datasets(as_json: options.AsJson = False) -> None:
    """List the data sets: what they are, and where each was found."""
    from autoae.data import available

    found = available()
    show(found, lambda: _table(found), as_json=as_json)


@app.command()
def fetch(dataset: Dataset) -> None:
    """Download a data set into the cache, unless it is on this machine."""
    from autoae.data import fetch as fetched

    note(f"looking for {dataset} ...")
    note(f"{dataset} is in {fetched(dataset)}")


@app.command("show")
def show_dataset(
    dataset: Dataset,
    given: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="Override a key of the data section, such as data.validation=5000.",
            show_default=False,
        ),
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Show a data set in numbers: images, size, classes, splits, normalisation."""
    from autoae.cli.chosen import overridden
    from autoae.data import load
    from autoae.spec.config import DataOptions
    from autoae.spec.errors import placed
    from autoae.spec.validation import validated

    document = overridden({"data": {"dataset": dataset}}, given or (), "")
    with placed(document.locate):
        data = load(validated(DataOptions, document.tree["data"], "data"))
    facts = {
        "name": data.facts.name,
        "shape": data.facts.shape,
        "classes": data.facts.classes,
        "train": len(data.train),
        "train_by_class": dict(_by_class(data)),
        "validation": len(data.validation),
        "test": len(data.test),
        "mean": data.mean.tolist(),
        "std": data.std.tolist(),
    }
    show(facts, lambda: _page(data), as_json=as_json)


def _table(found: "tuple[Listing, ...]") -> "RenderableType":
    from autoae.views.tables import table, wide, words

    rows = [(each.name, each.summary, _where(each)) for each in found]
    return table([words("data set"), wide("what it is"), wide("where")], rows)


def _where(listing: "Listing") -> str:
    if listing.place:
        return f"{listing.shown}: {listing.place}"
    # The first of several ways to get it; JSON has them all.
    return f"not here; {listing.how.partition(';')[0]}"


def _page(data: "ImageData") -> "RenderableType":
    from autoae.views.numbers import whole
    from autoae.views.tables import pairs

    channels, height, width = data.facts.shape
    splits = (("train", data.train), ("validation", data.validation), ("test", data.test))
    return pairs(
        [
            ("data set", data.facts.name),
            ("images", f"{height}×{width} pixels, {channels} channel{'s' if channels > 1 else ''}"),
            *((name, f"{whole(len(split))} images") for name, split in splits),
            ("classes", f"{len(data.facts.classes)}: {', '.join(data.facts.classes)}"),
            ("trained on", ", ".join(f"{name} {whole(count)}" for name, count in _by_class(data))),
            ("subtracted", ", ".join(f"{value:.4g}" for value in data.mean)),
            ("divided by", ", ".join(f"{value:.4g}" for value in data.std)),
        ]
    )


def _by_class(data: "ImageData") -> "Iterator[tuple[str, int]]":
    """How many training images each class has; of images with several objects, how many objects."""
    import numpy as np

    labels = data.train.labels[data.train.indices]
    classes = data.facts.classes
    counts = (
        labels.sum(axis=0) if data.facts.counted else np.bincount(labels, minlength=len(classes))
    )
    yield from zip(classes, counts.tolist(), strict=True)
