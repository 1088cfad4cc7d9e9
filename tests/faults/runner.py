"""Runs the study `tiny` in a process of its own and tells what happens, one JSON line each."""

import json
import sys
from collections.abc import Mapping, Sequence

from autoae.search.observer import SilentObserver
from autoae.search.run import RunOptions, run_study


class Teller(SilentObserver):
    """Writes to stdout."""

    def trial_started(self, number: int, notation: str, costs: Mapping[str, float]) -> None:
        _tell("started", number, notation, costs)

    def epoch(self, number: int, epoch: int, epochs: int, metrics: Mapping[str, float]) -> None:
        _tell("epoch", number, epoch, epochs, metrics)

    def trial_finished(self, number: int, state: str, values: Sequence[float], reason: str) -> None:
        _tell("finished", number, state, reason, values)

    def log(self, message: str) -> None:
        _tell("log", message)


def _tell(*words: object) -> None:
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


def main(url: str, workers: str) -> int:
    """Exit as the command line does."""
    outcome = run_study("tiny", url, RunOptions(workers=int(workers)), Teller())
    _tell("ended", outcome.stopped_because)
    return 130 if outcome.interrupted else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
