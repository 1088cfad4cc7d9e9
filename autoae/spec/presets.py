"""The study files that ship with autoae."""

from pathlib import Path

from autoae.spec.errors import SpecError
from autoae.spec.names import nearest


def _folder() -> Path:
    package = Path(__file__).parents[1]
    installed = package / "studies"
    # A wheel carries the presets inside the package; a checkout keeps them beside it.
    return installed if installed.is_dir() else package.parent / "studies"


def preset_names() -> list[str]:
    """The names of all presets, sorted."""
    return sorted(path.stem for path in _folder().glob("*.yaml"))


def preset_path(name: str) -> Path:
    """The file of a preset.

    Raises:
        SpecError: There is no such preset.
    """
    names = preset_names()
    if name not in names:
        raise SpecError(f"there is no preset {name!r}; {nearest(name, names)}")
    return _folder() / f"{name}.yaml"


def preset_text(name: str) -> str:
    """The text of a preset.

    Raises:
        SpecError: There is no such preset.
    """
    return preset_path(name).read_text(encoding="utf-8")
