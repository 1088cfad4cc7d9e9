"""`autoae model evaluate`: open the sealed test split for one model, and count it."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from autoae.cli import options
from autoae.cli.found_model import FoundModel, Named, found_model
from autoae.cli.output import note, show

if TYPE_CHECKING:
    from autoae.store.evaluations import Evaluation, OpenedSplit


def evaluate(
    model: Named,
    again: options.Again = False,
    device: options.Device = None,
    storage: options.Storage = None,
    as_json: options.AsJson = False,
) -> None:
    """Look at one model on the test images, once: nothing may be chosen by it.

    For a trial of a study it counts as an opening of that study, and the figures of its other
    trials stay; for a model of its own it is counted in its folder.
    """
    from autoae.views.evaluation import model_page

    found = found_model(model, storage)
    if found.study is not None:
        split, path = _of_study(found, storage, device or "auto", again=again)
    else:
        split, path = _of_folder(found, device or "auto", again=again)
    trial = found.trial or 0
    facts = {
        "model": found.name,
        "openings": split.count,
        "opened": split.openings,
        "file": path,
        "evaluation": split.of(trial),
        "baselines": split.latest.baselines if split.latest else (),
    }
    show(facts, lambda: model_page(found.name, split, trial), as_json=as_json)
    note(f"the figures are kept in {path}")


def _of_study(
    model: FoundModel, storage: str | None, device: str, *, again: bool
) -> "tuple[OpenedSplit, Path]":
    from autoae.cli.opened import opened
    from autoae.cli.study_evaluate import may_open
    from autoae.search.opening import evaluate_study
    from autoae.store.evaluations import count_opening, write_evaluation
    from autoae.store.runs import run_root

    assert model.study is not None
    # What is damaged must not cost an opening.
    model.load()
    with opened(model.study, storage) as found:
        may_open(found, storage, again=again)
        root, before = run_root(found.url), found.test_split()
        number = 1 + (before.count if before else 0)
        evaluation = evaluate_study(
            found.snapshot(), root, number, only=model.trial, device=device, tell=note
        )
        if before and before.latest:
            evaluation = evaluation.after(before.latest)
        # Counted before anybody can have seen a figure.
        count_opening(found.study, evaluation.opened)
        path = write_evaluation(root, evaluation)
        split = found.test_split()
    assert split is not None
    return split, path


def _of_folder(model: FoundModel, device: str, *, again: bool) -> "tuple[OpenedSplit, Path]":
    """The openings of a model of its own are the files of figures in its folder."""
    from autoae.search.opening import evaluate_model
    from autoae.store.evaluations import OpenedSplit, write_evaluation
    from autoae.store.runs import RunFolder

    before = openings_of_folder(model.folder)
    if before and not again:
        _refuse(model, before.openings)
    folder, openings = RunFolder(model.folder.resolve()), before.openings if before else ()
    evaluation = evaluate_model(folder, len(openings) + 1, device=device, tell=note)
    path = write_evaluation(folder.path.parent, evaluation)
    return OpenedSplit((*openings, evaluation.opened), evaluation), path


def openings_of_folder(folder: Path) -> "OpenedSplit | None":
    """What the test split has shown to a model of its own; None while it is sealed.

    Raises:
        StorageError: A file of figures is damaged.
    """
    from autoae.store.evaluations import OpenedSplit, evaluation_path, read_evaluation

    whole, found = folder.resolve(), list["Evaluation"]()
    while evaluation_path(whole.parent, whole.name, len(found) + 1).exists():
        found.append(read_evaluation(whole.parent, whole.name, len(found) + 1))
    return OpenedSplit(tuple(each.opened for each in found), found[-1]) if found else None


def _refuse(model: FoundModel, openings: tuple[datetime, ...]) -> None:
    from autoae.cli.following import NotReady

    times = "once" if len(openings) == 1 else f"{len(openings)} times"
    raise NotReady(
        f"the test split was opened {times} for this model, last on {openings[-1]:%Y-%m-%d %H:%M}",
        hint=f"{model.folder}/evaluation-{len(openings)}.json has the figures; --again opens it "
        "once more, and that is counted",
    )
