"""A PostgreSQL database with thousands of ended trials, in seconds."""

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import psycopg
from optuna.storages import BaseStorage, RDBStorage
from sqlalchemy import Engine

from autoae.store.storage import close_storage, open_storage
from autoae.store.studies import create_study
from tests.synthetic import fill, spec_of

NAME = "many"

_COLUMNS = {
    "trials": "trial_id, number, study_id, state, datetime_start, datetime_complete",
    "trial_params": "trial_id, param_name, param_value, distribution_json",
    "trial_values": "trial_id, objective, value, value_type",
    "trial_intermediate_values": "trial_id, step, intermediate_value, intermediate_value_type",
    "trial_user_attributes": "trial_id, key, value_json",
}


def fill_server(url: str, trials: int, *, running: int) -> None:
    """Make the study `many` anew in an empty database: two thirds complete, a third pruned.

    Args:
        url: Of a database without studies.
        trials: How many there are.
        running: How many of them, the last ones, still run.
    """
    storage = open_storage(url)
    # Room for what is asked afterwards.
    create_study(storage, spec_of(100 * trials + 1000, NAME))
    with tempfile.TemporaryDirectory() as folder:
        fill(Path(folder), trials, running=running, name=NAME)
        _copy(Path(folder) / "autoae.db", engine_of(storage))
    close_storage(storage)


def engine_of(storage: BaseStorage) -> Engine:
    """What a storage talks to its database with."""
    backend = getattr(storage, "_backend", storage)
    assert isinstance(backend, RDBStorage)
    engine: Engine = backend.engine
    return engine


def _copy(file: Path, engine: Engine) -> None:
    raw = engine.raw_connection()
    server = raw.driver_connection
    assert isinstance(server, psycopg.Connection)
    with closing(sqlite3.connect(file)) as source, closing(raw), server.cursor() as cursor:
        for table, columns in _COLUMNS.items():
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as target:
                for row in source.execute(f"SELECT {columns} FROM {table}"):
                    target.write_row(row)
        # The numbers that came along are taken; the study is the first here as there.
        last = "SELECT setval(pg_get_serial_sequence('trials', 'trial_id'), max(trial_id))"
        cursor.execute(f"{last} FROM trials")
        cursor.execute("ANALYZE")
        server.commit()
