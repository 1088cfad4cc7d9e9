"""Variants that differ in nothing but their depth: series, plain and residual."""

import json
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass

from autoae.analysis.groups import Group
from autoae.spec.domains import Value
from autoae.store.snapshot import TrialSnapshot

_KINDS = {"false": "plain", "true": "residual", "matched": "residual, matched"}


@dataclass(frozen=True)
class DepthSeries:
    """Variants of one network at several depths.

    Attributes:
        name: `plain`, `residual` or `residual, matched`; with a variant where two are the same.
        groups: By depth, rising.
    """

    name: str
    groups: Mapping[int, Group]


def depth_series(groups: Sequence[Group]) -> tuple[DepthSeries, ...]:
    """The series of a list or an ablation; a single depth is none.

    Args:
        groups: Those of patterns with a depth count, layers in notation do not.
    """
    found: dict[str, dict[int, Group]] = {}
    for group in groups:
        pattern = _pattern(group.trials[0]) if group.trials else None
        if pattern is not None:
            depth, rest = pattern
            found.setdefault(rest, {})[depth] = group
    series = {rest: dict(sorted(each.items())) for rest, each in found.items() if len(each) > 1}
    return tuple(sorted((_named(rest, series) for rest in series), key=lambda each: each.name))


def _pattern(trial: TrialSnapshot) -> tuple[int, str] | None:
    """The depth of a pattern, and everything else that was trained, as text."""
    rest = deepcopy(dict(trial.configuration))
    encoder = _section(_section(rest, "model"), "encoder")
    depth = encoder.pop("depth", None)
    if not isinstance(depth, int) or encoder.get("layers") is not None:
        return None
    for section, key in (("training", "seed"), ("data", "order_seed")):
        _section(rest, section).pop(key, None)
    return depth, json.dumps(rest, sort_keys=True)


def _section(tree: Mapping[str, Value], name: str) -> dict[str, Value]:
    found = tree.get(name)
    return found if isinstance(found, dict) else {}


def _named(rest: str, series: Mapping[str, Mapping[int, Group]]) -> DepthSeries:
    name = _kind(rest)
    groups = series[rest]
    if sum(_kind(other) == name for other in series) > 1:
        name = f"{name} ({next(iter(groups.values())).name}, ...)"
    return DepthSeries(name, groups)


def _kind(rest: str) -> str:
    residual = _section(_section(json.loads(rest), "model"), "encoder").get("residual", False)
    return _KINDS[str(residual).lower()]
