"""The pictures and plots of the dashboard."""

import io
import json
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from autoae.analysis.projection import MOST as LATENTS
from autoae.analysis.projection import principal_components
from autoae.store.runs import trial_folder
from autoae.views.dashboard.figures import MOST, study_figures
from autoae.views.dashboard.pictures import (
    confusion_picture,
    latent_picture,
    trial_pictures,
)
from autoae.views.plots import svg
from autoae.views.plots.words import safe
from autoae.views.report.runs import Folders
from tests.studies import searched, spec, two_objectives
from tests.views.report.conftest import write_run


def test_a_trial_has_a_picture_of_everything_that_it_left(tmp_path: Path) -> None:
    study = searched(spec())
    trial = study.of_state("COMPLETE")[0]
    write_run(tmp_path, study.name, trial.number)
    pictures = trial_pictures(Folders(tmp_path, study.name), study, trial)
    names = ["learning-curves.svg", "reconstructions.png", "confusion.svg", "latent.svg"]
    assert [picture.name for picture in pictures] == names
    for picture in pictures:
        if picture.mimetype == "image/png":
            assert Image.open(io.BytesIO(picture.content)).width > 700
        else:
            assert ET.fromstring(picture.content).tag.endswith("svg")


def test_a_trial_that_left_nothing_has_none_and_a_damaged_file_is_as_good_as_none(
    tmp_path: Path,
) -> None:
    study = searched(spec())
    trial = study.of_state("COMPLETE")[0]
    folders = Folders(tmp_path, study.name)
    assert trial_pictures(folders, study, trial) == []
    write_run(tmp_path, study.name, trial.number)
    trial_folder(tmp_path, study.name, trial.number).arrays.write_bytes(b"torn")
    assert [each.name for each in trial_pictures(folders, study, trial)] == ["learning-curves.svg"]


def test_names_of_classes_are_shown_as_they_are() -> None:
    names = ["<b>cat</b>", "dog & co"]
    content = confusion_picture("trial 1", np.array([[3, 1], [0, 4]]), names)
    texts = [element.text for element in ET.fromstring(content).iter()]
    assert {*names, "3", "1", "4"} <= set(texts)
    assert any("87.5 % right" in text for text in texts if text)


def test_projection_finds_the_widest_side() -> None:
    random = np.random.default_rng(0)
    spread = np.array([10.0, 3.0, 0.1, 0.1])
    latents = (random.normal(size=(LATENTS, 4)) * spread + 7).astype(np.float32)
    found = principal_components(latents, np.zeros(LATENTS, np.int64))
    assert found is not None
    assert abs(np.corrcoef(found.points[:, 0], latents[:, 0])[0, 1]) == pytest.approx(1, abs=0.01)
    assert abs(np.corrcoef(found.points[:, 1], latents[:, 1])[0, 1]) == pytest.approx(1, abs=0.01)
    assert found.shares[0] == pytest.approx(100 / 109, abs=0.03)
    assert latent_picture("trial 1", found, []).startswith(b"<svg")


@pytest.mark.parametrize(
    "latents",
    [
        np.zeros((2, 8)),
        np.zeros((50, 8)),
        np.ones((50, 1)),
        np.full((50, 8), np.nan),
    ],
)
def test_latents_without_two_directions_have_no_picture(latents: np.ndarray) -> None:
    labels = np.zeros(len(latents), np.int64)
    assert principal_components(latents.astype(np.float32), labels) is None


@given(st.floats(-1e12, 1e12, allow_subnormal=False), st.floats(1e-9, 1e12, allow_subnormal=False))
def test_ticks_are_few_and_inside(low: float, width: float) -> None:
    high = low + width
    if high - low < 1e-9 * max(abs(low), abs(high)):
        return  # No numbers lie between.
    found = svg.ticks(low, high)
    assert 1 <= len(found) <= 7
    slack = 1e-6 * (high - low) + 1e-9 * max(abs(low), abs(high))
    assert all(low - slack <= tick <= high + slack for tick in found)


def test_the_plots_of_a_study_keep_their_names() -> None:
    one = dict(study_figures(searched(spec())))
    assert list(one) == ["autoae-front", "autoae-history-val_accuracy"]
    two = dict(study_figures(searched(two_objectives())))
    assert "autoae-curves" in two
    assert {"autoae-history-val_accuracy", "autoae-history-val_mse"} < set(two)
    for figure in (*one.values(), *two.values()):
        layout = json.loads(figure.to_json())["layout"]
        assert "height" not in layout  # A card has its own.
        assert layout["template"]["layout"]["paper_bgcolor"] == "rgba(0,0,0,0)"


def test_the_front_tells_the_network_of_a_trial() -> None:
    study = searched(spec())
    figure = dict(study_figures(study))["autoae-front"]
    told = " ".join(text for trace in figure.data for text in trace.hovertext)
    assert all(safe(trial.notation) in told for trial in study.of_state("COMPLETE"))


def test_plots_of_many_trials_stay_small_and_keep_the_best() -> None:
    study = searched(spec(), trials=3 * MOST)
    figure = dict(study_figures(study))["autoae-front"]
    count = sum(len(trace.x) for trace in figure.data)
    assert count <= MOST
    best = max(study.of_state("COMPLETE"), key=lambda trial: trial.values[0])
    assert best.values[0] in [value for trace in figure.data for value in trace.y]
    assert len(figure.to_json()) < 400_000


def test_nothing_is_plotted_of_a_study_without_trials() -> None:
    assert dict(study_figures(searched(spec(), trials=0))) == {}
