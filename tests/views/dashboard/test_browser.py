"""The dashboard in a real browser."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from autoae.store.runs import artifact_folder, run_root
from autoae.store.storage import close_storage, open_storage
from autoae.store.studies import load_study, study_spec
from autoae.views.dashboard.publish import Place, Publisher
from tests.browser import Page, needs_chromium, page
from tests.stored import store
from tests.studies import searched, spec, two_objectives
from tests.views.dashboard.test_server import serving, taken_port

pytestmark = [needs_chromium, pytest.mark.slow]

_PLOT = "document.getElementById('user-defined-plot:{}')"
_DRAWN = "{plot} && {plot}.querySelector('.cartesianlayer .trace')"


def _says(words: str) -> str:
    return f"document.body.innerText.includes({words!r})"


def _drawn(name: str) -> str:
    return _DRAWN.format(plot=_PLOT.format(name))


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A storage with a study of one objective, `hybrid`, and one of two, `two`; both drawn."""
    place = f"sqlite:///{tmp_path}/autoae.db"
    for file in (spec(), two_objectives()):
        store(place, file, searched(file, trials=12))
    storage = open_storage(place)
    for name in ("hybrid", "two"):
        study = load_study(storage, name)
        drawn = Publisher(Place(storage, study, study_spec(study), run_root(place), str), best=2)
        for step in drawn.steps():
            step.do()
    close_storage(storage)
    return place


@contextmanager
def _shown(url: str, tmp_path: Path) -> Iterator[tuple[Page, str]]:
    artifacts = artifact_folder(run_root(url))
    with (
        taken_port() as wished,
        serving(url, artifacts, wished) as port,
        page(tmp_path) as browser,
    ):
        yield browser, f"http://127.0.0.1:{port}/dashboard"
        assert browser.complaints() == []
        places = {url.partition("?")[0] for url in browser.requests()}
        own = ("data:", "blob:", "about:", f"http://127.0.0.1:{port}/")
        assert [place for place in places if not place.startswith(own)] == []


def test_studies_plots_notes_and_pictures_are_seen(url: str, tmp_path: Path) -> None:
    with _shown(url, tmp_path) as (browser, address):
        browser.resize(1400, 1200)
        browser.call("Page.navigate", url=address)
        browser.wait_for(f"{_says('hybrid')} && {_says('two')}")

        browser.call("Page.navigate", url=f"{address}/studies/1")
        browser.wait_for(_drawn("autoae-front"))
        browser.wait_for(_drawn("autoae-history-val_accuracy"))
        card = "getBoundingClientRect().height"
        plot = _PLOT.format("autoae-front")
        assert browser.evaluate(f"{plot}.querySelector('.main-svg').{card} <= {plot}.{card}")

        browser.call("Page.navigate", url=f"{address}/studies/1/note")
        browser.wait_for(_says("Which knobs of a small hybrid matter on the digits?"))
        assert not browser.evaluate(_says("autoae writes this anew"))

        with_pictures = _best_of(url)
        browser.call("Page.navigate", url=f"{address}/studies/1/trials?numbers={with_pictures}")
        browser.wait_for("document.querySelectorAll('img[src*=\"/artifacts/\"]').length === 4")
        browser.wait_for(
            "[...document.querySelectorAll('img[src*=\"/artifacts/\"]')]"
            ".every(image => image.complete && image.naturalWidth > 0)"
        )
        assert browser.evaluate(_says(f"--from hybrid:{with_pictures}"))
        # A long attribute does not push the pictures out of sight.
        assert browser.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_study_of_two_objectives_has_its_front_and_its_curves(url: str, tmp_path: Path) -> None:
    with _shown(url, tmp_path) as (browser, address):
        browser.resize(1400, 1200)
        browser.call("Page.navigate", url=f"{address}/studies/2")
        browser.wait_for(_drawn("autoae-curves"))
        browser.wait_for(_drawn("autoae-front"))
        # The page of its own, beside ours.
        browser.wait_for(_says("Pareto Front"))
        browser.wait_for(
            "document.getElementById('graph-pareto-front')?.querySelectorAll('.point').length > 3"
        )


def _best_of(url: str) -> int:
    storage = open_storage(url)
    number: int = load_study(storage, "hybrid").best_trial.number
    close_storage(storage)
    return number
