"""`autoae study log | workers`: what a run of a study does, seen from elsewhere."""

from typing import TYPE_CHECKING, Annotated

import typer

from autoae.cli import options
from autoae.cli.output import note, show

if TYPE_CHECKING:
    from rich.console import RenderableType

    from autoae.store.log import LogLine
    from autoae.store.workers import WorkerSnapshot


def log(
    study: options.Study,
    last: Annotated[int, typer.Option(min=1, help="How many lines, the latest ones.")] = 50,
    storage: options.Storage = None,
    as_json: options.AsJson = False,
) -> None:
    """Show what the runs of a study had to tell: trials begun and ended, and why."""
    from autoae.cli.opened import opened
    from autoae.store.log import StudyLog
    from autoae.store.runs import run_root, study_folder

    with opened(study, storage) as found:
        kept = StudyLog(study_folder(run_root(found.url), study))
    lines = kept.read(last)
    if not lines:
        note(f"{kept.path} has no line: no run of the study wrote it on this machine")
    if lines or as_json:
        show(lines, lambda: _log_table(lines), as_json=as_json)


def workers(
    study: options.Study, storage: options.Storage = None, as_json: options.AsJson = False
) -> None:
    """Show who trains a study now, on every machine."""
    from autoae.cli.opened import opened
    from autoae.store.workers import workers_of

    with opened(study, storage) as found:
        known = workers_of(found.snapshot())
    if not known:
        note(f"nobody trains study {study}")
    if known or as_json:
        show(known, lambda: _workers_table(known), as_json=as_json)


def _log_table(lines: "tuple[LogLine, ...]") -> "RenderableType":
    from autoae.views.tables import number, table, wide, words

    columns = [words("at"), number("trial"), words("event"), wide("what")]
    return table(
        columns,
        [
            [
                f"{line.at:%m-%d %H:%M:%S}",
                "" if line.trial is None else str(line.trial),
                line.event,
                line.message,
            ]
            for line in lines
        ],
    )


def _workers_table(known: "tuple[WorkerSnapshot, ...]") -> "RenderableType":
    from autoae.views.numbers import clock, short
    from autoae.views.tables import number, table, words

    columns = [words("machine"), number("worker"), number("trial"), words("device")]
    columns += [number("epoch"), number("samples/s"), number("last sign"), words("state")]
    return table(
        columns,
        [
            [
                each.host,
                str(each.worker),
                str(each.trial),
                each.device or "–",
                f"{each.epoch}/{each.epochs}" if each.epochs else "–",
                short(each.samples_per_second),
                clock(each.age),
                each.life,
            ]
            for each in known
        ],
    )
