"""Random architectures, and a short way to build one."""

from hypothesis import strategies as st

from autoae.models import Network, build
from autoae.spec.blocks import Shape
from autoae.spec.config import ModelOptions
from autoae.spec.notation import Layer, show


def options(encoder: object, **others: object) -> ModelOptions:
    """The model section of a study file."""
    return ModelOptions.model_validate({"encoder": encoder, **others})


def network(
    encoder: object, image: Shape = (1, 28, 28), seed: int = 0, /, **others: object
) -> Network:
    """Build a network for ten classes."""
    return build(options(encoder, **others), image, 10, seed=seed)


images = st.tuples(st.integers(1, 3), st.integers(5, 40), st.integers(5, 40))
"""Shapes of images, odd and non-square ones too."""

_widths = st.integers(1, 6)
_convolutions = st.builds(
    Layer,
    st.just("C"),
    st.booleans(),
    _widths,
    st.none() | st.integers(1, 6),
    st.none() | st.integers(1, 3),
    st.none() | st.integers(0, 3),
)
_strided = st.builds(Layer, st.just("S"), st.just(False), _widths, st.none() | st.integers(2, 5))
_residual = st.builds(
    Layer,
    st.just("R"),
    st.just(False),
    _widths,
    st.sampled_from([None, 1, 5]),
    pool=st.sampled_from([None, 2, 3]),
)
_linear = st.builds(Layer, st.just("L"), st.booleans(), _widths)
_flat = _linear | st.builds(Layer, st.just("R"), st.just(False), _widths)

encoders = st.builds(
    lambda maps, first, flat: show([*maps, *(first[: len(flat)]), *flat]),
    st.lists(_convolutions | _strided | _residual, min_size=1, max_size=4),
    st.lists(_linear, min_size=1, max_size=1),
    st.lists(_flat, max_size=2),
) | st.builds(
    lambda layers: {"kind": "mlp", "layers": show(layers)}, st.lists(_flat, min_size=1, max_size=3)
)
"""Encoders of every kind of layer, flat ends and residual beginnings included."""
