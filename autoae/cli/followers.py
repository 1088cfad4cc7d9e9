"""The studies that follow one: what they say beside it."""

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from autoae.store.opened import Opened

if TYPE_CHECKING:
    from autoae.analysis.evidence import Following


def follower(found: Opened, attribute: str) -> Opened | None:
    """A study that one knows as following it; None where there is none, or it was deleted.

    Args:
        found: The study that is followed.
        attribute: Where it keeps the name of the other one.
    """
    from autoae.store.errors import StudyNotFound
    from autoae.store.studies import load_study, study_spec

    name = found.study.user_attrs.get(attribute)
    if isinstance(name, str):
        with suppress(StudyNotFound):
            study = load_study(found.storage, name)
            return Opened(found.url, found.storage, study, study_spec(study))
    return None


def followers(found: Opened) -> Iterator[Opened]:
    """The confirmation and the ablation of a study, those that there are."""
    from autoae.store.attributes import ABLATION, CONFIRMATION

    for attribute in (CONFIRMATION, ABLATION):
        if (other := follower(found, attribute)) is not None:
            yield other


def following(found: Opened) -> "Following":
    """What the confirmation, its opening and the ablation of a study say."""
    from autoae.analysis.effects import effects
    from autoae.analysis.evidence import Following
    from autoae.analysis.opening import opening_facts
    from autoae.store.attributes import ABLATION, CONFIRMATION

    again, ablation = follower(found, CONFIRMATION), follower(found, ABLATION)
    split = again.test_split() if again else None
    return Following(
        again=again.snapshot() if again else None,
        opening=opening_facts(split) if split else None,
        ablation=effects(ablation.snapshot(), ablation.spec.domains()) if ablation else None,
    )
