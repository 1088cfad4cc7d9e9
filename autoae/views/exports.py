"""A study as a table for other programs: CSV and LaTeX."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

from autoae.analysis.best import best_trials
from autoae.analysis.figures import figure_of
from autoae.spec.domains import Value
from autoae.spec.metrics import DERIVED, SHARES
from autoae.spec.protocol import original_protocol
from autoae.store.evaluations import OpenedSplit
from autoae.store.snapshot import StudySnapshot, TrialSnapshot
from autoae.views.board import state_word
from autoae.views.numbers import cost, figure

Row = dict[str, Value]

_LATEX = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
    "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}",
    "→": r"$\rightarrow$", "×": r"$\times$", "≤": r"$\leq$", "±": r"$\pm$", "–": "--",
}  # fmt: skip


def rows(study: StudySnapshot, split: OpenedSplit | None = None) -> list[Row]:
    """One flat row for each trial: state, objectives, parameters, costs, metrics, network.

    Where the test split was opened, its figures follow, and beside them how often it was.
    """
    return [{**_row(study, trial), **_tested(split, trial)} for trial in study.trials]


def csv_text(study: StudySnapshot, split: OpenedSplit | None = None) -> str:
    """All trials as CSV, one column for everything that any trial has."""
    found = rows(study, split)
    columns = list(dict.fromkeys(name for row in found for name in row))
    stream = io.StringIO()
    writer = csv.DictWriter(stream, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(found)
    return stream.getvalue()


def latex_text(study: StudySnapshot, split: OpenedSplit | None = None) -> str:
    """The complete trials, the best first, as a LaTeX table for the package booktabs."""
    metrics, tests = [objective.metric for objective in study.objectives], _test_names(split)
    numbers = [(name, True) for name in ("trial", *metrics, *tests, "params")]
    trials = best_trials(study, len(study.trials))
    cells = [_latex_cells(trial, metrics, _tested(split, trial), tests) for trial in trials]
    opened = f"% test split opened {split.times}\n" if split and tests else ""
    return opened + latex_table([*numbers, ("network", False)], cells)


def latex_table(columns: Sequence[tuple[str, bool]], rows: Iterable[Iterable[str]]) -> str:
    """Any table in LaTeX, for the package booktabs.

    Args:
        columns: Each heading, and whether its column is of numbers.
        rows: One text for each column.
    """
    places = "".join("r" if is_number else "l" for _, is_number in columns)
    lines = [
        rf"\begin{{tabular}}{{{places}}}",
        r"\toprule",
        _latex_line(title for title, _ in columns),
        r"\midrule",
        *(_latex_line(row) for row in rows),
        r"\bottomrule",
        r"\end{tabular}",
    ]
    return "\n".join(lines) + "\n"


def _row(study: StudySnapshot, trial: TrialSnapshot) -> Row:
    names = [objective.metric for objective in study.objectives]
    values = dict(zip(names, trial.values, strict=False))
    protocol = original_protocol(trial.configuration)
    start: Row = {"trial": trial.number, "state": state_word(trial.state)}
    end: Row = {
        "epoch": trial.epoch,
        "epochs": trial.epochs,
        **{name: figure_of(study, trial, name) for name in DERIVED},
        "seed": trial.seed,
        "network": trial.notation,
        **({"protocol": protocol} if protocol else {}),
        "reason": trial.reason,
        "started": trial.started.isoformat() if trial.started else None,
        "finished": trial.finished.isoformat() if trial.finished else None,
    }
    return {**start, **trial.params, **trial.costs, **trial.metrics, **values, **end}


def _tested(split: OpenedSplit | None, trial: TrialSnapshot) -> dict[str, float]:
    """The test figures of a trial, and how often the split was opened; nothing while it is not."""
    found = split.of(trial.number) if split else None
    if split is None or found is None:
        return {}
    return {**found.figures, "test_openings": split.count}


def _test_names(split: OpenedSplit | None) -> list[str]:
    latest = split.latest if split else None
    found = {name for each in latest.trials for name in each.figures} if latest else set()
    shown = (*(f"test_{name}" for name in SHARES), "test_count_mse", "test_mse")
    return [name for name in shown if name in found]


def _latex_cells(
    trial: TrialSnapshot, metrics: Sequence[str], tested: Mapping[str, float], tests: Sequence[str]
) -> list[str]:
    values = [cost(name, value) for name, value in zip(metrics, trial.values, strict=True)]
    values += [figure(tested.get(name)) for name in tests]
    return [str(trial.number), *values, cost("params", trial.costs.get("params")), trial.network]


def _latex_line(cells: Iterable[str]) -> str:
    return " & ".join(_escaped(cell) for cell in cells) + r" \\"


def _escaped(text: Sequence[str]) -> str:
    return "".join(_LATEX.get(letter, letter) for letter in text)
