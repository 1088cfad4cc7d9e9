"""Why a search cannot begin or go on."""

from autoae.spec.errors import UserError


class SearchError(UserError):
    """The study cannot go on as it stands; what was finished is kept."""
