"""What can go wrong when a trained network is used."""

from autoae.spec.errors import UserError


class InputError(UserError):
    """Images that a model does not take, or something that it cannot do."""


class ExportError(UserError):
    """A model that cannot be exported so, or whose export does not give what the model gives."""
