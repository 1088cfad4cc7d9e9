"""Where the time of the workers of a search goes, from its first trial's start until it is over."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from ways import Life

WORDS = {
    "complete": "training of trials that ended complete",
    "pruned": "of those that were pruned",
    "unfinished": "of those that the clock cut off",
    "failed": "in trials that failed",
    "starting": "until a worker's first trial",
    "asking": "until the next was asked and planned",
    "building": "until its network was built",
    "rungs": "waiting at rungs",
    "ending": "from the last epoch to the end of a trial, a pruned one's wait at its rung included",
}
"""What a part of the time is, in the order in which it is told."""

Shares = Mapping[str, float]
"""Of the time of all workers, by the keys of `WORDS`."""


def shares(lives: Sequence[Life], seconds: float) -> Shares:
    """By the coordinator's clock; training by the workers'.

    Args:
        lives: All trials of a search.
        seconds: When it was over.
    """
    spent, workers = defaultdict[str, float](float), 0
    for _, own in groupby(sorted(lives, key=_order), key=lambda life: life.worker):
        workers += 1
        for part, took in _of_worker(own, seconds):
            spent[part] += max(0.0, took)
    return {part: spent[part] / (workers * seconds) for part in WORDS}


def told(found: Sequence[Shares]) -> str:
    """The mean over searches, parts of less than half a percent left out."""
    means = {part: sum(each[part] for each in found) / len(found) for part in WORDS}
    return ", ".join(f"{means[part]:.0%} {WORDS[part]}" for part in WORDS if means[part] >= 0.005)


def _order(life: Life) -> tuple[int, float]:
    return life.worker, life.begun


def _of_worker(lives: Iterator[Life], seconds: float) -> Iterator[tuple[str, float]]:
    free, waiting = 0.0, "starting"
    for life in lives:
        yield waiting, min(life.begun, seconds) - free
        if life.ended > seconds:
            yield "unfinished", seconds - life.begun
            return
        yield from _of_trial(life)
        free, waiting = life.ended, "asking"


def _of_trial(life: Life) -> Iterator[tuple[str, float]]:
    if not life.training:
        yield "failed", life.ended - life.begun
        return
    first, last, epoch = life.epochs[0], life.epochs[-1], life.training / len(life.epochs)
    yield "pruned" if life.value is None else "complete", life.training
    yield "building", first - epoch - life.begun
    yield "rungs", last - first - (len(life.epochs) - 1) * epoch
    yield "ending", life.ended - last
