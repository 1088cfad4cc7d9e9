"""`autoae study report`."""

from pathlib import Path

import pytest

from tests.cli.conftest import Autoae


def test_a_page_is_written_and_named(filled: Autoae, tmp_path: Path) -> None:
    said = filled("study", "report", "small")
    assert (said.code, said.out) == (0, "small.html\n")
    page = (tmp_path / "small.html").read_text(encoding="utf-8")
    assert "Which knobs matter?" in page
    assert "plotly.js v" in page


def test_where_to_write_may_be_said(filled: Autoae, tmp_path: Path) -> None:
    said = filled("study", "report", "small", "--format", "md", "--output", "new/answer.md")
    assert said.out == f"{Path('new/answer.md')}\n"
    text = (tmp_path / "new" / "answer.md").read_text(encoding="utf-8")
    assert text.startswith("# small\n\nWhich knobs matter?\n")
    assert filled("study", "report", "small", "--format", "md").out.startswith("# small\n")
    assert filled("study", "report", "small", "--output", "-").out.startswith("<!doctype html>")


def test_programs_get_facts(filled: Autoae) -> None:
    found = filled("study", "report", "small", "--format", "json").json
    assert found["study"] == "small"
    assert found["done"] == 12
    answer = found["answer"]
    assert isinstance(answer, list)
    assert "The best of 10 complete trials is trial 9" in answer[0]["text"]
    importance = found["importance"]
    assert isinstance(importance, list)
    assert importance[0]["trials"] == 10


def test_text_links_figures_from_where_it_is(
    filled: Autoae, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[Path] = []

    def write_files(_: object, folder: Path) -> list[Path]:
        written.append(folder)
        return []

    monkeypatch.setattr("autoae.views.report.static.write_files", write_files)
    words = ("study", "report", "small", "--format", "md", "--figures", "figures")
    assert "](figures/curves.png)" in filled(*words).out
    filled(*words, "--output", "text/report.md")
    assert "](../figures/curves.png)" in Path("text/report.md").read_text(encoding="utf-8")
    assert written == [Path("figures")] * 2


def test_a_study_that_is_not_there_is_named(filled: Autoae, tmp_path: Path) -> None:
    said = filled("study", "report", "smal")
    assert said.code == 1
    assert "did you mean 'small'?" in said.err
    assert not (tmp_path / "smal.html").exists()


def test_a_form_that_is_not_known_is_refused(filled: Autoae) -> None:
    assert filled("study", "report", "small", "--format", "doc").code == 2
