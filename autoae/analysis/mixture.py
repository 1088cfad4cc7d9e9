"""Whether the trials of one study ran on the same versions and devices."""

from collections.abc import Iterator, Mapping, Sequence

from autoae.analysis.repetition import VERSIONS, Facts, versions_of

_FACTS = ("git_commit", "device_name", "cuda", "precision")
_NAMED = 5
"""Trials that are named; of more their number says enough."""


def mixtures(study: str, environments: Mapping[int, Facts]) -> Iterator[str]:
    """What differs between the trainings of a study, in words, and last what to do about it.

    The figures of such trials differ a little by that alone, so the smallest of differences
    between them says nothing.

    Args:
        study: Its name.
        environments: Of each trial, as its run folder keeps it; empty where it is not known.
    """
    known = {number: _compared(facts) for number, facts in environments.items() if facts}
    odd = set[int]()
    for name in (*VERSIONS, *_FACTS):
        kinds = _kinds(name, known)
        if len(kinds) > 1:
            words = ", ".join(f"{kind} ({_named(trials)})" for kind, trials in kinds.items())
            yield f"the trials ran with different {name.replace('_', ' ')}: {words}"
            odd.update(*[*kinds.values()][1:])
    if odd:
        yield (
            "small differences between such trials may come of that alone: compare trials of one "
            "kind, or train them again on one machine, by the command that "
            f"`autoae trial reproduce {study} {min(odd)}` prints"
        )


def _kinds(name: str, known: Mapping[int, Facts]) -> dict[str, list[int]]:
    """The trials by what they ran with, the most frequent first."""
    kinds: dict[str, list[int]] = {}
    for number, facts in known.items():
        # What one side does not know, as the commit of an installed package, counts for nothing.
        if facts.get(name) is not None:
            kinds.setdefault(str(facts[name]), []).append(number)
    return dict(sorted(kinds.items(), key=lambda kind: -len(kind[1])))


def _named(trials: Sequence[int]) -> str:
    if len(trials) > _NAMED:
        return f"{len(trials)} trials"
    return f"trial{'s' if len(trials) > 1 else ''} {', '.join(map(str, trials))}"


def _compared(facts: Facts) -> Facts:
    return {**versions_of(facts), **{name: facts.get(name) for name in _FACTS}}
