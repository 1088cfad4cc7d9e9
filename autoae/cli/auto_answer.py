"""What `autoae auto` ends with: the findings, where things are, what to type next."""

from pathlib import Path
from typing import TYPE_CHECKING

from autoae.analysis.findings import findings
from autoae.cli.auto_run import Run
from autoae.cli.opened import command, opened
from autoae.cli.output import show
from autoae.cli.report import material_of

if TYPE_CHECKING:
    from rich.console import RenderableType

    from autoae.analysis.findings import Findings


def tell(run: Run) -> None:
    """Print the answer of a run that is done."""
    progress = run.progress()
    assert progress is not None
    with opened(run.name, run.storage) as found:
        made = findings(material_of(found, run.storage).evidence)
    folder = Path(progress.folder)
    facts = {
        "study": run.name,
        "stages": {stage.value: why for stage, why in progress.ended.items()},
        "findings": made,
        "report": folder / "report.html",
        "model": folder / "model",
        "next": [words for words, _ in _next(run, folder)],
    }
    show(facts, lambda: _page(run, made, folder), as_json=run.as_json)


def _page(run: Run, made: "Findings", folder: Path) -> "RenderableType":
    from rich.console import Group
    from rich.text import Text

    from autoae.views.findings import findings_page
    from autoae.views.tables import pairs, section

    places = [("report", str(folder / "report.html")), ("model", str(folder / "model"))]
    return Group(
        Text(run.name, style="bold"),
        findings_page(made),
        *section("Files", pairs(places)),
        *section("Next", pairs(_next(run, folder))),
    )


def _next(run: Run, folder: Path) -> list[tuple[str, str]]:
    model = folder / "model"
    return [
        (f"autoae model predict {model} IMAGES", "put the model to use; or reconstruct, encode"),
        (command(f"study show {run.name}", run.storage), "the search in short"),
        (command("dashboard", run.storage), "see all of it in the browser"),
    ]
