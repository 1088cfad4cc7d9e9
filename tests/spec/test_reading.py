"""A mistake in a study file is one message with file, line, key and the nearest valid name."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autoae.spec.document import write_text
from autoae.spec.domains import Value
from autoae.spec.errors import SpecError
from autoae.spec.presets import preset_names
from autoae.spec.reading import read_study, study_from_text
from tests.spec.studies import SMALL, study


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("training.lrr=1", "unknown key; did you mean 'lr'?"),
        ("trainin.lr=1", "unknown key; did you mean 'training'?"),
        ("training.optimizer=adm", "did you mean 'adam'?"),
        ("training.lr=fast", "expected a number, not 'fast'"),
        ("training.lr=-1", "greater than 0"),
        ("training.lr={min: 1, max: 0.1}", "min 1 is above max 0.1"),
        ("training.lr={min: 0, max: 0.1, log: true}", "must start above 0"),
        ("training.lr={min: 1e-3, mx: 0.1}", "did you mean 'max'?"),
        ("training.lr={min: 1e-3}", "`max` is missing"),
        ("training.lr={values: []}", "at least one value"),
        ("training.lr={values: [0.1, 0.1]}", "one value twice"),
        ("training.optimizer={values: [adam, sdg]}", "did you mean 'sgd'?"),
        ("training.epochs=2.5", "expected a whole number, not 2.5"),
        ("training.epochs='3'", "expected a whole number, not '3'"),
        ("model.activation=rleu", "did you mean 'relu'?"),
        ("model.encoder.kind=cnov", "unknown encoder 'cnov'; did you mean 'conv'?"),
        ("model.encoder.dpth=2", "unknown key; did you mean 'depth'?"),
        ("model.encoder.depth=deep", "expected a whole number"),
        ("model.latent=spatail", "did you mean 'spatial'?"),
        ("search.method=tpa", "did you mean 'tpe'?"),
        ("search.method=grid", "a grid cannot run through a continuous range"),
        ("training.lr={min: 0.1, max: 1, step: 5}", "step 5 is wider than the range"),
        ("training.lr={min: 0.1, max: 1, values: [1]}", "either `values` or `min` and `max`"),
        ("objectives.0.metric=val_mse", "there is no item 0: no list stands there"),
        ("training.lr={min: 3", "--set training.lr={min: 3: not valid YAML"),
        ("search.trials={min: 1, max: 2}", "cannot be searched"),
        ("search.method=list", "needs `variants`"),
        ("search.seeds=3", "repeats the runs"),
        ("search.method=ablation", "needs `values`, its baseline first"),
        ("objectives.metric=val_mse", "list"),
        ("objectives=[{metric: val_acuracy, direction: maximize}]", "did you mean 'val_accuracy'"),
        ("costs=[parms]", "did you mean 'params'"),
        ("loss.beta=0.0", ""),
        ("training.lr.min.deep=3", "has no keys of its own"),
        ("=3", "expected key=value"),
        ("training.lr", "expected key=value"),
        ("training.lr=[", "not valid YAML"),
        ("training=3", "expected a mapping"),
    ],
)
def test_a_wrong_override_is_named(tmp_path: Path, override: str, expected: str) -> None:
    if not expected:
        study(tmp_path, SMALL, override)
        return
    with pytest.raises(SpecError) as caught:
        study(tmp_path, SMALL, override)
    assert expected in str(caught.value)
    assert "--set" in caught.value.place or "search" in override


def test_a_mistake_has_file_and_line(tmp_path: Path) -> None:
    with pytest.raises(SpecError) as caught:
        study(tmp_path, SMALL.replace("  epochs: 2", "  epocs: 2"))
    path = tmp_path / "small.yaml"
    assert str(caught.value) == (f"{path}:10: training.epocs: unknown key; did you mean 'epochs'?")


def test_profile_then_override(tmp_path: Path) -> None:
    text = SMALL + "profiles: {quick: {training.epochs: 1, data.limit: 10}}\n"
    spec = study(tmp_path, text, "training.epochs=7", profile="quick")
    assert spec.settings.profile == "quick"
    assert spec.tree["training"] == {"lr": {"min": 1e-4, "max": 1e-1, "log": True}, "epochs": 7}
    assert spec.tree["data"] == {"dataset": "digits", "limit": 10}
    with pytest.raises(SpecError, match="did you mean 'quick'"):
        study(tmp_path, text, profile="quik")


@pytest.mark.parametrize("name", preset_names())
@pytest.mark.parametrize("profile", ["full", "quick"])
def test_every_preset_reads_and_its_text_reads_back(name: str, profile: str) -> None:
    spec = read_study(name, profile=profile)
    assert spec.settings.description
    again = study_from_text(spec.to_text(), name=name, source="storage")
    assert again.tree == spec.tree
    assert again.domains() == spec.domains()
    assert again.objectives == spec.objectives
    assert again.settings.search == spec.settings.search


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected a mapping"),
        ("- 1", "expected a mapping"),
        ("a: [", "not valid YAML"),
        ("model: {}\nmodel: {}\n", "not valid YAML"),
        ("model: {}", "`model.encoder` is missing"),
        ("model: {encoder: 3}", "notation or a mapping"),
        ("model: {encoder: !!python/name:os.system x}", ""),
    ],
)
def test_what_is_no_study_file_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        study(tmp_path, text)
    assert message in str(caught.value)
    assert "small.yaml" in str(caught.value)


def test_unknown_preset_and_missing_file(tmp_path: Path) -> None:
    with pytest.raises(SpecError) as caught:
        read_study("digits-hybird")
    assert "did you mean 'digits-hybrid'" in str(caught.value)
    with pytest.raises(SpecError, match="No such file"):
        read_study(str(tmp_path / "none.yaml"))


yaml_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda children: (
        st.lists(children, max_size=3)
        | st.dictionaries(
            st.sampled_from(["min", "max", "values", "log", "step", "kind", "depth", "x"]),
            children,
            max_size=3,
        )
    ),
    max_leaves=6,
)
keys = st.sampled_from(
    [
        "training.lr",
        "model.encoder",
        "model.encoder.width",
        "model.latent",
        "data.augment",
        "objectives",
        "limits.params",
        "search.trials",
        "variants",
        "costs",
        "loss",
        "model.head",
    ]
)


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(key=keys, value=yaml_values)
def test_any_override_is_read_or_refused_in_words(tmp_path: Path, key: str, value: Value) -> None:
    text = write_text({"value": value}).partition(":")[2]
    with suppress(SpecError):
        study(tmp_path, SMALL, f"{key}={text}")


def test_a_misspelt_encoder_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"small.yaml:5: model.encodr: .*did you mean 'encoder'"):
        study(tmp_path, SMALL.replace("  encoder:", "  encodr:"))
