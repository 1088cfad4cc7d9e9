"""Anyone's images: a directory or a zip of class folders, named by `data.path`."""

from dataclasses import dataclass
from pathlib import Path

from autoae.data.class_folders import opened_class_folders
from autoae.data.errors import DataError
from autoae.data.files import fingerprint, not_found
from autoae.data.source import Source
from autoae.spec.config import DataOptions
from autoae.spec.errors import SpecError

_HOW = "set data.path to a directory or a zip that holds one folder of images per class"


@dataclass(frozen=True)
class Folder:
    """Class folders, with or without `train` and `test` above them."""

    name: str = "folder"
    summary: str = "your images: a directory or zip of class folders"
    known: None = None
    takes_path: bool = True

    def find(self, options: DataOptions) -> Source:
        """Find what `data.path` names.

        Raises:
            SpecError: It names nothing.
            DataError: There is nothing of that name.
        """
        if options.path is None:
            raise SpecError("the data set `folder` needs a path", hint=_HOW, key="data.path")
        place = Path(options.path).expanduser().absolute()
        if not place.exists():
            raise not_found(place)
        shown = f"{self.name} ({place.stem if place.is_file() else place.name})"
        return Source(shown, str(place), fingerprint(place), lambda: opened_class_folders(place))

    def fetch(self, root: Path) -> None:  # noqa: ARG002
        """Refuse: only its owner knows where it is."""
        raise DataError("the data set `folder` is not for download", hint=_HOW)


FOLDER = Folder()
