"""What can be found out before the first worker starts."""

from autoae.data.loading import facts
from autoae.spec.config import DataOptions
from autoae.spec.errors import UserError
from autoae.spec.space import parameters
from autoae.spec.study import StudySpec
from autoae.spec.validation import validated


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
    if any(key.startswith("data.") for key in keys):
        return
    try:
        facts(validated(DataOptions, spec.tree.get("data", {}), "data"))
    except UserError as error:
        error.place = error.place or spec.locate(error.key or "data")
        raise
