"""`autoae monitor`: the studies of a storage in the terminal, live."""

import os
import shlex
import socket
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from autoae.cli import complete, options
from autoae.cli.output import is_terminal, note, show

if TYPE_CHECKING:
    from rich.console import RenderableType

HOST = "127.0.0.1"
PORT = 8000
_PORTS = 50


def monitor(
    study: Annotated[
        str | None,
        typer.Argument(
            metavar="[STUDY]",
            help="A study of the storage; the list of all unless given.",
            autocompletion=complete.study,
            show_default=False,
        ),
    ] = None,
    storage: options.Storage = None,
    serve: Annotated[
        bool,
        typer.Option("--serve", help="Offer the same in a browser, on this machine alone."),
    ] = False,
    port: Annotated[
        int, typer.Option(min=1, max=65535, help="Where --serve listens; the next free one.")
    ] = PORT,
    no_token: options.NoToken = False,
) -> None:
    """Watch studies in the terminal, live, and act on them; also after they have ended.

    It reads the storage alone, so it may run on another machine; leaving it stops nothing. Where
    stdout is no terminal it prints a table instead.
    """
    from autoae.store.storage import storage_url

    url = storage_url(storage)
    check_storage(url, study)
    if serve:
        _serve(study, storage, port, with_token=not no_token)
    elif can_show() or _is_served():
        from autoae.views.tui.run import run_monitor

        run_monitor(url, study, storage)
    else:
        _print(study, storage)


def check_storage(url: str, study: str | None) -> None:
    """Refuse what could not be shown before the terminal is taken.

    Args:
        url: As `storage_url` gives it.
        study: That shall be shown, or None.

    Raises:
        StorageError: The storage cannot be read, or another version of Optuna wrote it.
        StudyNotFound: With the nearest name.
    """
    from autoae.spec.names import nearest
    from autoae.store.errors import StudyNotFound
    from autoae.store.listing import study_names
    from autoae.store.storage import shown_url

    _check_version(url)
    names = study_names(url)
    if study is not None and study not in names:
        known = nearest(study, names) if names else f"{shown_url(url)} holds no study yet"
        raise StudyNotFound(
            f"there is no study {study!r}; {known}", hint="`autoae study list` shows them"
        )


def _check_version(url: str) -> None:
    from autoae.store.storage import close_storage, open_storage, sqlite_file
    from autoae.store.tables import has_known_tables

    file = sqlite_file(url)
    if file is not None and file.exists() and not has_known_tables(url):
        # Optuna knows whether it can read it, and says what to do if not.
        close_storage(open_storage(url))


def can_show() -> bool:
    """Whether the monitor has a whole terminal: it draws on stderr, and reads keys from stdin."""
    return is_terminal() and sys.stdin.isatty() and sys.stderr.isatty()


def _is_served() -> bool:
    """Whether a browser is at the other end."""
    return bool(os.environ.get("TEXTUAL_DRIVER"))


def _serve(study: str | None, storage: str | None, port: int, *, with_token: bool) -> None:
    from autoae.spec.errors import UserError
    from autoae.store.urls import handed_on
    from autoae.views.access import new_access

    try:
        from autoae.views.tui.serving import OwnServer
    except ImportError as error:
        raise UserError(
            "the package textual-serve is not installed", hint="pip install 'autoae[serve]'"
        ) from error
    free = free_port(port)
    if free != port:
        note(f"port {port} is in use; the next free one is {free}")
    named, environment = handed_on(storage)
    os.environ.update(environment)  # Each browser's monitor is started with it.
    words = [sys.executable, "-m", "autoae", "monitor", *([study] if study else []), *named]
    access = new_access(free) if with_token else None
    address = f"http://{HOST}:{free}/"
    typer.echo(access.url(address) if access else address)
    note("Ctrl-C ends it")
    OwnServer(shlex.join(words), HOST, free, access).serve()


def free_port(wanted: int) -> int:
    """The wanted port, or the next one on which nobody listens.

    Raises:
        UserError: There is none near.
    """
    from autoae.spec.errors import UserError

    for port in range(wanted, min(wanted + _PORTS, 65536)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    raise UserError(f"no port from {wanted} on is free", hint="name another one with --port")


def _print(study: str | None, storage: str | None) -> None:
    """The same as a table, for files and pipes."""
    from autoae.cli.study_read import list_studies

    if study is None:
        list_studies(storage)
        return
    from autoae.store.snapshot_reader import read_snapshot
    from autoae.store.storage import close_storage, open_storage, storage_url
    from autoae.store.studies import load_study

    opened = open_storage(storage_url(storage))
    try:
        snapshot = read_snapshot(load_study(opened, study))
    finally:
        close_storage(opened)

    def human() -> "RenderableType":
        from rich.console import Group

        from autoae.views.summary import counts
        from autoae.views.tables import trials_table

        return Group(counts(snapshot), trials_table(snapshot, snapshot.trials))

    show(snapshot, human, as_json=False)
