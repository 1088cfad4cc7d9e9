"""Figures and tables as files for a paper."""

import csv
import sys
from pathlib import Path

import pytest
from PIL import Image

from autoae.views.report.blocks import Plot, Table
from autoae.views.report.static import FiguresError, write_files
from tests.browser import needs_chromium
from tests.views.report.conftest import MakeMaterial, report_of
from tests.views.report.test_report import _blocks, _case


@needs_chromium
@pytest.mark.slow
def test_every_figure_and_table_becomes_a_file(material: MakeMaterial, tmp_path: Path) -> None:
    report = report_of(material(*_case("list")))
    files = write_files(report, tmp_path / "figures")
    assert all(path.stat().st_size for path in files)
    plots = [block for _, block in _blocks(report) if isinstance(block, Plot)]
    for plot in plots:
        assert (tmp_path / "figures" / f"{plot.name}.pdf").read_bytes().startswith(b"%PDF")
        with Image.open(tmp_path / "figures" / f"{plot.name}.png") as image:
            assert image.width == 1520


def test_tables_need_no_browser(
    material: MakeMaterial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "kaleido", None)
    report = report_of(material(*_case("search")))
    with pytest.raises(FiguresError) as caught:
        write_files(report, tmp_path)
    assert "kaleido" in caught.value.hint
    for table in (block for _, block in _blocks(report) if isinstance(block, Table)):
        with (tmp_path / f"{table.name}.csv").open(newline="") as file:
            head, *rows = csv.reader(file)
        assert head == [title for title, _ in table.headings]
        assert [tuple(row) for row in rows] == list(table.rows)
        text = (tmp_path / f"{table.name}.tex").read_text()
        assert text.count("\\\\\n") == len(rows) + 1
    with Image.open(tmp_path / "reconstructions.png") as image:
        assert image.mode == "RGB"


def test_a_missing_browser_is_said(
    material: MakeMaterial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kaleido = pytest.importorskip("kaleido")
    from kaleido.errors import ChromeNotFoundError

    def without_chrome(*_: object, **__: object) -> None:
        raise ChromeNotFoundError

    monkeypatch.setattr(kaleido, "write_fig_from_object_sync", without_chrome)
    with pytest.raises(FiguresError, match="Chromium or Chrome"):
        write_files(report_of(material(*_case("search"), files=False)), tmp_path)
