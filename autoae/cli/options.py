"""Options and arguments that several commands share, each declared once."""

import re
from enum import StrEnum
from typing import Annotated

import typer

from autoae.cli import complete
from autoae.cli.durations import seconds

_LEAST_SHARE = 0.0001
"""Ray counts in such parts of a core or a GPU."""
_DEVICE = re.compile(r"auto|cpu|cuda(:\d+)?|mps")


def device_name(text: str) -> str:
    """Read the name of a device, whether this machine has it or not.

    Raises:
        typer.BadParameter: It is none.
    """
    if not _DEVICE.fullmatch(text):
        raise typer.BadParameter(f"{text!r} is no device; write auto, cpu, cuda, cuda:1 or mps")
    return text


def share(text: str) -> float:
    """Read how many cores or GPUs a worker takes.

    Raises:
        typer.BadParameter: It is neither a part of one nor a whole number.
    """
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    part = number == 0 or _LEAST_SHARE <= number <= 1
    if not part and not (number > 1 and number.is_integer()):
        known = f"a part of one, {_LEAST_SHARE:g} at least, or a whole number"
        raise typer.BadParameter(f"{text!r} is no share; write {known}")
    return number


class Launcher(StrEnum):
    """Where the workers of a run are."""

    LOCAL = "local"
    RAY = "ray"


Source = Annotated[
    str,
    typer.Argument(
        metavar="NAME_OR_FILE",
        help="A preset, see `autoae study presets`, or a study file.",
        autocompletion=complete.source,
        show_default=False,
    ),
]
Study = Annotated[
    str,
    typer.Argument(
        metavar="STUDY",
        help="A study of the storage, see `autoae study list`.",
        autocompletion=complete.study,
        show_default=False,
    ),
]
NoToken = Annotated[
    bool,
    typer.Option(
        "--no-token",
        help="Let everybody in who works on this machine: the URL needs no token.",
    ),
]
Name = Annotated[
    str | None,
    typer.Option(help="What the study is called; after its preset or file unless given."),
]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Override a key of the study file, such as training.lr=0.01 or "
        "'model.latent={min: 8, max: 64}'. May be repeated.",
        show_default=False,
    ),
]
Profile = Annotated[
    str | None,
    typer.Option(metavar="quick|full", help="Apply a profile of the study file."),
]
Trials = Annotated[
    int | None, typer.Option(min=1, help="Budget of trials, over all runs and workers.")
]
Timeout = Annotated[
    float | None,
    typer.Option(
        parser=seconds,
        metavar="TIME",
        help="Start no further trial after this time: 90, 90s, 2m or 1h.",
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(min=1, help="Processes that train at the same time; one per core unless given."),
]
Retries = Annotated[
    int | None,
    typer.Option(
        min=0,
        help="How often a trial is tried again that was lost with its worker, coordinator or "
        "machine, before it has failed; 2 unless given.",
        show_default=False,
    ),
]
RayAddress = Annotated[
    str | None,
    typer.Option(
        metavar="auto|HOST:PORT",
        help="The Ray cluster; RAY_ADDRESS unless given, else one of this machine.",
        show_default=False,
    ),
]
CpusPerWorker = Annotated[
    float | None,
    typer.Option(
        parser=share,
        metavar="N",
        help="Cores of a worker on Ray; 1 unless given.",
    ),
]
GpusPerWorker = Annotated[
    float | None,
    typer.Option(
        parser=share,
        metavar="N",
        help="GPUs of a worker on Ray: 0.25 lets four share one; 0 unless given.",
    ),
]
Device = Annotated[
    str | None,
    typer.Option(
        parser=device_name, metavar="DEVICE", help="Where to train: auto, cpu, cuda, cuda:1 or mps."
    ),
]
Seed = Annotated[int | None, typer.Option(min=0, help="Seed of the search and of every training.")]
Storage = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="Where studies are kept; AUTOAE_STORAGE or OPTUNA_STORAGE unless given, "
        "else sqlite:///storage/autoae.db.",
        show_default=False,
    ),
]
Middle = Annotated[
    bool,
    typer.Option("--middle", help="Ranges take their middle value, choices their first."),
]
Variant = Annotated[
    str | None, typer.Option(help="The variant of a study file that lists several.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
TensorBoard = Annotated[
    bool,
    typer.Option("--tensorboard", help="Write event files for TensorBoard into the run folder."),
]
Again = Annotated[
    bool,
    typer.Option("--again", help="Open it although it was opened before; it is counted."),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def overrides(
    given: list[str] | None,
    *,
    trials: int | None = None,
    timeout: float | None = None,
    device: str | None = None,
    seed: int | None = None,
) -> list[str]:
    """The shorthands as overrides, before those of --set, which win."""
    short: dict[str, int | float | str | None] = {
        "search.trials": trials,
        "search.timeout": timeout,
        "training.device": device,
        "search.seed": seed,
        "training.seed": seed,
    }
    return [f"{key}={value}" for key, value in short.items() if value is not None] + (given or [])
