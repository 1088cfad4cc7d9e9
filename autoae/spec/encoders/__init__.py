"""The encoders that a study file may name: one file a kind, found by its name.

An encoder is two files of one name: its options and shape arithmetic here, without torch, and
its module in `autoae.models.encoders`; networks of torchvision share the two called `backbones`.
Other packages add theirs through the entry point group `autoae.encoders` (options) and
`autoae.encoder_modules` (a `build` function).
"""

from functools import cache
from importlib.metadata import entry_points

from autoae.spec.encoders.backbones import BACKBONES, BackboneEncoder
from autoae.spec.encoders.base import EncoderOptions
from autoae.spec.encoders.conv import ConvEncoder
from autoae.spec.encoders.mlp import MlpEncoder
from autoae.spec.errors import SpecError
from autoae.spec.names import nearest

BUILT_IN: dict[str, type[EncoderOptions]] = {
    "mlp": MlpEncoder,
    "conv": ConvEncoder,
    **dict.fromkeys(BACKBONES, BackboneEncoder),
}


@cache  # Every configuration asks, and looking through the installed packages takes 5 ms.
def encoders() -> dict[str, type[EncoderOptions]]:
    """Every encoder by its kind: ours, and those of other packages."""
    theirs = {point.name: point.load() for point in entry_points(group="autoae.encoders")}
    return {**theirs, **BUILT_IN}


def encoder_from(value: object) -> EncoderOptions:
    """Read the `model.encoder` of a study file: layers in notation, or a mapping with `kind`.

    Raises:
        SpecError: No such kind, or neither text nor mapping.
    """
    if isinstance(value, EncoderOptions):
        return value
    if isinstance(value, str):
        kind = "mlp" if value.lstrip().startswith("L") else "conv"
        return BUILT_IN[kind].model_validate({"kind": kind, "layers": value})
    if not isinstance(value, dict):
        raise SpecError("expected layers in notation or a mapping with `kind`", key="model.encoder")
    return _named(value.get("kind")).model_validate(value)


def _named(kind: object) -> type[EncoderOptions]:
    known = encoders()
    if not isinstance(kind, str) or kind not in known:
        raise SpecError(
            f"unknown encoder {kind!r}; {nearest(str(kind), known)}", key="model.encoder.kind"
        )
    return known[kind]
