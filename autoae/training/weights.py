"""A trained network as files: safetensors, and beside it what one must know to use it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from pydantic import ValidationError
from safetensors import SafetensorError
from safetensors.torch import load, save

from autoae.data.images import Normalization
from autoae.data.resident import ResidentData
from autoae.models import Network, build
from autoae.spec.config import Configuration
from autoae.spec.errors import SpecError, UserError
from autoae.spec.files import replace_file
from autoae.spec.jsontext import read_json

FORMAT = 1
"""Of the description that is written; an older one, or one without a number, is read as well."""


class WeightsError(UserError):
    """A file of weights, or the description beside it, is not what it should be."""


@dataclass(frozen=True)
class Description:
    """What stands beside the weights, as JSON.

    Attributes:
        configuration: What was trained; the network is built from it.
        shape: (channels, height, width) of an image.
        classes: Names in the order of the logits.
        metrics: Of the epoch whose weights these are.
        epoch: That epoch, from 1.
        normalization: What every channel was normalised by; None where it is not known.
        sha256: Of the file of the weights, in hexadecimal; None before it is written.
    """

    configuration: Configuration
    shape: tuple[int, ...]
    classes: tuple[str, ...]
    metrics: Mapping[str, float]
    epoch: int
    normalization: Normalization | None = None
    sha256: str | None = field(default=None, compare=False)

    @classmethod
    def of(
        cls,
        configuration: Configuration,
        data: ResidentData,
        metrics: Mapping[str, float],
        epoch: int,
    ) -> Self:
        """The description of a network that was trained on these data."""
        facts = data.facts
        return cls(configuration, facts.shape, facts.classes, metrics, epoch, data.normalization)


def save_weights(network: Network, path: Path, description: Description) -> None:
    """Write the weights, and the description beside them as `.json`; each is whole or not there.

    Args:
        network: On any device, in any memory format.
        path: Ends in `.safetensors`.
        description: Of the network.

    Raises:
        OSError: The files cannot be written.
    """
    weights = {name: value.cpu().contiguous() for name, value in network.state_dict().items()}
    content = save(weights)
    replace_file(path, content)
    normalization = description.normalization
    text = {
        "format": FORMAT,
        "configuration": description.configuration.model_dump(mode="json"),
        "shape": list(description.shape),
        "classes": list(description.classes),
        "metrics": dict(description.metrics),
        "epoch": description.epoch,
        "normalization": asdict(normalization) if normalization else None,
        "sha256": _checksum(content),
    }
    replace_file(_beside(path), json.dumps(text, indent=2).encode())


def load_weights(path: Path, network: Network, sha256: str | None = None) -> None:
    """Put saved weights into a network of the same architecture, on its device.

    Args:
        path: Of the weights.
        network: Its weights are replaced.
        sha256: The checksum that the file must have; None takes any.

    Raises:
        WeightsError: There is no such file, it was changed, it holds no weights, or those of
            another network.
    """
    try:
        content = path.read_bytes()
        _check(path, content, sha256)
        network.load_state_dict(load(content))
    except FileNotFoundError:
        raise WeightsError(f"{path}: no such file", hint=_WHERE) from None
    except (SafetensorError, OSError) as error:
        raise WeightsError(f"{path}: not a readable safetensors file ({error})") from None
    except RuntimeError as error:
        raise WeightsError(
            f"{path}: the weights are of another network: {_first_difference(error)}",
            hint=f"build the network from {_beside(path).name}, which describes them",
        ) from None


def read_description(path: Path) -> Description:
    """What stands beside a file of weights.

    Args:
        path: Of the weights; the description has the same name and ends in `.json`.

    Raises:
        WeightsError: It is missing, damaged, or of a newer version.
    """
    beside = _beside(path)
    try:
        known = read_json(beside.read_text("utf-8"))
        # A newer format may have other keys, so its number is looked at first.
        _check_format(beside, known.get("format", FORMAT))
        return _description(known)
    except WeightsError:
        raise
    except FileNotFoundError:
        raise WeightsError(f"{beside}: no such file", hint=_WHERE) from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ValidationError) as error:
        raise WeightsError(f"{beside}: not a description of weights ({error})") from None


def _check_format(beside: Path, written: object) -> None:
    if isinstance(written, int) and written > FORMAT:
        raise WeightsError(
            f"{beside}: a description of format {written}, and this autoae reads format {FORMAT}",
            hint="a newer version wrote it: pip install -U autoae",
        )


def load_network(path: Path) -> tuple[Network, Description]:
    """Build the network that a file of weights belongs to, on the CPU, ready to use.

    Raises:
        WeightsError: One of the two files is missing, damaged, or not of the other.
    """
    description = read_description(path)
    configuration, classes = description.configuration, len(description.classes)
    try:
        network = build(configuration.model, description.shape, classes, seed=0)
    except SpecError as error:
        raise WeightsError(f"{_beside(path)}: describes no network: {error}") from None
    except (RuntimeError, OverflowError, TypeError) as error:
        # Numbers that were changed: torch has no room for so much, or no such type.
        reason = str(error).partition("\n")[0]
        raise WeightsError(f"{_beside(path)}: describes no network: {reason}") from None
    load_weights(path, network, description.sha256)
    return network.eval(), description


_WHERE = "a run folder of a study holds `best.safetensors` and `best.json`"


def _checksum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _check(path: Path, content: bytes, sha256: str | None) -> None:
    if sha256 is not None and _checksum(content) != sha256:
        raise WeightsError(
            f"{path}: not the weights that were saved with {_beside(path).name}; the file was "
            "damaged or changed since (its checksum differs)",
            hint="restore it from a copy, or train the network again: `autoae model train --from`",
        )


def _beside(path: Path) -> Path:
    return path.with_suffix(".json")


def _description(found: dict[str, Any]) -> Description:
    shape = tuple(int(size) for size in found["shape"])
    if len(shape) != 3 or min(shape) < 1 or not found["classes"]:
        raise ValueError(f"images of shape {shape}, classes {found['classes']!r}")
    return Description(
        configuration=Configuration.model_validate(found["configuration"]),
        shape=shape,
        classes=tuple(str(name) for name in found["classes"]),
        metrics={str(name): float(value) for name, value in found["metrics"].items()},
        epoch=int(found["epoch"]),
        normalization=_normalization(found.get("normalization")),
        sha256=found.get("sha256"),
    )


def _normalization(found: dict[str, list[float]] | None) -> Normalization | None:
    """None as well in a file that was written before this was kept."""
    if found is None:
        return None
    return Normalization(**{name: tuple(values) for name, values in found.items()})


def _first_difference(error: RuntimeError) -> str:
    """The first complaint of `load_state_dict`, without its heading."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[min(1, len(lines) - 1)]
