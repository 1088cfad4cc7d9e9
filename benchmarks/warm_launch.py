"""Workers that have torch loaded when they start: copies of a process that has loaded it once.

For what is counted from the start of the first trial. Once they train they differ in nothing from
those of `autoae study run`.
"""

from multiprocessing import get_context

from autoae.search.launch import Worker
from autoae.search.worker import work

LOADED = ("torch", "autoae.search.training_run", "autoae.search.shelf")


def launch_warm(index: int) -> Worker:
    """A `Launch`; not on Windows, which copies no process."""
    context = get_context("forkserver")
    context.set_forkserver_preload([*LOADED])
    ours, theirs = context.Pipe()
    process = context.Process(target=work, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    return Worker(index, process, ours)
