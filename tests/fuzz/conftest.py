"""The number of cases, at the end of the run."""

from collections.abc import Callable, Iterator
from itertools import chain

import pytest

from tests.fuzz.outcome import tried

_KEY = "fuzz cases"


@pytest.fixture(autouse=True)
def _counted(record_property: Callable[[str, object], None]) -> Iterator[None]:
    before = tried()
    yield
    record_property(_KEY, tried() - before)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many cases were tried, over all processes."""
    reports = chain.from_iterable(terminalreporter.stats.values())
    ended = [each for each in reports if getattr(each, "when", "") == "teardown"]
    counts = [number for each in ended for name, number in each.user_properties if name == _KEY]
    terminalreporter.write_line(f"fuzz: {sum(counts):,} cases in {len(counts)} tests")
