"""What can be found out before the first worker starts."""

from collections.abc import Iterator

from autoae.data.loading import prepare
from autoae.spec.config import DataOptions, ModelOptions
from autoae.spec.document import Tree
from autoae.spec.encoders.base import EncoderOptions
from autoae.spec.errors import UserError, placed
from autoae.spec.parts import corners
from autoae.spec.space import parameters, resolve
from autoae.spec.study import StudySpec
from autoae.spec.validation import validated

_ORDER = "data.order_seed"


def check_data(spec: StudySpec) -> None:
    """Find and decode the data, so that what is wrong with them is told once and at once.

    Data options that are searched, or set by variants, are left to the trials.

    Raises:
        DataError: They are missing or damaged.
        SpecError: The options do not fit the images.
    """
    keys = [
        *parameters(spec.tree),
        *(key for each in spec.settings.variants.values() for key in each),
    ]
    if any(key.startswith("data.") and key != _ORDER for key in keys):
        return
    try:
        prepare(validated(DataOptions, _images(spec), "data"))
    except UserError as error:
        error.place = error.place or spec.locate(error.key or "data")
        raise


def check_weights(spec: StudySpec) -> None:
    """Fetch the weights that encoders begin with, once and before several workers ask for them.

    Raises:
        SpecError: They cannot be fetched.
    """
    with placed(spec.locate):
        for encoder in {each for tree in spec.trees for each in _pretrained(tree)}:
            # torch is for the workers, unless there is something to fetch.
            from autoae.models.encoders.backbones import fetch_weights

            fetch_weights(encoder.kind)


def _pretrained(tree: Tree) -> Iterator[EncoderOptions]:
    """The encoders of a space that begin with weights of elsewhere."""
    model = tree.get("model")
    encoder = model.get("encoder") if isinstance(model, dict) else None
    if isinstance(encoder, dict) and "weights" in encoder:
        part: Tree = {"model": {"encoder": encoder}}
        for choose in corners(part):
            options = ModelOptions.model_validate(resolve(part, choose)["model"]).encoder
            if options.pretrained:
                yield options


def _images(spec: StudySpec) -> Tree:
    """The data section without the order of the batches, which does not change the images."""
    data = spec.tree.get("data", {})
    assert isinstance(data, dict)
    return {key: value for key, value in data.items() if f"data.{key}" != _ORDER}
