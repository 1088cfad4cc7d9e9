"""`autoae dashboard`: optuna-dashboard on this machine, with everything drawn that it can show."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from autoae.cli import options
from autoae.cli.output import note

if TYPE_CHECKING:
    from optuna.storages import BaseStorage

PORT = 8080
HOST = "127.0.0.1"
_REST = 100
"""So many times as long as it drew, and ten seconds at least, the thread beside the pages rests."""


def dashboard(
    storage: options.Storage = None,
    port: Annotated[
        int, typer.Option(min=1, max=65535, help="Where to listen; the next free one if taken.")
    ] = PORT,
    open_browser: Annotated[
        bool, typer.Option("--open", help="Open the page in the browser.")
    ] = False,
    best: Annotated[
        int | None,
        typer.Option(min=0, help="Draw so many of the best trials of each study; 20 unless given."),
    ] = None,
    host: Annotated[
        str,
        typer.Option(
            help="Listen on another address, for other machines; what they send and get is not "
            "encrypted."
        ),
    ] = HOST,
    no_token: options.NoToken = False,
) -> None:
    """Show all studies in the browser: optuna-dashboard, on this machine alone; Ctrl-C ends it."""
    from autoae.cli.opened import existing_storage
    from autoae.store.runs import artifact_folder, run_root
    from autoae.store.storage import shown_url

    _check_host(host, with_token=not no_token)
    with existing_storage(storage) as (url, backend):
        from autoae.views.dashboard.server import listening

        artifacts = artifact_folder(run_root(url))
        with listening(backend, artifacts, host, port, with_token=not no_token) as served:
            if served.port != port:
                note(f"port {port} is in use; the next free one is {served.port}")
            typer.echo(served.url)
            note(f"shows {shown_url(url)}; Ctrl-C ends it")
            with (
                _opened(served.url) if open_browser else nullcontext(),
                _drawing(backend, url, storage, best),
                suppress(KeyboardInterrupt),
            ):
                served.server.serve_forever()
    note("the dashboard has ended")


@contextmanager
def _opened(url: str) -> Iterator[None]:
    """Open a page in the browser, through a file that only this user reads.

    The words of a process, which everybody on the machine sees, would have the token.
    """
    with TemporaryDirectory(prefix="autoae-") as folder:
        door = Path(folder) / "dashboard.html"
        door.write_text(f'<meta http-equiv="refresh" content="0; url={url}">')
        typer.launch(door.as_uri())
        yield


def _check_host(host: str, *, with_token: bool) -> None:
    """Refuse an address that others reach, where nothing would keep them out.

    Raises:
        SpecError: With what it would mean.
    """
    from autoae.spec.errors import SpecError
    from autoae.views.dashboard.server import is_own

    if is_own(host):
        return
    if not with_token:
        raise SpecError(
            f"without a token, whoever reaches {host} can read, change and delete all studies",
            place="--no-token",
            hint="leave it out, or leave the dashboard on this machine and use "
            "`ssh -L 8080:127.0.0.1:8080 HOST`",
        )
    note(
        f"warning: {host} is reached from elsewhere, and nothing is encrypted on the way: whoever "
        "reads the network reads the token; `ssh -L 8080:127.0.0.1:8080 HOST` is better"
    )


@contextmanager
def _drawing(
    backend: "BaseStorage", url: str, storage: str | None, best: int | None
) -> Iterator[None]:
    """Draw what is missing, and what becomes out of date, beside the pages."""
    stop = threading.Event()
    arguments = (backend, url, storage, best, stop)
    thread = threading.Thread(target=_draw, args=arguments, name="autoae-drawing")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _draw(
    backend: "BaseStorage", url: str, storage: str | None, best: int | None, stop: threading.Event
) -> None:
    from optuna.study import get_all_study_names

    from autoae.cli.publishing import ROUND_SECONDS, catch_up, publisher
    from autoae.store.errors import StorageError
    from autoae.views.dashboard.publish import Publisher

    drawn, broken = dict[str, Publisher](), set[str]()
    while not stop.is_set():
        took = 0.0
        for name in get_all_study_names(backend):
            if name in broken or stop.is_set():
                continue
            try:
                drawn[name] = drawn.get(name) or publisher(backend, url, name, storage, best)
                took += catch_up(drawn[name], stop)
            except StorageError:
                broken.add(name)  # Another program created it: it shows as it is.
            except Exception as error:
                broken.add(name)
                note(f"study {name} is not drawn: {type(error).__name__}: {error}")
        stop.wait(max(2 * ROUND_SECONDS, _REST * took))
