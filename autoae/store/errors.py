"""What can be wrong with a storage or a study in it."""

from autoae.spec.errors import UserError


class StorageError(UserError):
    """The storage cannot be used as it is named or as it stands."""


class StudyExists(StorageError):
    """A study of that name is in the storage already."""


class StudyNotFound(StorageError):
    """No study of that name is in the storage."""
