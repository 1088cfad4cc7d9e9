"""Reads whole trials from the rows of Optuna's tables.

Optuna loads an object for every row, with queries for every table: here one query reads what many
trials have in all of them. Tests compare what comes of it with what Optuna itself reads.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from sys import intern
from typing import Any, TypeVar

from optuna.distributions import BaseDistribution, json_to_distribution
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy import (
    ColumnElement,
    Connection,
    Float,
    FromClause,
    Row,
    Select,
    Subquery,
    TableClause,
    Text,
    and_,
    bindparam,
    case,
    cast,
    column,
    literal,
    null,
    or_,
    select,
    true,
    union_all,
)

from autoae.store.rows import CURVES, OPEN, PARAMS, SYSTEM, TRIALS, USER, VALUES
from autoae.store.schema import BLOCK, SPECIAL_VALUES


@dataclass(frozen=True)
class Extent:
    """How much is read of each trial, for whoever keeps thousands of them in memory.

    When a trial that has ended began and ended is not read at all.

    Attributes:
        of_open: The user attributes of those that wait or run, beside `of_ended`.
        of_ended: Those of the others.
        params: Whether the parameters of those that are complete are read.
        curves: Likewise, their intermediate values.
    """

    of_open: frozenset[str]
    of_ended: frozenset[str]
    params: bool = True
    curves: bool = True


def read_these(
    connection: Connection, identities: Collection[int], extent: Extent | None = None
) -> list[FrozenTrial]:
    """Some trials in the order of their identities; those that have ended are not to be changed.

    Args:
        connection: To read from.
        identities: Which; of those that are not there is nothing.
        extent: How much is read of each; everything unless given.
    """
    given = {"these": list(identities)}
    return _trials(connection, connection.execute(_heads(extent)[0], given).all(), extent)


def read_newer(
    connection: Connection, study: int, than: int, extent: Extent | None = None
) -> list[FrozenTrial]:
    """The trials of a study whose identities are larger than one, likewise."""
    given = {"study": study, "than": than}
    return _trials(connection, connection.execute(_heads(extent)[1], given).all(), extent)


@lru_cache
def _heads(extent: Extent | None) -> tuple[Select[Any], Select[Any]]:
    """What the table of trials has of some, and of the newer ones of a study.

    Statements are made once: to make one takes as long as to run it.
    """
    trials = TRIALS.c
    moments = (trials.datetime_start, trials.datetime_complete)
    timed = true() if extent is None else trials.state.in_(OPEN)
    kept = (case((timed, moment)).label(moment.name) for moment in moments)
    query = select(trials.trial_id, trials.number, trials.state, *kept).order_by("trial_id")
    newer = trials.study_id == bindparam("study"), trials.trial_id > bindparam("than")
    return query.where(_among("these", TRIALS)), query.where(*newer)


def _trials(
    connection: Connection, heads: Sequence[Row[Any]], extent: Extent | None
) -> list[FrozenTrial]:
    # A trial is named twice in a statement: among all, and among those that are open or complete.
    trials, size = list[FrozenTrial](), BLOCK // 2
    for start in range(0, len(heads), size):
        trials += _block(connection, heads[start : start + size], extent)
    return trials


def _block(
    connection: Connection, heads: Sequence[Row[Any]], extent: Extent | None
) -> list[FrozenTrial]:
    given = {"these": [head.trial_id for head in heads]}
    if extent is not None:
        given["open"] = [head.trial_id for head in heads if head.state in OPEN]
        given["complete"] = [head.trial_id for head in heads if head.state == TrialState.COMPLETE]
    parts: dict[int, tuple[list[_Part], ...]] = {
        each: ([], [], [], [], []) for each in given["these"]
    }
    for kind, identity, *part in connection.execute(_belongings(extent), given).all():
        parts[identity][kind].append(tuple(part))
    return [_trial(head, *parts[head.trial_id]) for head in heads]


@lru_cache
def _belongings(extent: Extent | None) -> Select[Any]:
    """What the other tables have of some trials, of which `open` and `complete` are told."""
    part, query = _PARTS.c, select(_PARTS).where(_among("these", _PARTS))
    if extent is None:
        return query
    named = part.name.in_(extent.of_ended)
    kept = or_(named, and_(part.name.in_(extent.of_open), _among("open", _PARTS)))
    left_out = [_PARAM_PART] * (not extent.params) + [_CURVE_PART] * (not extent.curves)
    of_others = or_(part.kind.not_in(left_out), ~_among("complete", _PARTS))
    return query.where(or_(part.kind != _USER_PART, kept), of_others)


def _among(name: str, source: FromClause) -> ColumnElement[bool]:
    """Whether a row belongs to one of the trials that are given under this name."""
    return source.c.trial_id.in_(bindparam(name, expanding=True))


_Name = TypeVar("_Name")
_Value = TypeVar("_Value")
_Part = tuple[int, str, float, str]
"""Place, name, number and text; what does not apply is empty."""


def _parts() -> Subquery:
    """Everything that belongs to trials, in one form: one query is faster than five."""
    queries: tuple[tuple[TableClause, ColumnElement[Any], str, str, str], ...] = (
        # In the order in which they were drawn.
        (PARAMS, column("param_id"), "param_name", "param_value", "distribution_json"),
        (VALUES, VALUES.c.objective, "", "value", "value_type"),
        (CURVES, CURVES.c.step, "", "intermediate_value", "intermediate_value_type"),
        (USER, literal(0), "key", "", "value_json"),
        (SYSTEM, literal(0), "key", "", "value_json"),
    )
    selects = [
        select(
            literal(kind).label("kind"),
            source.c.trial_id,
            place.label("place"),
            (source.c[name] if name else literal("")).label("name"),
            (source.c[number] if number else cast(null(), Float)).label("number"),
            cast(source.c[text], Text).label("text"),
        ).select_from(source)
        for kind, (source, place, name, number, text) in enumerate(queries)
    ]
    return union_all(*selects).subquery()


_PARTS = _parts()
_PARAM_PART, _CURVE_PART, _USER_PART = 0, 2, 3


def _trial(
    head: Row[Any],
    params: list[_Part],
    values: list[_Part],
    curve: list[_Part],
    user: list[_Part],
    system: list[_Part],
) -> FrozenTrial:
    is_open, drawn = head.state in OPEN, sorted(params)
    shared = domains(tuple((name, text) for _, name, _, text in drawn))
    numbers = {name: number for _, name, number, _ in drawn}
    chosen = {name: each.to_external_repr(numbers[name]) for name, each in shared.items()}
    reported = {step: SPECIAL_VALUES.get(kind, value) for step, _, value, kind in curve}
    return FrozenTrial(
        number=head.number,
        state=head.state,
        value=None,
        values=[SPECIAL_VALUES.get(kind, value) for _, _, value, kind in sorted(values)] or None,
        datetime_start=_local(head.datetime_start),
        datetime_complete=_local(head.datetime_complete),
        params=_kept(chosen, is_open),
        # Optuna adds to those of a trial that is drawn.
        distributions=dict(shared) if is_open else shared,
        user_attrs=_kept(_attributes(user), is_open),
        system_attrs=_kept(_attributes(system), is_open),
        intermediate_values=_kept(reported, is_open),
        trial_id=head.trial_id,
    )


_NONE: dict[Any, Any] = {}
"""In the place of the empty dictionaries of all trials that have ended: they would take a third of
the memory of a trial."""


def _kept(found: dict[_Name, _Value], is_open: bool) -> dict[_Name, _Value]:
    return found if found or is_open else _NONE


def _attributes(parts: list[_Part]) -> dict[str, Any]:
    return {intern(name): json.loads(text) for _, name, _, text in parts}


@lru_cache(maxsize=1024)
def domains(texts: tuple[tuple[str, str], ...]) -> dict[str, BaseDistribution]:
    """What parameters were drawn from, by name; a study has a few of these, and many trials."""
    return {name: distribution(text) for name, text in texts}


@lru_cache(maxsize=1024)
def distribution(text: str) -> BaseDistribution:
    """The range that a parameter was drawn from."""
    return json_to_distribution(text)


def _local(moment: datetime | None) -> datetime | None:
    # Optuna keeps naive UTC, and gives naive local time.
    return None if moment is None else moment.replace(tzinfo=UTC).astimezone().replace(tzinfo=None)
