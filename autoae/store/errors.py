"""What can be wrong with a storage or a study in it."""

from autoae.spec.errors import UserError


class StorageError(UserError):
    """The storage cannot be used as it is named or as it stands."""


class StudyExists(StorageError):
    """A study of that name is in the storage already."""


class StudyNotFound(StorageError):
    """No study of that name is in the storage."""


class BundleError(UserError):
    """A file is no bundle of a study, or none that can be used."""
