"""Trials of a stack are trials like any others."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import optuna
import pytest
import torch
from safetensors.numpy import load_file

from autoae.search.messages import CoordinatorGoneError
from autoae.search.results import Results
from autoae.search.run import RunOptions, run_study
from autoae.store.commands import StudyCommands
from autoae.store.runs import run_root, trial_folder
from autoae.store.storage import close_storage, open_storage
from autoae.store.studies import load_study
from autoae.training.member import Member
from autoae.training.stacks.replay import Figures
from autoae.training.stacks.stack import Stack
from tests.search.support import Recorder, create, launch_thread, run, snapshot, tiny

FIXED = """\
data: {limit: 100, validation: 40}
model: {encoder: L(8), latent: 3, task: classify}
training: {lr: {min: 1e-3, max: 1e-1, log: true}, batch_size: 32, epochs: 2}
loss: {alpha: {min: 0.5, max: 2.0}}
"""
LIST = """\
loss: {alpha: 0.7}
variants:
  plain: {training.lr: 0.01}
  deep: {training.lr: 0.01, model.encoder: L(8) > L(8)}
"""


@pytest.fixture
def sizes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many members every stack had that was made."""
    made = list[int]()
    whole = Stack.__init__

    def init(stack: Stack, members: Sequence[Member]) -> None:
        made.append(len(members))
        whole(stack, members)

    monkeypatch.setattr(Stack, "__init__", init)
    return made


def figures(url: str, name: str) -> dict[str, dict[str, float]]:
    """The metrics of all complete trials, by what was trained."""
    measured = {"samples_per_second"}
    return {
        str(trial.configuration): {k: v for k, v in trial.metrics.items() if k not in measured}
        for trial in snapshot(url, name).of_state("COMPLETE")
    }


def test_seeds_of_a_variant_are_one_stack_with_the_figures_of_single_trials(
    url: str, sizes: list[int]
) -> None:
    search = "search: {{method: list, seeds: 3, stack: {}}}\n"
    for stack in ("4", "off"):
        create(url, tiny(search.format(stack) + LIST, text=FIXED.partition("loss")[0], name=stack))
        run_named(url, stack)
    assert sizes == [3, 3]
    found, expected = figures(url, "4"), figures(url, "off")
    assert len(found) == 6
    assert found == {key: pytest.approx(value, rel=1e-4) for key, value in expected.items()}
    trials = snapshot(url, "4").trials
    assert [trial.params for trial in trials] == [
        {"variant": variant, "seed": seed} for variant in ("plain", "deep") for seed in range(3)
    ]


def test_a_run_folder_holds_what_a_training_alone_leaves(url: str) -> None:
    for stack in ("2", "off"):
        text = f"search: {{method: random, pruner: none, trials: 2, stack: {stack}}}\n"
        create(url, tiny(text, text=FIXED, name=stack))
        run_named(url, stack)
    ours, theirs = (trial_folder(run_root(url), stack, 1) for stack in ("2", "off"))
    assert _names(ours.path.iterdir()) == _names(theirs.path.iterdir())
    assert load_file(ours.weights).keys() == load_file(theirs.weights).keys()
    kept, known = (torch.load(each.checkpoint, weights_only=True) for each in (ours, theirs))
    assert [member.keys() for member in kept["members"]] == [
        member.keys() for member in known["members"]
    ]
    facts = (json.loads(each.environment.read_text())["stack"] for each in (ours, theirs))
    assert list(facts) == [2, 1]
    states = (each["members"][0]["optimizer"]["state"] for each in (kept, known))
    torch.testing.assert_close(*(_shapes(state) for state in states))


def _names(paths: Iterator[object]) -> set[str]:
    return {str(path).rpartition("/")[2] for path in paths}


def _shapes(state: dict[int, dict[str, torch.Tensor]]) -> dict[int, dict[str, torch.Tensor]]:
    """Empty tensors of the same types, and steps."""
    return {
        place: {name: each if name == "step" else each * 0 for name, each in own.items()}
        for place, own in state.items()
    }


def run_named(url: str, name: str) -> None:
    run_study(name, url, RunOptions(), Recorder(), launch=launch_thread)


def test_a_sampler_is_asked_for_companions_of_the_network_that_it_drew(
    url: str, sizes: list[int]
) -> None:
    text = FIXED.replace("latent: 3", "latent: {min: 2, max: 9}")
    create(url, tiny("search: {trials: 8, pruner: none, stack: 3}\n", text=text))
    run(url)
    trials = snapshot(url).trials
    assert [trial.state for trial in trials] == ["COMPLETE"] * 8
    assert sizes == [3, 3, 2]
    latents = [trial.params["model.latent"] for trial in trials]
    assert latents == [latents[0]] * 3 + [latents[3]] * 3 + [latents[6]] * 2
    assert len({trial.params["training.lr"] for trial in trials}) == 8


def test_without_being_asked_for_nothing_is_stacked_on_a_cpu(
    url: str, sizes: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Even where there is a driver: what a worker finds decides.
    monkeypatch.setattr("autoae.search.stacking._may_have_gpu", lambda: True)
    create(url, tiny("search: {trials: 2, pruner: none}\n", text=FIXED))
    run(url)
    assert [trial.state for trial in snapshot(url).trials] == ["COMPLETE"] * 2
    assert sizes == []


def test_members_are_pruned_at_rungs_and_the_others_go_on(url: str, sizes: list[int]) -> None:
    text = FIXED.replace("epochs: 2", "epochs: 5").replace("min: 1e-3", "min: 1e-7")
    create(url, tiny("search: {method: random, trials: 8, stack: 8}\n", text=text))
    run(url)
    trials = snapshot(url).trials
    states = Counter(trial.state for trial in trials)
    assert states["PRUNED"] + states["COMPLETE"] == 8
    assert states["PRUNED"] >= 3
    assert sizes[0] == 8
    assert sizes == sorted(sizes, reverse=True)
    for trial in trials:
        assert trial.epochs in ({5} if trial.state == "COMPLETE" else {1, 4})
        assert len(trial.curve) == trial.epochs
        assert trial_folder(run_root(url), "tiny", trial.number).checkpoint.exists()


def test_a_member_that_diverges_fails_alone(url: str) -> None:
    text = FIXED.replace("{min: 1e-3, max: 1e-1, log: true}", "{values: [0.01, 1.0e+30]}")
    create(url, tiny("search: {method: random, pruner: none, trials: 6, stack: 6}\n", text=text))
    run(url)
    failed = {trial.params["training.lr"]: trial for trial in snapshot(url).of_state("FAIL")}
    assert failed.keys() == {1.0e30}
    assert "not finite in epoch 1 (learning rate 1e+30)" in failed[1.0e30].reason
    complete = snapshot(url).of_state("COMPLETE")
    assert {trial.params["training.lr"] for trial in complete} == {0.01}
    assert all(trial.epochs == 2 for trial in complete)


def test_want_of_memory_is_said_and_costs_no_trial(
    url: str, sizes: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Stack.step

    def step(stack: Stack, images: torch.Tensor, *others: torch.Tensor) -> Figures:
        if len(images) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return whole(stack, images, *others)

    monkeypatch.setattr(Stack, "step", step)
    create(url, tiny("search: {method: random, pruner: none, trials: 4, stack: 4}\n", text=FIXED))
    heard = Recorder()
    run(url, heard)
    assert sizes == [4, 2, 2]
    assert [trial.state for trial in snapshot(url).trials] == ["COMPLETE"] * 4
    assert "trials 0, 1, 2, 3: no memory for a stack of 4: 2 at a time" in heard.messages


def test_a_trial_that_does_not_fit_by_estimate_passes_in_parts(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autoae.training.memory.free_bytes", lambda _: 1)
    create(url, tiny("search: {method: random, pruner: none, trials: 1}\n", text=FIXED))
    heard = Recorder()
    run(url, heard)
    assert [trial.state for trial in snapshot(url).trials] == ["COMPLETE"]
    assert heard.messages == ["trial 0: batches pass in 16 parts, for want of memory"]


def test_a_trial_whose_files_cannot_be_written_fails_alone(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, number in (("epoch", 0), ("end", 2)):
        whole = getattr(Results, name)

        def broken(results: Results, number: int = number, whole: object = whole) -> None:
            assert callable(whole)
            if results._folder.path.name == str(number):
                raise OSError("read-only file system")
            whole(results)

        monkeypatch.setattr(Results, name, broken)
    create(url, tiny("search: {method: random, pruner: none, trials: 4, stack: 4}\n", text=FIXED))
    run(url)
    trials = snapshot(url).trials
    assert [trial.state for trial in trials] == ["FAIL", "COMPLETE", "FAIL", "COMPLETE"]
    assert {trials[n].reason for n in (0, 2)} == {"OSError: read-only file system"}


class _Asks(Recorder):
    """Asks for something once an epoch of a trial was told."""

    def __init__(self, url: str, number: int, what: str) -> None:
        super().__init__()
        self._url, self._number, self._what = url, number, what

    def epoch(self, number: int, epoch: int, epochs: int, metrics: Mapping[str, float]) -> None:
        super().epoch(number, epoch, epochs, metrics)
        if (number, epoch) == (self._number, 1):
            storage = open_storage(self._url)
            commands = StudyCommands(storage, load_study(storage, "tiny"))
            commands.stop() if self._what == "stop" else commands.prune(number)
            close_storage(storage)


LONG = FIXED.replace("epochs: 2", "epochs: 40")


def test_a_stop_loses_nothing_and_the_next_run_goes_on_as_a_stack(
    url: str, sizes: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autoae.search.inbox.POLL_SECONDS", 0)
    create(url, tiny("search: {method: random, pruner: none, trials: 3, stack: 3}\n", text=LONG))
    run(url, _Asks(url, 2, "stop"))
    assert Counter(trial.state for trial in snapshot(url).trials) == {"FAIL": 3, "WAITING": 3}
    run(url)
    again = snapshot(url).of_state("COMPLETE")
    assert [len(trial.curve) for trial in again] == [40] * 3
    plain = optuna.load_study(study_name="tiny", storage=url).get_trials(deepcopy=False)
    assert all(0 < trial.user_attrs["resumed"] < 40 for trial in plain[3:])
    assert sizes == [3, 3]


def test_one_of_a_stack_is_pruned_on_request_and_the_process_lives(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autoae.search.inbox.POLL_SECONDS", 0)
    monkeypatch.setattr("autoae.search.coordinator.PATIENCE_SECONDS", 0)
    create(url, tiny("search: {method: random, pruner: none, trials: 3, stack: 3}\n", text=LONG))
    run(url, _Asks(url, 1, "prune"))
    assert [trial.state for trial in snapshot(url).trials] == ["COMPLETE", "PRUNED", "COMPLETE"]


def test_trials_of_a_worker_that_dies_are_all_tried_again(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, dead = Stack.step, list[int]()

    def step(stack: Stack, images: torch.Tensor, *others: torch.Tensor) -> Figures:
        if not dead:
            dead.append(len(images))
            raise CoordinatorGoneError
        return whole(stack, images, *others)

    monkeypatch.setattr(Stack, "step", step)
    create(url, tiny("search: {method: random, pruner: none, trials: 3, stack: 3}\n", text=FIXED))
    run(url)
    trials = snapshot(url).trials
    assert [trial.state for trial in trials] == ["FAIL"] * 3 + ["COMPLETE"] * 3
    assert [trial.retried_from for trial in trials[3:]] == [0, 1, 2]
