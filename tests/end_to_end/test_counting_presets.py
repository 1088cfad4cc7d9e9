"""The counting presets learn: one trial of each quick profile beats the most frequent answer."""

import json
from pathlib import Path

import numpy as np
import pytest

from autoae.data import load
from autoae.models.costs import parameters
from autoae.models.network import outline
from autoae.spec.config import Configuration
from autoae.spec.reading import read_study
from autoae.spec.study import StudySpec
from tests.end_to_end.trainings import trained

FEW = ("data.images=1000", "data.limit=800", "data.validation=200", "data.canvas=76")
PRESETS = {
    "double-mnist-count": ("val_count_accuracy", "8-16-32 adam", FEW),
    "double-mnist-count-class": ("val_count_accuracy", "8-16-32 adam", FEW),
    # By softmax the digits are learned soonest, and from all images of the quick profile.
    "double-mnist-digits": ("val_digits_exact", "8-16-32 adam classes", ()),
}


def configuration(spec: StudySpec, variant: str) -> Configuration:
    return spec.configuration(lambda key, _: variant if key == "variant" else 0)


def most_frequent(spec: StudySpec, variant: str) -> float:
    """The share of validation images that have the most frequent number, or digits."""
    chosen = configuration(spec, variant)
    held = load(chosen.data).validation
    labels = held.labels[held.indices]
    truth = labels.sum(1) if chosen.model.task == "count" else labels
    return float(np.unique(truth, axis=0, return_counts=True)[1].max() / len(labels))


@pytest.mark.slow
@pytest.mark.needs_data
@pytest.mark.parametrize("preset", PRESETS)
def test_the_best_beats_the_most_frequent_answer(tmp_path: Path, preset: str) -> None:
    metric, variant, few = PRESETS[preset]
    spec = read_study(preset, profile="quick", overrides=few)
    alone = json.dumps({variant: spec.settings.variants[variant]})
    shorter = (f"variants={alone}", "claims=[]", "training.epochs=3", *few)
    (trial,) = trained(tmp_path, preset, shorter)
    assert trial.state == "COMPLETE"
    assert trial.metrics[metric] > most_frequent(spec, variant) + 0.02


@pytest.mark.parametrize("preset", PRESETS)
def test_quick_runs_every_variant_and_claims_speak_of_variants(preset: str) -> None:
    full, quick = read_study(preset), read_study(preset, profile="quick")
    assert full.settings.variants == quick.settings.variants
    assert {claim.variant for claim in full.settings.claims} <= set(full.settings.variants)
    assert full.settings.search.seeds == 3
    for variant in full.settings.variants:
        for spec, side in ((full, 128), (quick, quick_side(quick))):
            # Whatever is too small for its layers cannot be built.
            outline(configuration(spec, variant).model, (1, side, side), 10)


def quick_side(spec: StudySpec) -> int:
    return configuration(spec, next(iter(spec.settings.variants))).data.canvas


@pytest.mark.parametrize(("variant", "params"), [("8 adam", 27_576_746), ("8-16-32 adam", 597_690)])
def test_the_networks_have_the_published_number_of_parameters(variant: str, params: int) -> None:
    """27.58 M and 0.598 M, as far as the source tells."""
    model = configuration(read_study("double-mnist-count"), variant).model
    found = parameters(outline(model, (1, 128, 128), 10))
    assert found == params
