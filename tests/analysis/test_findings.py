"""Which trial to take home, and what follows."""

from dataclasses import replace

from autoae.analysis.effects import effects
from autoae.analysis.evidence import Following, TestOpening, gather
from autoae.analysis.findings import findings
from autoae.analysis.ledger import Interval
from autoae.analysis.winner import candidates, winner
from autoae.spec.confirmation import ConfirmationOptions, confirmation_of
from autoae.store.snapshot import StudySnapshot
from tests.snapshots import START
from tests.studies import ABLATION, repeated, searched, spec, two_objectives


def confirmed(study: StudySnapshot) -> StudySnapshot:
    chosen = {each.number: dict(each.configuration) for each in candidates(study, 3)}
    return repeated(confirmation_of(spec(), chosen, "again", ConfirmationOptions(3, 5)))


def test_without_new_seeds_the_best_is_taken_and_said_to_be_unconfirmed() -> None:
    study = searched(spec())
    best = winner(study)
    assert best is not None
    assert best.trial == candidates(study, 1)[0].number
    assert best.rule.endswith("not confirmed")
    found = findings(gather(study, spec()))
    assert any("luck" in each.text for each in found.unsettled)
    assert any("sealed" in each.text for each in found.unsettled)


def test_with_several_objectives_the_nearest_to_the_ideal_point_is_taken() -> None:
    study = searched(two_objectives())
    ordered = [trial for trial in study.trials if trial.state == "COMPLETE"][:3]
    corners = [(0.9, 0.1), (0.7, 0.001), (0.89, 0.002)]
    made = tuple(
        replace(trial, values=values) for trial, values in zip(ordered, corners, strict=True)
    )
    first = candidates(replace(study, trials=made), 3)[0]
    assert first.values == (0.89, 0.002)


def test_findings_rest_on_new_seeds_the_ablation_and_the_test_images() -> None:
    study = searched(spec())
    again, around = confirmed(study), spec(ABLATION, "around")
    best = winner(study, again)
    assert best is not None
    assert len(best.again) == 3
    figures = {trial.number: {"test_accuracy": 0.9} for trial in again.trials}
    opening = TestOpening(1, START, figures, {})
    ledger = effects(repeated(around), around.domains())
    found = findings(gather(study, spec(), following=Following(again, opening, ledger)))
    text = "\n".join(each.text for each in found.use)
    assert f"Use trial {best.trial}" in text
    assert "On test images it reaches test_accuracy 0.9 over 3 seeds." in text
    claimed = {effect.knob for effect in ledger.claims if effect.metric == "val_accuracy"}
    assert claimed
    assert all(knob in text for knob in claimed)
    # A knob stands in one place only.
    others = "\n".join(each.text for each in (*found.skip, *found.unsettled))
    assert not any(knob in others for knob in claimed)
    told = {effect.knob for effect in ledger.of("val_accuracy") if effect.kind == "level"}
    assert all(knob in text + others for knob in told)


def test_a_hint_that_does_not_stand_is_neither_dismissed_nor_claimed() -> None:
    study, around = searched(spec()), spec(ABLATION, "around")
    ledger = effects(repeated(around), around.domains())
    knob = next(e.knob for e in ledger.of("val_accuracy") if e.kind == "level")

    def told(low: float) -> tuple[str, str]:
        changed = tuple(
            replace(e, verdict="no evidence", interval=Interval(low, 0.02)) if e.knob == knob else e
            for e in ledger.effects
        )
        following = Following(ablation=replace(ledger, effects=changed))
        found = findings(gather(study, spec(), following=following))
        return str([e.text for e in found.skip]), str([e.text for e in found.unsettled])

    skipped, unsettled = told(-0.01)
    assert knob in skipped
    assert knob not in unsettled
    skipped, unsettled = told(0.001)
    assert knob not in skipped
    assert knob in unsettled
