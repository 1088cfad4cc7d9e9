"""The line at the bottom: what is read, how old the picture is, what is wrong."""

from rich.text import Text
from textual.reactive import reactive
from textual.widgets import Static

from autoae.views.numbers import roughly
from autoae.views.tui.looks import style_of

_OLD = 5.0


class StatusBar(Static):
    """One line of state.

    Attributes:
        place: What is read.
        trouble: What is wrong, or empty.
        age: Seconds since the picture was taken, or None before the first.
        held: Whether a person holds the picture.
    """

    place: reactive[str] = reactive("")
    trouble: reactive[str] = reactive("")
    age: reactive[float | None] = reactive(None)
    held: reactive[bool] = reactive(False)

    def render(self) -> Text:
        """The worst first."""
        line = Text(no_wrap=True, overflow="ellipsis")
        if self.held:
            line.append(" HELD ", style_of(self.app, "warning", bold=True)).append(" ")
        if self.trouble:
            line.append("! ", style_of(self.app, "error", bold=True))
            line.append(self.trouble, style_of(self.app, "error")).append("  ")
        if self.age is None:
            return line.append("" if self.trouble else f"reading {self.place} …", "dim")
        old = self.age >= _OLD
        text = f"as it was {roughly(self.age)} ago" if old else "live"
        return line.append(f"{text}  ·  {self.place}", "" if old else "dim")
