"""Open the sealed test split: every finished trial of a study, or one model, looked at once."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import prod
from pathlib import Path

from autoae.analysis.classification import (
    class_figures,
    macro,
    normalized,
    wilson,
)
from autoae.data.images import Facts
from autoae.data.loading import load
from autoae.data.resident import ResidentData
from autoae.search.errors import SearchError
from autoae.search.shelf import Shelf
from autoae.spec.config import Configuration, DataOptions
from autoae.spec.metrics import SHARES
from autoae.store.evaluations import Baseline, Evaluation, TrialEvaluation
from autoae.store.runs import RunFolder, trial_folder
from autoae.store.snapshot import StudySnapshot
from autoae.training.baselines import Baselines
from autoae.training.examination import Examination, examine
from autoae.training.weights import WeightsError, load_network, read_description

Tell = Callable[[str], None]


@dataclass(frozen=True)
class _Candidate:
    """A network that may be examined."""

    number: int
    variant: str | None
    seed: int | None
    notation: str
    weights: Path


@dataclass(frozen=True)
class _Looked:
    """A trial that was examined."""

    evaluation: TrialEvaluation
    latent: int
    configuration: Configuration


def evaluate_study(
    study: StudySnapshot,
    root: Path,
    number: int,
    *,
    only: int | None = None,
    device: str = "auto",
    tell: Tell,
) -> Evaluation:
    """Examine every complete trial that has its weights, and the baselines beside them.

    Nothing is written or counted here.

    Args:
        study: At this moment.
        root: The directory of all run folders.
        number: Which opening it is, from 1.
        only: The one trial to look at; all of them unless given.
        device: Where, by its name.
        tell: Is told what is being done.

    Raises:
        SearchError: No trial has its weights, or there are no test images.
        DataError: The images are missing or damaged.
    """
    candidates = [
        _Candidate(
            trial.number,
            trial.variant,
            trial.seed,
            trial.notation,
            trial_folder(root, study.name, trial.number).weights,
        )
        for trial in study.of_state("COMPLETE")
        if only in (None, trial.number)
    ]
    return _Opening(study.name, candidates, device, tell).evaluation(number)


def evaluate_model(folder: RunFolder, number: int, *, device: str, tell: Tell) -> Evaluation:
    """Examine one network that belongs to no study, as trial 0, and the baselines beside it.

    Args:
        folder: Where its files are.
        number: Which opening it is, from 1.
        device: Where, by its name.
        tell: Is told what is being done.

    Raises:
        WeightsError: It is no model, or its files are damaged or changed.
        SearchError: There are no test images.
        DataError: The images are missing or damaged.
    """
    network, description = load_network(folder.weights)
    seed, notation = description.configuration.training.seed, network.plan.notation
    candidate = _Candidate(0, None, seed, notation, folder.weights)
    return _Opening(folder.path.name, [candidate], device, tell).evaluation(number)


class _Opening:
    def __init__(
        self, name: str, candidates: Sequence[_Candidate], device: str, tell: Tell
    ) -> None:
        self._name, self._candidates, self._device, self._tell = name, candidates, device, tell
        self._shelf = Shelf()
        self._missing: dict[int, str] = {}

    def evaluation(self, number: int) -> Evaluation:
        """Everything, trial by trial within one kind of images after the other."""
        kinds = self._by_images()
        names, looked, baselines = list[str](), list[_Looked](), list[Baseline]()
        for options, candidates in kinds:
            data = self._shelf.data(options, self._device)
            _check_test(data)
            here = [each for candidate in candidates for each in self._look(candidate, data)]
            names.append(data.facts.name)
            looked += here
            baselines += self._baselines(options, here, alone=len(kinds) == 1)
        if not looked:
            raise SearchError(
                f"no complete trial of study {self._name!r} has its weights",
                hint="they are `best.safetensors` in the run folders; run the study anew",
            )
        found = sorted((each.evaluation for each in looked), key=lambda each: each.trial)
        return Evaluation(
            study=self._name,
            number=number,
            opened=datetime.now().astimezone(),
            datasets=tuple(dict.fromkeys(names)),
            trials=tuple(found),
            baselines=tuple(baselines),
            missing=self._missing,
        )

    def _by_images(self) -> list[tuple[DataOptions, list[_Candidate]]]:
        """The candidates with weights, those of the same images together."""
        kinds: dict[str, tuple[DataOptions, list[_Candidate]]] = {}
        for candidate in self._candidates:
            options = self._options(candidate)
            if options is not None:
                key = options.model_dump_json(exclude={"order_seed"})
                kinds.setdefault(key, (options, []))[1].append(candidate)
        return list(kinds.values())

    def _options(self, candidate: _Candidate) -> DataOptions | None:
        try:
            if not candidate.weights.exists():
                raise WeightsError("its weights are gone")
            return read_description(candidate.weights).configuration.data
        except WeightsError as error:
            self._missing[candidate.number] = error.message
            return None

    def _look(self, candidate: _Candidate, data: ResidentData) -> Iterator[_Looked]:
        self._tell(f"trial {candidate.number}: {candidate.notation}")
        try:
            network, description = load_network(candidate.weights)
        except WeightsError as error:
            self._missing[candidate.number] = error.message
            return
        found = examine(network.to(data.device), description.configuration, data)
        looked = _evaluated(candidate, found, data)
        yield _Looked(looked, prod(network.plan.latent), description.configuration)

    def _baselines(
        self, options: DataOptions, looked: Sequence[_Looked], *, alone: bool
    ) -> Iterator[Baseline]:
        if not looked:
            return
        self._tell("baselines, fitted to the training images")
        found = Baselines(load(options))
        draw = [each for each in looked if "test_mse" in each.evaluation.figures]
        suffix = "" if alone else f" (images of trial {looked[0].evaluation.trial})"
        for kind, answering in _by_answer(looked).items():
            majority = _named(found.majority(answering[0].configuration))
            yield Baseline(f"{_MAJORITY[kind]}{suffix}", _numbers(answering), majority)
        if draw:
            yield Baseline(f"mean image{suffix}", _numbers(draw), _named(found.mean_image()))
        for latent in sorted({each.latent for each in draw}):
            figures = found.principal_components(latent)
            if figures is not None:
                numbers = _numbers(each for each in draw if each.latent == latent)
                yield Baseline(f"PCA of {latent}{suffix}", numbers, _named(figures))


_MAJORITY = {
    ("classify", ""): "majority class",
    ("count", ""): "most frequent number",
    ("digits", "counts"): "most frequent digits",
    ("digits", "classes"): "most frequent set of digits",
}


def _by_answer(looked: Sequence[_Looked]) -> dict[tuple[str, str], list[_Looked]]:
    """The trials with a head, those that give the same kind of answer together."""
    kinds: dict[tuple[str, str], list[_Looked]] = {}
    for each in looked:
        model = each.configuration.model
        if model.task != "none":
            what = model.digits if model.task == "digits" else ""
            kinds.setdefault((model.task, what), []).append(each)
    return kinds


def _check_test(data: ResidentData) -> None:
    if not data.test_size:
        raise SearchError(f"the data set {data.facts.name} has no test images", key="data.dataset")


def _evaluated(trial: _Candidate, found: Examination, data: ResidentData) -> TrialEvaluation:
    counts = (
        tuple(tuple(row) for row in found.confusion.tolist()) if found.confusion is not None else ()
    )
    # A confusion of numbers of objects names them by themselves.
    names = [str(n) for n in range(len(counts))] if data.facts.counted else data.facts.classes
    classes = class_figures(counts, names) if counts else ()
    means = macro(classes) if classes else {}
    return TrialEvaluation(
        trial=trial.number,
        variant=trial.variant,
        seed=trial.seed,
        notation=trial.notation,
        images=data.test_size,
        figures=_named({**found.answers, **means, **found.pictures}),
        accuracy_interval=_interval(found, data.test_size),
        classes=classes,
        confusion=counts,
        normalized=normalized(counts),
        right_by_class=_right_by_class(found, data.facts),
    )


def _interval(found: Examination, images: int) -> tuple[float, float] | None:
    """Of the share of right answers, for so many images."""
    share = next((found.answers[name] for name in SHARES if name in found.answers), None)
    if share is None:
        return None
    interval = wilson(round(share * images), images)
    return interval.low, interval.high


def _right_by_class(found: Examination, facts: Facts) -> dict[str, float]:
    if found.right_by_class is None:
        return {}
    return dict(zip(facts.classes, found.right_by_class.tolist(), strict=True))


def _named(figures: Mapping[str, float]) -> dict[str, float]:
    return {f"test_{name}": value for name, value in figures.items()}


def _numbers(looked: Iterable[_Looked]) -> tuple[int, ...]:
    return tuple(each.evaluation.trial for each in looked)
