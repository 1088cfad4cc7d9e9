"""The lines of the reference, as `docs/systems.yaml` lists them."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, model_validator
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[1]
LISTING = ROOT / "docs" / "systems.yaml"

State = Literal["works", "partly", "not yet"]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Published(_Entry):
    """A published figure, which the preset must set beside ours.

    Attributes:
        variant: Of the preset.
        metric: As its claim names it.
        value: The figure.
    """

    variant: str
    metric: str
    value: float


class Line(_Entry):
    """One line of the reference.

    Attributes:
        what: In the reference's words, short.
        kind: What it is about.
        state: How far it is.
        command: What produces it; that which runs the preset, where one is named.
        preset: The study that ships for it, or will.
        learns: Whether its quick profile is too short to beat a baseline, and has to show instead
            that the training loss of every trial falls.
        missing: What is left to do.
        published: Every figure that the reference gives for this preset.
    """

    what: str
    kind: Literal["data", "task", "model", "training", "experiment", "output", "claim"]
    state: State
    command: str = ""
    preset: str = ""
    learns: bool = False
    missing: str = ""
    published: tuple[Published, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> "Line":
        if self.state == "not yet" and self.command:
            raise ValueError(f"{self.what!r}: no command makes what is not there yet")
        if self.state != "not yet" and not self.commands:
            raise ValueError(f"{self.what!r}: what is there is made by a command or a preset")
        if (self.state == "partly") != bool(self.missing):
            raise ValueError(f"{self.what!r}: `missing` says what a line lacks that works partly")
        return self

    @property
    def commands(self) -> tuple[str, ...]:
        """What to type; nothing for what is not there yet."""
        if self.state == "not yet":
            return ()
        run = f"autoae study create {self.preset} --run" if self.preset else ""
        return tuple(filter(None, (run, self.command)))


class System(_Entry):
    """A published system.

    Attributes:
        title: With its letter.
        source: Where it was published.
        lines: Everything that the reference says of it.
    """

    title: str
    source: str
    lines: tuple[Line, ...]

    @property
    def presets(self) -> tuple[str, ...]:
        """The studies that ship for this system, in the order of the reference."""
        there = [line for line in self.lines if line.state != "not yet"]
        return tuple(dict.fromkeys(line.preset for line in there if line.preset))

    @property
    def learning(self) -> frozenset[str]:
        """Those of its presets that only have to show that every trial learns."""
        return frozenset(line.preset for line in self.lines if line.learns)


def read_listing(path: Path = LISTING) -> tuple[System, ...]:
    """All systems.

    Raises:
        ValidationError: A line is not as it should be.
    """
    found = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    return tuple(System.model_validate(each) for each in found["systems"])
