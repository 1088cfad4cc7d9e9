"""A storage with thousands of trials, filled by plain SQL in a second or two."""

import json
import math
import sqlite3
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from autoae.spec.neighbours import middle
from autoae.spec.reading import study_from_text
from autoae.spec.study import StudySpec
from autoae.store.storage import close_storage, open_storage
from autoae.store.studies import create_study
from tests.studies import HYBRID

START = datetime(2026, 3, 1, 12)
EPOCHS = 8
_REAL = (
    '{"name": "FloatDistribution", "attributes": {"step": null, "low": %s, "high": %s, "log": %s}}'
)
_LR = _REAL % (1e-4, 1e-1, "true")
_BETA = _REAL % (0.0, 2.0, "false")
_LATENT = (
    '{"name": "IntDistribution", "attributes": {"log": true, "step": 1, "low": 4, "high": 64}}'
)
_CHOICE = '{"name": "CategoricalDistribution", "attributes": {"choices": ["relu", "gelu", "tanh"]}}'
_PARAMS = (
    ("training.lr", _LR),
    ("loss.beta", _BETA),
    ("model.latent", _LATENT),
    ("model.activation", _CHOICE),
)


def spec_of(trials: int, name: str = "many") -> StudySpec:
    """The study file of such a storage."""
    text = HYBRID.replace("trials: 40", f"trials: {trials}")
    return study_from_text(text, name=name, source=name)


def fill(folder: Path, trials: int, *, running: int = 2, name: str = "many") -> str:
    """Make a storage with one study of so many trials.

    Args:
        folder: Where the file `autoae.db` goes.
        trials: Two thirds are complete, a third is pruned.
        running: How many of them, the last ones, still run.
        name: Of the study.

    Returns:
        The URL.
    """
    url = f"sqlite:///{folder}/autoae.db"
    storage = open_storage(url)
    spec = spec_of(trials, name)
    create_study(storage, spec)
    close_storage(storage)
    configuration = json.dumps(
        spec.configuration(lambda _, domain: middle(domain)).model_dump(mode="json")
    )
    with sqlite3.connect(folder / "autoae.db") as connection:
        _fill(connection, name, trials, running, configuration)
    connection.close()
    return url


def add_epoch(folder: Path, number: int, epoch: int, value: float) -> None:
    """Report an epoch of a trial, as a coordinator would."""
    with sqlite3.connect(folder / "autoae.db") as connection:
        connection.execute(
            "INSERT INTO trial_intermediate_values (trial_id, step, intermediate_value, "
            "intermediate_value_type) SELECT trial_id, ?, ?, 'FINITE' FROM trials WHERE number = ?",
            (epoch, value, number),
        )
    connection.close()


def _fill(
    connection: sqlite3.Connection, name: str, trials: int, running: int, configuration: str
) -> None:
    (study,) = connection.execute(
        "SELECT study_id FROM studies WHERE study_name = ?", (name,)
    ).fetchone()
    random = Random(1)
    tables: dict[str, list[tuple[object, ...]]] = {table: [] for table in _INSERTS}
    for number in range(trials):
        for table, row in _rows(number, study, trials - running, random, configuration):
            tables[table].append(row)
    for table, statement in _INSERTS.items():
        connection.executemany(statement, tables[table])


_INSERTS = {
    "trials": "INSERT INTO trials (trial_id, number, study_id, state, datetime_start, "
    "datetime_complete) VALUES (?, ?, ?, ?, ?, ?)",
    "params": "INSERT INTO trial_params (trial_id, param_name, param_value, distribution_json) "
    "VALUES (?, ?, ?, ?)",
    "values": "INSERT INTO trial_values (trial_id, objective, value, value_type) "
    "VALUES (?, 0, ?, 'FINITE')",
    "curves": "INSERT INTO trial_intermediate_values (trial_id, step, intermediate_value, "
    "intermediate_value_type) VALUES (?, ?, ?, 'FINITE')",
    "attributes": "INSERT INTO trial_user_attributes (trial_id, key, value_json) VALUES (?, ?, ?)",
}


def _rows(
    number: int, study: int, finished: int, random: Random, configuration: str
) -> Iterator[tuple[str, tuple[object, ...]]]:
    identity = number + 1
    lr, beta, latent = 10 ** random.uniform(-4, -1), random.uniform(0, 2), random.randint(4, 64)
    error = 0.03 + 0.05 * abs(math.log10(lr) + 2) + abs(random.gauss(0, 0.01))
    state = "RUNNING" if number >= finished else "PRUNED" if number % 3 == 2 else "COMPLETE"
    epochs = EPOCHS if state == "COMPLETE" else 3
    start = START + timedelta(seconds=2 * number)
    end = None if state == "RUNNING" else str(start + timedelta(seconds=3))
    yield "trials", (identity, number, study, state, str(start), end)
    drawn = (lr, beta, latent, random.randrange(3))
    for (name, domain), value in zip(_PARAMS, drawn, strict=True):
        yield "params", (identity, name, value, domain)
    curve = [1 - error - 0.5**epoch / 3 for epoch in range(1, epochs + 1)]
    for epoch, value in enumerate(curve, start=1):
        yield "curves", (identity, epoch, value)
    if state != "RUNNING":
        yield "values", (identity, curve[-1])
    for key, kept in _attributes(number, error, latent, epochs).items():
        yield "attributes", (identity, key, json.dumps(kept))
    yield "attributes", (identity, "configuration", configuration)


def _attributes(number: int, error: float, latent: int, epochs: int) -> dict[str, object]:
    return {
        "notation": f"C({8 + number % 3 * 8}) > L'({latent}) | L'(10)",
        "params": 900 + 150 * latent + number % 97,
        "flops": 20_000 + 300 * latent,
        "latent_ratio": latent / 64,
        "latency_ms": 0.2 + latent / 100,
        "seconds": 3.0,
        "seed": number,
        "epoch": epochs,
        "epochs": epochs,
        "reason": "fell behind after epoch 3" if epochs == 3 else "",
        "val_accuracy": 1 - error,
        "val_mse": error / 5,
        "val_loss": 3 * error,
        "val_psnr": 20.0,
        "train_loss": 2 * error,
        "train_accuracy": 1 - error / 2,
        "gradient_norm": 1.5,
        "samples_per_second": 12_000.0,
    }
