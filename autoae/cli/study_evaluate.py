"""`autoae study evaluate`: open the sealed test split, and count it."""

from contextlib import suppress
from typing import TYPE_CHECKING

from autoae.cli import options
from autoae.cli.output import note, show

if TYPE_CHECKING:
    from pathlib import Path

    from autoae.cli.opened import Opened


def evaluate(
    study: options.Study,
    again: options.Again = False,
    device: options.Device = None,
    storage: options.Storage = None,
    as_json: options.AsJson = False,
) -> None:
    """Look at all finished trials on the test images, once: nothing may be chosen by it.

    Accuracy, precision, recall and F1 of every class, confusion, MSE, PSNR and SSIM, beside
    what the majority class, the mean image and PCA of the same latent size reach.
    """
    from autoae.cli.opened import opened
    from autoae.views.evaluation import evaluation_page

    with opened(study, storage) as found:
        snapshot = found.snapshot()
        may_open(found, storage, again=again)
        path = open_test_split(found, device or "auto")
        split = found.test_split()
    assert split is not None
    facts = {
        "study": study,
        "openings": split.count,
        "opened": split.openings,
        "file": path,
        "evaluation": split.latest,
    }
    show(facts, lambda: evaluation_page(snapshot, split), as_json=as_json)
    note(f"the figures are kept in {path}")


def may_open(found: "Opened", storage: str | None, *, again: bool) -> None:
    """Refuse what would spoil the seal; says what an opening leaves out.

    Raises:
        NotReady: It was opened before, or trials are still running, or none is complete.
    """
    from autoae.cli.following import NotReady, needs_finished
    from autoae.cli.opened import command
    from autoae.store.evaluations import openings_of

    study, openings = found.snapshot(), openings_of(found.study)
    needs_finished(study, "opening the test split", storage)
    if openings and not again:
        times = "once" if len(openings) == 1 else f"{len(openings)} times"
        raise NotReady(
            f"the test split of study {study.name!r} was opened {times}, "
            f"last on {openings[-1]:%Y-%m-%d %H:%M}",
            hint=f"`{command(f'study show {study.name}', storage)}` has the figures; --again opens "
            "it once more, and that is counted",
        )
    left = study.budget - len(study.counted)
    if left > 0:
        note(f"{left} of {study.budget} trials are not trained yet; this opening leaves them out")
    _say_openings_before(found)


def _say_openings_before(found: "Opened") -> None:
    """Say where the study that this one follows has shown the same test images already."""
    from autoae.store.attributes import ORIGIN
    from autoae.store.errors import StudyNotFound
    from autoae.store.evaluations import openings_of
    from autoae.store.studies import load_study

    origin = found.study.user_attrs.get(ORIGIN)
    with suppress(StudyNotFound):
        if isinstance(origin, str) and openings_of(load_study(found.storage, origin)):
            note(f"the test split of {origin}, which this study follows, was opened before")


def open_test_split(found: "Opened", device: str) -> "Path":
    """Examine everything, count the opening, and keep the figures.

    Args:
        found: The study; `may_open` was asked before.
        device: Where to compute.

    Returns:
        The file of the figures.
    """
    from autoae.search.opening import evaluate_study
    from autoae.store.evaluations import count_opening, openings_of, write_evaluation
    from autoae.store.runs import run_root

    root, count = run_root(found.url), len(openings_of(found.study))
    evaluation = evaluate_study(found.snapshot(), root, count + 1, device=device, tell=note)
    # Counted before anybody can have seen a figure.
    count_opening(found.study, evaluation.opened)
    return write_evaluation(root, evaluation)
