"""`autoae study bundle | verify`: a study as one archive, and whether a trial of it comes out."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autoae.cli import options
from autoae.cli.output import note, show

if TYPE_CHECKING:
    from autoae.cli.opened import Opened
    from autoae.store.bundle import BundledTrial


def bundle(
    study: options.Study,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "--out",
            help="Where to; STUDY.zip here unless given.",
            dir_okay=False,
            show_default=False,
        ),
    ] = None,
    storage: options.Storage = None,
) -> None:
    """Pack a study into one archive, from which any trial can be trained again elsewhere."""
    from autoae.cli.opened import opened
    from autoae.store.bundle import manifest_of, write_bundle

    with opened(study, storage) as found:
        files, best = _files(found, storage), _best(found)
    path = output or Path(f"{study}.zip")
    write_bundle(path, manifest_of(study, best, files), files)
    count = sum(name.endswith("/trial.json") for name in files)
    trials = "1 trial" if count == 1 else f"{count} trials"
    note(f"{trials} with configuration, environment and figures, the study file and the report")
    note(f"check it anywhere with: autoae study verify {path}")
    typer.echo(str(path))


def verify(
    file: Annotated[
        Path, typer.Argument(metavar="FILE.zip", help="A bundle of a study.", show_default=False)
    ],
    trial: Annotated[
        int | None,
        typer.Option(metavar="TRIAL", help="Number of the trial; the best one unless given."),
    ] = None,
    device: options.Device = None,
    as_json: options.AsJson = False,
) -> None:
    """Train a trial of a bundle again and say whether its figures come out; exit 1 if not."""
    from autoae.cli.errors import ExitCode
    from autoae.cli.verifying import train_again
    from autoae.store.bundle import read_bundle
    from autoae.views.repetition import page

    found = read_bundle(file)
    spec = found.spec()
    chosen = _complete(file, found.trial(_number(file, found.manifest.best, trial)))
    shown = train_again(spec.name, chosen, spec.objectives, device)
    number = chosen.outcome.number
    facts = {"study": spec.name, "trial": number, "holds": shown.holds, "repetition": shown}
    show(facts, lambda: page(f"trial {number} of {spec.name}", shown), as_json=as_json)
    if not shown.holds:
        raise typer.Exit(int(ExitCode.FAILED))


def _files(found: "Opened", storage: str | None) -> dict[str, bytes]:
    from autoae.cli.report import page
    from autoae.store.bundle import REPORT, STUDY, trial_files
    from autoae.store.errors import BundleError
    from autoae.store.runs import run_root, trial_folder
    from autoae.store.snapshot import FINISHED

    name, root = found.spec.name, run_root(found.url)
    trials = [t for t in found.snapshot().trials if t.configuration and t.state in FINISHED]
    if not trials:
        raise BundleError(
            f"study {name!r} has no finished trial yet, so there is nothing to bundle",
            hint=f"`autoae study run {name}` trains some",
        )
    files = {STUDY: found.spec.to_text().encode(), REPORT: page(found, storage).encode()}
    for trial in trials:
        files |= trial_files(trial, trial_folder(root, name, trial.number))
    return files


def _best(found: "Opened") -> int | None:
    from autoae.analysis.best import best_trials

    return next((trial.number for trial in best_trials(found.snapshot(), 1)), None)


def _number(file: Path, best: int | None, trial: int | None) -> int:
    from autoae.store.errors import BundleError

    if trial is not None:
        return trial
    if best is None:
        raise BundleError(
            f"{file} holds no complete trial, so none has figures that could come out"
        )
    return best


def _complete(file: Path, trial: "BundledTrial") -> "BundledTrial":
    """Refuse a trial that has no figures of its own.

    Raises:
        BundleError: It was pruned or failed.
    """
    from autoae.store.errors import BundleError

    outcome = trial.outcome
    if outcome.state != "COMPLETE":
        ended = "was pruned" if outcome.state == "PRUNED" else "failed"
        raise BundleError(
            f"trial {outcome.number} of {file} {ended} after epoch {outcome.epochs}, so it has no "
            "figures that could come out",
            hint="choose a complete one with --trial, or leave it out for the best one",
        )
    return trial
