"""Figures and tables of a report as single files, for a paper."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from autoae.spec.errors import UserError
from autoae.views.exports import latex_table
from autoae.views.plots.theme import FONT, theme
from autoae.views.report.blocks import Block, Pictures, Plot, Report, Table
from autoae.views.report.html import bare
from autoae.views.report.pictures import sheet

FORMATS = ("pdf", "png")
"""Each figure is written in both."""

_WIDTH = 760
_SCALE = 2
_KALEIDO = (
    "`pip install 'autoae[figures]'` installs kaleido, which draws them with Chrome or Chromium"
)
_CHROME = "install Chromium or Chrome, or run `plotly_get_chrome`"


class FiguresError(UserError):
    """Figures cannot be drawn on this machine."""


def write_files(report: Report, folder: Path) -> list[Path]:
    """Write every table as CSV and LaTeX, then every figure as PDF and PNG.

    Args:
        report: Its blocks have the names of the files.
        folder: Created if need be; files of these names are replaced.

    Returns:
        The files, in the order of the report.

    Raises:
        FiguresError: Kaleido or Chrome is missing; the tables are written none the less.
    """
    folder.mkdir(parents=True, exist_ok=True)
    blocks = [block for section in report.sections for block in section.blocks]
    tables = [path for block in blocks for path in _written(block, folder)]
    return tables + _drawn([block for block in blocks if isinstance(block, Plot)], folder)


def _written(block: Block, folder: Path) -> Iterator[Path]:
    """The files of a block that needs no browser."""
    if isinstance(block, Table):
        yield _text(folder / f"{block.name}.csv", _csv(block))
        yield _text(folder / f"{block.name}.tex", latex_table(block.headings, block.rows))
    elif isinstance(block, Pictures):
        path = folder / f"{block.name}.png"
        path.write_bytes(sheet(block))
        yield path


def _text(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def _csv(table: Table) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([title for title, _ in table.headings])
    writer.writerows(table.rows)
    return stream.getvalue()


def _drawn(plots: list[Plot], folder: Path) -> list[Path]:
    """The figures, all through one browser."""
    jobs = [(plot, folder / f"{plot.name}.{form}") for plot in plots for form in FORMATS]
    if not jobs:
        return []
    try:
        import kaleido
        from kaleido.errors import ChromeNotFoundError, KaleidoError
    except ImportError as error:
        raise FiguresError("figures as PDF and PNG need kaleido", hint=_KALEIDO) from error
    try:
        kaleido.write_fig_from_object_sync(
            [_job(plot, path) for plot, path in jobs],
            cancel_on_error=True,
            # MathJax would be fetched from the network, and no text of ours is mathematics.
            kopts={"mathjax": False},
        )
    except ChromeNotFoundError as error:
        raise FiguresError(
            "figures as PDF and PNG need Chromium or Chrome", hint=_CHROME
        ) from error
    except KaleidoError as error:
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        raise FiguresError(f"the figures could not be drawn: {reason}", hint=_CHROME) from error
    return [path for _, path in jobs]


def _job(plot: Plot, path: Path) -> dict[str, object]:
    drawing = bare(plot)
    layout = drawing["layout"]
    assert isinstance(layout, dict)
    layout |= {"template": theme(), "paper_bgcolor": "white", "font": {"family": FONT}}
    scale = _SCALE if path.suffix == ".png" else 1
    size = {"width": _WIDTH, "height": layout["height"], "scale": scale}
    return {"fig": drawing, "path": path, "opts": {"format": path.suffix[1:], **size}}
