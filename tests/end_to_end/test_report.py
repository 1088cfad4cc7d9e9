"""The report of a real study in a real browser."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from autoae.cli.main import app
from tests.browser import needs_chromium, page
from tests.end_to_end.trainings import trained

FEW = ("search.trials=12", "search.pruner=none", "training.epochs=2", "data.limit=400")
SECTIONS = "[...document.querySelectorAll('section')].map(section => section.id)"


@needs_chromium
@pytest.mark.slow
def test_the_report_of_the_first_study_is_drawn_without_a_network(tmp_path: Path) -> None:
    trained(tmp_path, "digits-hybrid", FEW)
    written, storage = tmp_path / "report.html", f"sqlite:///{tmp_path}/a.db"
    words = ["study", "report", "digits-hybrid", "--storage", storage, "--output", str(written)]
    said = CliRunner().invoke(app, words)
    assert said.exit_code == 0, said.stderr
    with page(tmp_path) as shown:
        shown.resize(1000, 800)
        shown.open(written)
        plots = shown.evaluate("document.querySelectorAll('.plot').length")
        assert plots == shown.evaluate(
            "document.querySelectorAll('.plot .main-svg:first-child').length"
        )
        assert plots >= 9
        assert shown.evaluate("document.images.length") >= 2
        assert "reconstructions" in shown.evaluate(SECTIONS)
        assert shown.complaints() == []
        assert {url.partition(":")[0] for url in shown.requests()} <= {"file", "data", "about"}
