"""Colours by meaning, from the theme in force."""

from typing import TYPE_CHECKING

from rich.style import Style
from rich.text import Text

from autoae.views.board import state_word

if TYPE_CHECKING:
    from textual.app import App

STATE_COLORS = {
    "complete": "success",
    "done": "success",
    "pruned": "warning",
    "paused": "warning",
    "failed": "error",
    "running": "primary",
    "waiting": "",
    "idle": "",
    "silent": "warning",
    "presumed dead": "error",
}
"""By state, the colour of the theme that stands for it; the word is always there too."""

STATE_MARKS = {
    "complete": "●",
    "done": "●",
    "pruned": "◌",
    "paused": "‖",
    "failed": "✗",
    "running": "▶",
    "waiting": "…",
    "idle": "○",
    "silent": "?",
    "presumed dead": "✗",
}

CURVE_COLORS = ("warning", "primary", "error", "secondary")
"""Of running trials, one after another."""


def style_of(app: "App[object]", color: str, *, faint: bool = False, bold: bool = False) -> Style:
    """A style in a colour of the theme; an empty name is the ordinary ink."""
    found = app.theme_variables.get(color) if color else None
    return Style(color=found if found and found.startswith("#") else None, dim=faint, bold=bold)


def state_text(app: "App[object]", state: str) -> Text:
    """A state as a mark and a word."""
    word = state_word(state)
    style = style_of(app, STATE_COLORS.get(word, ""))
    return Text(f"{STATE_MARKS.get(word, ' ')} {word}", style)
