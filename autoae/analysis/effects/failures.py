"""Where trials failed: told beside the effects, for a failed trial has no figure."""

from collections.abc import Iterator, Sequence

from scipy.stats import fisher_exact

from autoae.analysis.effects.columns import Column, columns_of
from autoae.analysis.effects.corrections import holm
from autoae.analysis.effects.estimates import LEVEL
from autoae.analysis.effects.knobs import Knob
from autoae.store.snapshot import StudySnapshot

_Table = tuple[int, int, int, int]
"""Failed here, finished here, failed elsewhere, finished elsewhere."""


def failure_notices(study: StudySnapshot, knobs: Sequence[Knob]) -> tuple[str, ...]:
    """The levels at which more trials failed than elsewhere, one sentence each.

    Fisher's exact test (1922) of every level against the others of its knob, with Holm's
    correction over all levels of all knobs.

    Args:
        study: Its finished trials are counted.
        knobs: Of the search.
    """
    failed = [trial.state == "FAIL" for trial in study.counted]
    if not any(failed):
        return ()
    columns = columns_of(knobs, study.counted)
    tables = [each for column in columns for each in _tables(column, failed)]
    corrected = holm([_p(table) for _, table in tables])
    return tuple(
        _sentence(place, table)
        for (place, table), p in zip(tables, corrected, strict=True)
        if p <= LEVEL
    )


def _tables(column: Column, failed: Sequence[bool]) -> Iterator[tuple[str, _Table]]:
    for level, label in enumerate(column.knob.levels):
        here = [bad for bad, at in zip(failed, column.levels, strict=True) if at == level]
        there = [
            bad for bad, at in zip(failed, column.levels, strict=True) if at not in (level, -1)
        ]
        if here and there:
            table = (sum(here), len(here) - sum(here), sum(there), len(there) - sum(there))
            yield f"{column.knob.name} {label}", table


def _p(table: _Table) -> float:
    return float(fisher_exact([table[:2], table[2:]], alternative="greater").pvalue)


def _sentence(place: str, table: _Table) -> str:
    failed, finished, others, rest = table
    return (
        f"{place}: {failed} of {failed + finished} trials failed, elsewhere {others} of "
        f"{others + rest}; effects speak of the trials that finished."
    )
