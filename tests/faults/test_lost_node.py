"""A cluster of two nodes loses one in mid-run: its trial goes on from its checkpoint."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from autoae.search.run import RunOptions, run_study
from autoae.search.shares import Shares
from autoae.store.runs import run_root, trial_folder
from tests.faults.invariants import curve, invariants
from tests.search.support import TINY, Recorder, create, run, snapshot, tiny

pytest.importorskip("ray", reason="Ray is not installed (pip install 'autoae[ray]')")
pytestmark = [
    pytest.mark.faults,
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::FutureWarning"),
]
SEARCH = "search: {method: random, pruner: none, seed: 3, trials: 4}\n"
TEXT = TINY.replace("epochs: 2", "epochs: 600")


@pytest.fixture
def cluster() -> Iterator[Any]:
    """A node with room for one worker."""
    from ray.cluster_utils import Cluster

    head = {"num_cpus": 1, "include_dashboard": False}
    found = Cluster(initialize_head=True, head_node_args=head)
    yield found
    found.shutdown()  # type: ignore[no-untyped-call]


class Loses(Recorder):
    """Removes the second node once both trials have a checkpoint, and keeps what that cost."""

    def __init__(self, url: str, cluster: Any, node: Any) -> None:
        super().__init__()
        self._folders = [trial_folder(run_root(url), "tiny", number) for number in (0, 1)]
        self._cluster, self._node = cluster, node
        self.lost = False

    def epoch(self, number: int, epoch: int, epochs: int, metrics: Mapping[str, float]) -> None:
        super().epoch(number, epoch, epochs, metrics)
        if not self.lost and all(folder.checkpoint.exists() for folder in self._folders):
            self.lost = True
            self._cluster.remove_node(self._node, allow_graceful=False)


def test_a_lost_node_loses_no_trial(url: str, cluster: Any, tmp_path_factory: Any) -> None:
    from autoae.search.cluster import connected

    create(url, tiny(SEARCH, text=TEXT))
    told = Loses(url, cluster, cluster.add_node(num_cpus=1))
    with connected(Shares(cluster.address), 2) as nodes:
        run_study("tiny", url, RunOptions(workers=2), told, launch=nodes.launch)
    assert told.lost
    found = invariants(url, budget=4)
    (lost,) = found.of_state("FAIL")
    assert "was lost with its node" in lost.reason
    (again,) = (trial for trial in found.trials if trial.retried_from == lost.number)
    assert again.state == "COMPLETE"
    assert any(f"trial {again.number} goes on after epoch" in each for each in told.messages)
    # As if nothing had happened: the same study on this machine has the same curves.
    other = f"sqlite:///{tmp_path_factory.mktemp('whole') / 'studies.db'}"
    create(other, tiny(SEARCH, text=TEXT))
    run(other)
    assert lost.number in (0, 1)
    assert _curve(url, again.number) == _curve(other, lost.number)
    expected = snapshot(other).trials[lost.number]
    assert (again.params, again.values) == (expected.params, expected.values)


def _curve(url: str, number: int) -> list[dict[str, float | None]]:
    return curve(trial_folder(run_root(url), "tiny", number))
