"""What training a trial again has shown, as a page for the terminal."""

from rich.console import Group, RenderableType
from rich.text import Text

from autoae.analysis.repetition import SHARE_TOLERANCE, TOLERANCE, Figure, Repetition
from autoae.views.tables import number, table, words


def page(trial: str, shown: Repetition) -> RenderableType:
    """The figures side by side, the verdict, and what it rests on.

    Args:
        trial: What to call it.
        shown: The comparison.
    """
    columns = [words("figure"), number("then"), number("here"), number("allowed"), words("")]
    figures = table(columns, [_row(figure) for figure in shown.figures])
    style = "green" if shown.holds else "red"
    return Group(figures, Text(), Text(_verdict(trial, shown), style=style), *_reasons(shown))


def _row(figure: Figure) -> list[str]:
    allowed = f"± {figure.allowed:.2g}" if figure.allowed else "the same"
    # All digits: where the same is asked for, the last one counts.
    now = "–" if figure.now is None else f"{figure.now:.10g}"
    return [figure.name, f"{figure.then:.10g}", now, allowed, "✓" if figure.holds else "✗"]


def _verdict(trial: str, shown: Repetition) -> str:
    if not shown.holds:
        return f"{trial} does NOT come out"
    if shown.exact:
        return f"{trial} comes out: {shown.epochs} epochs, every figure the same to the last digit"
    return f"{trial} comes out, within the tolerance"


def _reasons(shown: Repetition) -> list[Text]:
    lines = [f"not the same here: {each}" for each in shown.differences]
    if not shown.exact:
        lines.append(
            f"so a figure may differ by {TOLERANCE:.0%}, a share of images by "
            f"{SHARE_TOLERANCE:.0%} of the images"
        )
    if shown.departure:
        lines.append(f"the first difference: {shown.departure}")
    return [Text(line) for line in lines]
