"""What mattered, computed in a process of its own: it takes seconds, and the keys do not wait."""

from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection

from autoae.analysis.importance import importance
from autoae.spec.errors import UserError
from autoae.store.errors import StorageError
from autoae.store.snapshot import StudyReading
from autoae.store.snapshot_reader import read_snapshot
from autoae.store.tables import TableReader, has_known_tables
from autoae.views.tui.source import Knobs

_NICER = 10


class KnobsProcess:
    """A process that reads a study and computes importance and effects."""

    def __init__(self) -> None:
        context = get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_answer, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()

    def compute(self, url: str, name: str) -> Knobs:
        """Read the study and say what mattered.

        Raises:
            UserError: The storage cannot be read, or the process has ended.
        """
        try:
            self._pipe.send((url, name))
            found = self._pipe.recv()
        except (EOFError, ConnectionError) as error:
            raise StorageError("the process that computes what mattered has ended") from error
        if isinstance(found, Exception):
            raise found
        assert isinstance(found, Knobs)
        return found

    def close(self) -> None:
        """End the process, whatever it computes."""
        self._process.terminate()
        self._pipe.close()


def _answer(pipe: Connection) -> None:
    import os

    # The study that is watched comes first.
    with suppress(OSError, AttributeError):
        os.nice(_NICER)
    with suppress(EOFError, ConnectionError, KeyboardInterrupt):
        while True:
            pipe.send(_outcome(*pipe.recv()))


def _outcome(url: str, name: str) -> Knobs | UserError:
    try:
        return compute_knobs(_read(url, name), name)
    except UserError as error:
        return error


def compute_knobs(reading: StudyReading, name: str) -> Knobs:
    """Importance and effects of a study.

    Raises:
        UserError: Another program created the study.
    """
    from autoae.analysis.effects import effects
    from autoae.spec.reading import study_from_text
    from autoae.store.attributes import SPEC

    text = reading.attributes.get(SPEC)
    if not isinstance(text, str):
        raise StorageError(f"study {name!r} keeps no study file: another program created it")
    spec = study_from_text(text, name=name, source=f"study {name}")
    study, domains = reading.snapshot, spec.domains()
    searched = not (spec.is_list or spec.is_ablation)
    indices = range(len(study.objectives)) if searched else ()
    return Knobs(
        complete=len(study.of_state("COMPLETE")),
        importances=tuple(importance(study, domains, index) for index in indices),
        ledger=effects(study, domains, metric=study.objectives[0].metric),
    )


def _read(url: str, name: str) -> StudyReading:
    if has_known_tables(url):
        reader = TableReader(url, name)
        try:
            return reader.read()
        finally:
            reader.close()
    from autoae.store.storage import close_storage, open_storage
    from autoae.store.studies import load_study

    storage = open_storage(url)
    try:
        study = load_study(storage, name)
        return StudyReading(read_snapshot(study), study.user_attrs)
    finally:
        close_storage(storage)
