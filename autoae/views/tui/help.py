"""Every key, from the one list."""

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from autoae.views.tui.keys import KEYS, TITLES, by_place, spoken

_TABLE = (
    ("↑ ↓ PgUp PgDn Home End", "Move the cursor; j k g G do too."),
    ("Enter", "Open what the cursor stands on."),
)


class HelpScreen(ModalScreen[None]):
    """The keys, place by place."""

    BINDINGS = [Binding("escape,q,question_mark", "dismiss", "Close")]  # noqa: RUF012 - Textual's

    def compose(self) -> ComposeResult:
        """One long text."""
        with VerticalScroll(classes="dialog wide-dialog"):
            yield Static(help_text())


def help_text() -> Text:
    """Every key with what it does."""
    text = Text()
    for place, keys in by_place(KEYS).items():
        _section(text, TITLES[place], [(spoken(key), key.help) for key in keys])
    _section(text, "Tables", _TABLE)
    return text


def _section(
    text: Text, title: str, rows: "list[tuple[str, str]] | tuple[tuple[str, str], ...]"
) -> None:
    text.append(f"{title}\n", "bold underline")
    for keys, words in rows:
        text.append(f"  {keys:<24}", "bold").append(f"{words}\n")
    text.append("\n")
