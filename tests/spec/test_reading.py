"""A mistake in a study file is one message with file, line, key and the nearest valid name."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autoae.spec.document import write_text
from autoae.spec.domains import Choices, Domain, FloatRange, IntRange, Value
from autoae.spec.errors import SpecError, Unbuildable
from autoae.spec.presets import preset_names
from autoae.spec.reading import read_study, study_from_text
from autoae.spec.space import largest
from tests.spec.studies import SMALL, study


def test_a_leaf_is_a_constant_or_a_range(tmp_path: Path) -> None:
    assert study(tmp_path).domains() == {
        "model.encoder.depth": IntRange(1, 3),
        "model.encoder.width.1": Choices((8, 16)),
        "model.encoder.width.2": Choices((8, 16)),
        "model.encoder.width.3": Choices((8, 16)),
        "model.latent": IntRange(2, 32, log=True),
        "training.lr": FloatRange(1e-4, 1e-1, log=True),
    }


def test_widths_beyond_the_depth_are_not_asked(tmp_path: Path) -> None:
    asked: list[str] = []

    def smallest(key: str, domain: Domain) -> Value:
        asked.append(key)
        return domain.ends[0]

    configuration = study(tmp_path).configuration(smallest)
    assert configuration.model.encoder.model_dump()["width"] in ([8], (8,))
    assert asked == ["model.encoder.depth", "model.encoder.width.1", "model.latent", "training.lr"]


def test_growth_makes_one_width(tmp_path: Path) -> None:
    spec = study(tmp_path, SMALL, "model.encoder.growth=2.0")
    assert "model.encoder.width" in spec.domains()


def test_options_of_the_kind_not_chosen_do_not_apply(tmp_path: Path) -> None:
    text = SMALL.replace("kind: conv", "kind: {values: [conv, mlp]}, kernel: {values: [3, 5]}")
    spec = study(tmp_path, text)
    assert {"model.encoder.kind", "model.encoder.kernel"} <= set(spec.domains())
    chosen: dict[str, Value] = {"model.encoder.kind": "mlp"}
    configuration = spec.configuration(lambda key, domain: chosen.get(key, largest(domain)))
    assert configuration.model.encoder.kind == "mlp"


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


@pytest.mark.parametrize(
    ("overrides", "key"),
    [
        (["model.decoder=none", "loss.beta=1.0"], "loss.beta"),
        (["model.decoder=none", "loss.beta={min: 0.0, max: 1.0}"], "loss.beta"),
        (["model.task=none", "loss.alpha=0.5"], "loss.alpha"),
        (["loss.reconstruction=bce", "model.output=linear"], "loss.reconstruction"),
        (["loss.alpha=0", "loss.beta=0"], "loss"),
        (
            ["model.decoder=none", "objectives=[{metric: val_mse, direction: minimize}]"],
            "objectives",
        ),
        (["data.validation=0"], "data.validation"),
    ],
)
def test_what_contradicts_itself_is_refused(tmp_path: Path, overrides: list[str], key: str) -> None:
    with pytest.raises(SpecError) as caught:
        study(tmp_path, SMALL, *overrides)
    assert caught.value.key == key


STAGED = SMALL + "  end_to_end: false\n"


@pytest.mark.parametrize(
    ("overrides", "key", "message"),
    [
        (["model.decoder=none"], "training.end_to_end", "needs a decoder"),
        (["model.task=none"], "training.end_to_end", "trains a head"),
        (["loss.beta=0.0"], "training.end_to_end", "`loss.beta`, which is 0"),
        (["loss.alpha=0.0"], "training.end_to_end", "`loss.alpha`, which is 0"),
        (["training.epochs=1"], "training.epochs", "two epochs at least"),
        (["training.first_epochs=2"], "training.first_epochs", "leaves the second stage no epoch"),
        (["training.first_epochs=0"], "training.first_epochs", "greater than 0"),
        (["training.first_stage=pac"], "training.first_stage", "did you mean 'pca'"),
        (
            ["training.first_stage=pca", "model.latent=spatial"],
            "training.first_stage",
            "as many components as the latent",
        ),
        (
            ["training.end_to_end=true", "training.first_stage=pca"],
            "training.first_stage",
            "only with `end_to_end: false`",
        ),
    ],
)
def test_two_stages_that_make_no_sense_are_refused(
    tmp_path: Path, overrides: list[str], key: str, message: str
) -> None:
    with pytest.raises(SpecError, match=message) as caught:
        study(tmp_path, STAGED, *overrides)
    assert caught.value.key == key
    assert caught.value.place


@pytest.mark.parametrize(
    "overrides",
    [
        [],
        ["training.end_to_end={values: [true, false]}", "training.first_epochs=1"],
        ["training.first_stage=pca", "model.task=none"],
        ["loss.beta={min: 0.0, max: 1.0}"],
        ["training.first_stage={values: [reconstruction, pca]}"],
    ],
)
def test_two_stages_are_read(tmp_path: Path, overrides: list[str]) -> None:
    spec = study(tmp_path, STAGED, *overrides)
    assert spec.configuration(lambda _, domain: domain.ends[-1]).first_epochs == 1


def test_one_contradictory_combination_is_left_to_the_search(tmp_path: Path) -> None:
    spec = study(
        tmp_path, SMALL, "model.decoder={values: [mirror, none]}", "loss.beta={min: 0.5, max: 1.0}"
    )
    chosen: dict[str, Value] = {"model.decoder": "none"}
    with pytest.raises(Unbuildable):
        spec.configuration(lambda key, domain: chosen.get(key, largest(domain)))


def test_profile_then_override(tmp_path: Path) -> None:
    text = SMALL + "profiles: {quick: {training.epochs: 1, data.limit: 10}}\n"
    spec = study(tmp_path, text, "training.epochs=7", profile="quick")
    assert spec.settings.profile == "quick"
    assert spec.tree["training"] == {"lr": {"min": 1e-4, "max": 1e-1, "log": True}, "epochs": 7}
    assert spec.tree["data"] == {"dataset": "digits", "limit": 10}
    with pytest.raises(SpecError, match="did you mean 'quick'"):
        study(tmp_path, text, profile="quik")


LIST = """\
model: {encoder: "L(32)", latent: 8}
training: {epochs: 1, seed: 10}
search: {method: list, seeds: 2}
variants:
  plain: {}
  wide: {model.encoder: "L(64)", training.lr: 0.01}
"""


def test_a_list_runs_its_variants_with_each_seed(tmp_path: Path) -> None:
    spec = study(tmp_path, LIST)
    assert spec.budget == 4
    chosen: dict[str, Value] = {"variant": "wide", "seed": 1}
    configuration = spec.configuration(lambda key, _: chosen[key])
    assert (configuration.training.seed, configuration.training.lr) == (11, 0.01)
    assert spec.objectives[0].metric == "val_mse"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("model.encoder:", "model.encodr:"), "unknown key"),
        (("training.lr: 0.01", "training.lr: {min: 1, max: 2}"), "runs as it is"),
    ],
)
def test_a_wrong_variant_is_refused(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    with pytest.raises(SpecError, match=message):
        study(tmp_path, LIST.replace(*change))


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


ABLATION = """\
model: {encoder: {kind: conv, depth: {values: [2, 1]}, width: {values: [8, 16]}}, latent: 8}
training: {epochs: 1, lr: {values: [0.01, 0.1]}}
search: {method: ablation, seeds: 2}
"""


def test_an_ablation_varies_one_factor_at_a_time(tmp_path: Path) -> None:
    spec = study(tmp_path, ABLATION)
    runs = spec.runs()
    baseline = {
        "model.encoder.depth": 2,
        "model.encoder.width.1": 8,
        "model.encoder.width.2": 8,
        "training.lr": 0.01,
    }
    shallow = {k: v for k, v in baseline.items() if k != "model.encoder.width.2"}
    assert runs[0] == {**baseline, "seed": 0}
    assert [{k: v for k, v in run.items() if k != "seed"} for run in runs[:5]] == [
        baseline,
        {**shallow, "model.encoder.depth": 1},
        {**baseline, "model.encoder.width.1": 16},
        {**baseline, "model.encoder.width.2": 16},
        {**baseline, "training.lr": 0.1},
    ]
    assert [run["seed"] for run in runs] == [0] * 5 + [1] * 5
    assert spec.budget == len(runs) == 10
    assert spec.configuration(lambda key, _: runs[-1][key]).training.seed == 1


def test_pairs_are_varied_together_on_request(tmp_path: Path) -> None:
    runs = study(tmp_path, ABLATION, "search.pairs=true", "search.seeds=1").runs()
    assert any(run["model.encoder.depth"] == 1 and run["training.lr"] == 0.1 for run in runs)
    assert len(runs) == len({tuple(sorted(run.items())) for run in runs})


def test_a_misspelt_encoder_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"small.yaml:5: model.encodr: .*did you mean 'encoder'"):
        study(tmp_path, SMALL.replace("  encoder:", "  encodr:"))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("{min: 1, max: 10, step: 4}", IntRange(1, 9, step=4)),
        ("{min: 2, max: 10, step: 4}", IntRange(2, 10, step=4)),
        ("{min: 7, max: 7, step: 4}", IntRange(7, 7, step=4)),
    ],
)
def test_a_range_ends_where_its_steps_end(tmp_path: Path, written: str, expected: IntRange) -> None:
    spec = study(tmp_path, SMALL, f"model.latent={written}")
    assert spec.domains()["model.latent"] == expected


@pytest.mark.parametrize(("high", "last"), [("0.3", 0.3), ("0.35", 0.3), ("0.4", 0.4)])
def test_steps_of_real_numbers_are_decimal(tmp_path: Path, high: str, last: float) -> None:
    spec = study(tmp_path, SMALL, f"training.lr={{min: 0.1, max: {high}, step: 0.1}}")
    assert spec.domains()["training.lr"] == FloatRange(0.1, last, step=0.1)


def test_a_claim_of_an_unknown_variant_is_refused(tmp_path: Path) -> None:
    claim = "claims: [{variant: wied, metric: val_mse, value: 1.0, source: us}]\n"
    text = (
        "data: {dataset: digits}\nmodel: {encoder: 'C(8)'}\nsearch: {method: list}\n"
        "variants: {plain: {}, wide: {model.encoder: 'C(16)'}}\n"
    )
    assert study(tmp_path, text + claim.replace("wied", "wide")).settings.claims
    with pytest.raises(SpecError, match=r"claims.0.variant: unknown variant; did you mean 'wide'"):
        study(tmp_path, text + claim)
