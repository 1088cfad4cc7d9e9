"""What a report is made of, whatever form it is written in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autoae.analysis.sentences import Sentence

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


@dataclass(frozen=True)
class Text:
    """A paragraph.

    Attributes:
        text: Plain text.
        faint: Whether it is a remark that most readers skip.
    """

    text: str
    faint: bool = False


@dataclass(frozen=True)
class Missing:
    """Why something is not there, and what would be needed: one line instead of an empty panel."""

    text: str


@dataclass(frozen=True)
class Sentences:
    """Statements, each with what it rests on."""

    sentences: tuple[Sentence, ...]


@dataclass(frozen=True)
class Table:
    """Rows under headings.

    Attributes:
        name: Of its file, where tables are written to files.
        columns: The headings; one that starts with `#` is of numbers, without the `#`.
        rows: One text for each column.
        caption: What it shows.
        summary: A line that opens it, where it is long; else empty.
    """

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""
    summary: str = ""

    @property
    def headings(self) -> tuple[tuple[str, bool], ...]:
        """Each heading, and whether its column is of numbers."""
        return tuple((name.removeprefix("#"), name.startswith("#")) for name in self.columns)


@dataclass(frozen=True)
class Plot:
    """A figure.

    Attributes:
        name: Of its file, where figures are written to files.
        figure: Drawn by `views/plots`.
        caption: What it shows, and how to read it.
        hint: What the reader can do with it where it is alive.
    """

    name: str
    figure: "Figure"
    caption: str
    hint: str = ""


@dataclass(frozen=True)
class Strip:
    """One row of pictures.

    Attributes:
        label: What they are.
        note: A figure that belongs to them, or an empty text.
        png: The pictures side by side, as the bytes of a PNG file.
    """

    label: str
    note: str
    png: bytes


@dataclass(frozen=True)
class Pictures:
    """Rows of pictures, one above the other.

    Attributes:
        name: Of its file, where figures are written to files.
        strips: From top to bottom.
        caption: What they show.
    """

    name: str
    strips: tuple[Strip, ...]
    caption: str


@dataclass(frozen=True)
class Code:
    """Text to copy.

    Attributes:
        text: As it is.
        summary: A line that opens it, where it is long; else empty.
    """

    text: str
    summary: str = ""


Block = Text | Missing | Sentences | Table | Plot | Pictures | Code


@dataclass(frozen=True)
class Section:
    """A part of a report with a heading.

    Attributes:
        key: A word for links.
        title: Its heading.
        blocks: From top to bottom.
    """

    key: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Report:
    """A whole report.

    Attributes:
        title: The study's name.
        question: The study's question; may be empty.
        facts: What stands under the title: a word and its value.
        sections: From top to bottom.
        footer: By what and when it was written.
    """

    title: str
    question: str
    facts: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    footer: str


def table(
    name: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    caption: str = "",
    summary: str = "",
) -> Table:
    """A table from any sequences."""
    return Table(name, tuple(columns), tuple(tuple(row) for row in rows), caption, summary)
