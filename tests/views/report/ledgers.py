"""A ledger of effects as an ablation would fill it."""

from autoae.analysis.ledger import CostChange, Effect, Interval, Ledger, Verdict


def effect(
    knob: str, level: str, estimate: float | None, verdict: Verdict, metric: str = "val_accuracy"
) -> Effect:
    """An effect whose interval is a hundredth to each side."""
    middle = estimate or 0.0
    known = estimate is not None
    return Effect(
        knob=knob,
        level=level,
        reference="false",
        kind="level",
        metric=metric,
        direction="maximize",
        estimate=estimate,
        interval=Interval(middle - 0.01, middle + 0.01) if known else None,
        simultaneous=Interval(middle - 0.02, middle + 0.02) if known else None,
        p=0.001 if known else None,
        corrected_p=0.004 if known else None,
        comparisons=4,
        count=4,
        reference_count=4,
        trials=(4, 5, 6, 7),
        epoch=None,
        verdict=verdict,
        reason="" if known else "1 seed, 5 are needed",
        detectable=0.015 if known else None,
        needed=9,
        costs=(CostChange("params", 120.0, 1000.0, None),),
    )


def ledger(*effects: Effect, problem: str | None = None) -> Ledger:
    """A ledger of paired seeds."""
    metrics = tuple(dict.fromkeys(each.metric for each in effects))
    return Ledger(
        study="ablation",
        design="paired",
        baseline={"training.lr": 0.01},
        metrics=metrics,
        effects=effects,
        states={"complete": 16},
        seeds=(0, 1, 2, 3),
        method=("Differences of the same seed, Student's t.",),
        notices=("model.activation never varied",),
        problem=problem,
    )


FULL = (
    effect("model.batch_norm", "true", 0.03, "helps"),
    effect("training.lr", "0.1", -0.06, "hurts"),
    effect("model.dropout", "0.1", 0.001, "no evidence"),
    effect("order_seed", "1", None, "too few trials"),
)
