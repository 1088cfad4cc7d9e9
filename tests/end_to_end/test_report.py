"""The report of a real study in a real browser."""

from pathlib import Path

import pytest

from tests.browser import needs_chromium, page
from tests.end_to_end.commands import autoae

FEW = ["--set", "search.trials=12", "--set", "search.pruner=none", "--set", "training.epochs=2"]
SECTIONS = "[...document.querySelectorAll('section')].map(section => section.id)"


@needs_chromium
@pytest.mark.slow
def test_the_report_of_the_first_study_is_drawn_without_a_network(tmp_path: Path) -> None:
    autoae(tmp_path, "study", "create", "digits-hybrid", *FEW, "--run")
    written = autoae(tmp_path, "study", "report", "digits-hybrid").stdout.strip()
    with page(tmp_path) as shown:
        shown.resize(1000, 800)
        shown.open(tmp_path / written)
        plots = shown.evaluate("document.querySelectorAll('.plot').length")
        assert plots == shown.evaluate(
            "document.querySelectorAll('.plot .main-svg:first-child').length"
        )
        assert plots >= 9
        assert shown.evaluate("document.images.length") >= 2
        assert "reconstructions" in shown.evaluate(SECTIONS)
        assert shown.complaints() == []
        assert {url.partition(":")[0] for url in shown.requests()} <= {"file", "data", "about"}
