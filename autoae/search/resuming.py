"""A trial that repeats one that was lost goes on from its checkpoint."""

import io
from collections.abc import Sequence
from zipfile import ZipFile

import torch

from autoae.search.errors import SearchError
from autoae.spec.errors import UserError
from autoae.store.runs import Line, RunFolder, line_of
from autoae.training import Training


def go_on(training: Training, earlier: Sequence[RunFolder], folder: RunFolder) -> list[Line]:
    """Load the last checkpoint of an earlier run of the same trial, and begin with its files.

    Args:
        training: Before its first epoch. It is spoilt where this fails.
        earlier: Where the trials that are repeated left their files, the last one first.
        folder: Of this run. Its checkpoint is written last: where a run is killed in between,
            the next one finds the earlier checkpoint.

    Returns:
        The numbers of the epochs that need not be trained again, from the first one.

    Raises:
        SearchError: There is no such checkpoint, or it is damaged.
        OSError: The files cannot be written.
    """
    source = next((each for each in earlier if each.checkpoint.exists()), None)
    if source is None:
        raise SearchError("nothing was saved of the trial that it repeats")
    content, lines = _load(training, source)
    try:
        folder.begin_with(source, len(lines))
    except ValueError as error:
        raise SearchError(f"{source.gradients} is damaged") from error
    folder.write_bytes(folder.checkpoint, content)
    return lines


def _load(training: Training, source: RunFolder) -> tuple[bytes, list[Line]]:
    try:
        content = source.checkpoint.read_bytes()
        _check_sums(content)
        state = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
        training.load_state_dict(state)
        lines = source.read_metrics()[: training.epoch]
        known = [line["epoch"] for line in lines]
    except UserError as error:
        raise SearchError(error.message) from error
    except Exception as error:
        # What is torn or damaged, torch and JSON report as anything.
        raise SearchError(f"{source.checkpoint} or the metrics beside it is damaged") from error
    if known != list(range(1, training.epoch + 1)):
        raise SearchError(f"{source.metrics} lacks epochs that {source.checkpoint.name} has")
    if lines[-1:] != [line_of(training.epoch, training.member(0).metrics)]:
        raise SearchError(f"{source.metrics} is not of the training of {source.checkpoint.name}")
    return content, lines


def _check_sums(content: bytes) -> None:
    """Torch writes a sum of each tensor and compares none: a damaged one would be trained on."""
    with ZipFile(io.BytesIO(content)) as archive:
        if damaged := archive.testzip():
            raise ValueError(f"{damaged} is damaged")
