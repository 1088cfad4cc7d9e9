"""The page in a real browser, without a network."""

from pathlib import Path

import pytest

from autoae.views.report.blocks import Plot
from autoae.views.report.html import html
from tests.browser import needs_chromium, page
from tests.views.report.conftest import MakeMaterial, report_of
from tests.views.report.ledgers import FULL, ledger
from tests.views.report.test_report import _case

_FILLED = "'.cartesianlayer .trace, .cartesianlayer image, .gl-container canvas'"
"""What was drawn from data: lines and points, a heatmap, or a picture in space."""

pytestmark = [needs_chromium, pytest.mark.slow]


def test_every_plot_is_drawn_in_both_themes_and_nothing_is_fetched(
    material: MakeMaterial, tmp_path: Path
) -> None:
    file = tmp_path / "report.html"
    with page(tmp_path) as shown:
        for dark, name in ((False, "search"), (True, "two"), (False, "ablation"), (True, "list")):
            made = material(*_case(name), ledger=ledger(*FULL) if name == "ablation" else None)
            report = report_of(made)
            file.write_text(html(report), encoding="utf-8")
            shown.resize(1000, 800, dark=dark)
            shown.open(file)
            plots = [b.name for s in report.sections for b in s.blocks if isinstance(b, Plot)]
            drawn = "[...document.querySelectorAll('.plot')].filter(plot => plot.querySelector({}))"
            # Each has the layer of its axes, and in it something that was drawn from data.
            for part in ("'.main-svg'", _FILLED):
                count = shown.evaluate(f"{drawn.format(part)}.length")
                assert count == len(plots), (name, part)
            wide = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
            assert shown.evaluate(wide)
            assert shown.evaluate("[...document.images].every(image => image.naturalWidth > 0)")
        assert shown.complaints() == []
        assert {url.partition(":")[0] for url in shown.requests()} <= {"file", "data", "about"}


def test_figures_follow_the_theme(material: MakeMaterial, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(html(report_of(material(*_case("search"), files=False))), encoding="utf-8")
    ink = "document.querySelector('.plot').layout.template.layout.font.color"
    with page(tmp_path) as shown:
        shown.resize(1000, 800)
        shown.open(file)
        light = shown.evaluate(ink)
        shown.resize(1000, 800, dark=True)
        shown.wait_for(f"{ink} !== '{light}'")


def test_a_narrow_window_scrolls_tables_and_not_the_page(
    material: MakeMaterial, tmp_path: Path
) -> None:
    file = tmp_path / "report.html"
    file.write_text(html(report_of(material(*_case("list")))), encoding="utf-8")
    with page(tmp_path) as shown:
        shown.resize(420, 800)
        shown.open(file)
        assert shown.evaluate("document.documentElement.scrollWidth") <= 420
