"""An automatic run, and the little that it keeps with its study."""

from dataclasses import dataclass

from autoae.auto.progress import Progress, progress_from
from autoae.cli.opened import opened
from autoae.cli.running import Wishes, worker_count
from autoae.store.attributes import AUTO


@dataclass(frozen=True)
class Run:
    """An automatic run.

    Attributes:
        name: Of the study that is searched.
        storage: As the user gave it.
        wishes: How to train.
        as_json: Print the progress to stderr.
    """

    name: str
    storage: str | None
    wishes: Wishes
    as_json: bool

    @property
    def workers(self) -> int:
        """Processes that train at the same time."""
        return worker_count(self.wishes.workers)

    def progress(self) -> Progress | None:
        """How far it is; None where the study is no automatic one."""
        with opened(self.name, self.storage) as found:
            return progress_from(found.study.user_attrs.get(AUTO))

    def keep(self, progress: Progress) -> None:
        """Keep how far it is with the study."""
        with opened(self.name, self.storage) as found:
            found.study.set_user_attr(AUTO, progress.kept())
