import subprocess
import sys

import pytest

HEAVY = ("torch", "torchvision", "optuna", "sqlalchemy", "plotly", "sklearn", "ray")
READING = ("pydantic", "ruamel.yaml", "numpy")
"""What reads study files: not heavy, but half of the time in which the help is there."""


def _loaded(statement: str, names: tuple[str, ...] = HEAVY) -> tuple[set[str], str]:
    """The packages of some that a statement loads, and what else it printed."""
    code = f"{statement}\nimport sys\nprint('|'.join(n for n in {names!r} if n in sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    *printed, last = found.stdout.splitlines()
    return set(last.split("|")) - {""}, "\n".join(printed) + found.stderr


def test_the_command_line_loads_nothing_heavy() -> None:
    assert _loaded("import autoae.cli.main", HEAVY + READING) == (set(), "")


def test_a_run_begins_without_what_analyses_it() -> None:
    assert _loaded("import autoae.cli.running, autoae.search.run", ("scipy",)) == (set(), "")


def test_a_worker_is_ready_without_what_few_trainings_need() -> None:
    statement = "import autoae.search.training_run"
    assert _loaded(statement, ("scipy.special", "torchvision", "optuna")) == (set(), "")


def test_reading_a_study_file_loads_nothing_heavy() -> None:
    statement = """
import pkgutil, importlib, autoae.spec
for module in pkgutil.walk_packages(autoae.spec.__path__, "autoae.spec."):
    importlib.import_module(module.name)
from autoae.spec.reading import read_study
read_study("digits-hybrid")"""
    assert _loaded(statement) == (set(), "")


@pytest.mark.parametrize(
    "kind", ["preset", "source", "dataset", "study", "source_or_trial", "trial"]
)
def test_completion_loads_no_engine_and_prints_nothing(kind: str) -> None:
    loaded, printed = _loaded(f"from autoae.cli import complete\ncomplete.{kind}('')")
    assert not loaded & {"torch", "torchvision", "optuna"}
    assert printed == ""


def test_the_package_loads_nothing_heavy_before_it_is_used() -> None:
    assert _loaded("import autoae\nautoae.load_model, autoae.load_study") == (set(), "")
