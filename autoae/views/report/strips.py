"""Reconstructions of several networks, of one study or of many, below the same originals."""

from collections.abc import Mapping, Sequence

from autoae.spec.errors import UserError
from autoae.views.numbers import figure
from autoae.views.report.blocks import Pictures, Strip
from autoae.views.report.pictures import strip
from autoae.views.report.runs import Bytes, Seen


class PicturesError(UserError):
    """Networks cannot be shown side by side."""


def side_by_side(seen: Mapping[str, Seen]) -> Pictures:
    """The images that all networks saw, and below them what each made of them.

    Args:
        seen: By a name for each network, from top to bottom; at least one.

    Raises:
        PicturesError: A network has no reconstructions, or there is no image that all saw.
    """
    for name, each in seen.items():
        if each.reconstructions is None:
            raise PicturesError(f"{name} has no decoder, so it has no reconstructions")
    originals = [each.originals for each in seen.values()]
    rows = _common(originals)
    if not rows:
        raise PicturesError(
            f"there is no image that {' and '.join(seen)} all reconstructed",
            hint="train them on the same images: `data.dataset`, `data.validation`, `data.blur` "
            "and size alike",
        )
    strips = [Strip("originals", "", strip(originals[0][[row[0] for row in rows]]))]
    for place, (name, each) in enumerate(seen.items()):
        assert each.reconstructions is not None
        chosen = each.reconstructions[[row[place] for row in rows]]
        strips.append(Strip(name, _note(each), strip(chosen)))
    return Pictures("reconstructions", tuple(strips), "The same validation images.")


def _common(originals: Sequence[Bytes]) -> list[list[int]]:
    """The rows of each image that is in all, in the order of the first."""
    places = [{image.tobytes(): row for row, image in enumerate(each)} for each in originals]
    same_shape = len({each.shape[1:] for each in originals}) == 1
    shared = [key for key in places[0] if all(key in each for each in places)]
    return [[each[key] for each in places] for key in shared] if same_shape else []


def _note(seen: Seen) -> str:
    error = seen.trial.metrics.get("val_mse")
    variant = seen.trial.variant or ""
    said = f"val_mse {figure(error)}" if error is not None else ""
    return ", ".join(part for part in (variant, said) if part)
