"""Networks that were saved as a training saves them, and a study that was really run."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from autoae.models import build
from autoae.spec.config import Configuration
from autoae.store.runs import RunFolder
from autoae.training.weights import Description, save_weights
from tests.search.support import create, run, tiny
from tests.training.toy import toy_configuration, toy_data

Saved = Callable[..., Path]


@pytest.fixture
def saved(tmp_path: Path) -> Saved:
    """Save an untrained network of toy images; sections as `toy_configuration` takes them."""

    def save(*, channels: int = 1, mean: float | None = None, **sections: object) -> Path:
        configuration: Configuration = toy_configuration(**sections)  # type: ignore[arg-type]
        normal = [mean] * channels if mean is not None else None
        data = toy_data(channels=channels, mean=normal, deviation=normal)
        network = build(configuration.model, data.facts.shape, len(data.facts.classes), seed=1)
        folder = RunFolder(tmp_path / "model")
        folder.write_configuration(configuration)
        description = Description.of(configuration, data, {"val_loss": 1.0}, 3)
        save_weights(network, folder.weights, description)
        return folder.path

    return save


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of a storage with the study `tiny`: three classifying autoencoders of the digits."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOAE_CACHE_DIR", os.environ["AUTOAE_TEST_CACHE"])
        url = f"sqlite:///{tmp_path_factory.mktemp('inference')}/autoae.db"
        create(url, tiny("search: {trials: 3, method: random, pruner: none}\n"))
        run(url)
    return url


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A storage that does not exist yet."""
    return f"sqlite:///{tmp_path / 'autoae.db'}"
