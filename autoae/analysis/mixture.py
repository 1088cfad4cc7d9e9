"""Whether the trials of one study ran on the same versions and devices."""

from collections import Counter
from collections.abc import Iterable, Iterator

from autoae.analysis.repetition import VERSIONS, Facts, versions_of

_FACTS = ("git_commit", "device_name", "precision")


def mixtures(environments: Iterable[Facts]) -> Iterator[str]:
    """What differs between the trainings of a study, in words.

    The figures of such trials differ a little by that alone, so the smallest of differences
    between them says nothing.

    Args:
        environments: Of each trial, as its run folder keeps it; empty where it is not known.
    """
    known = [_compared(each) for each in environments if each]
    for name in (*VERSIONS, *_FACTS):
        # What one side does not know, as the commit of an installed package, counts for nothing.
        counts = Counter(str(each[name]) for each in known if each.get(name) is not None)
        if len(counts) > 1:
            words = ", ".join(f"{value} ({count})" for value, count in counts.most_common())
            yield f"the trials ran with different {name.replace('_', ' ')}: {words}"


def _compared(facts: Facts) -> Facts:
    return {**versions_of(facts), **{name: facts.get(name) for name in _FACTS}}
