"""What can be found out before the first worker starts."""

from autoae.data.loading import facts
from autoae.spec.config import DataOptions
from autoae.spec.document import Tree
from autoae.spec.errors import UserError
from autoae.spec.space import parameters
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
        facts(validated(DataOptions, _images(spec), "data"))
    except UserError as error:
        error.place = error.place or spec.locate(error.key or "data")
        raise


def _images(spec: StudySpec) -> Tree:
    """The data section without the order of the batches, which does not change the images."""
    data = spec.tree.get("data", {})
    assert isinstance(data, dict)
    return {key: value for key, value in data.items() if f"data.{key}" != _ORDER}
