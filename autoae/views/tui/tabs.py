"""A line of tabs, chosen by their numbers or the mouse."""

from rich.style import Style
from rich.text import Text
from textual.reactive import reactive
from textual.widget import Widget

from autoae.views.tui.looks import style_of


class TabLine(Widget):
    """One line.

    Attributes:
        active: The name of the tab that is shown.
    """

    active: reactive[str] = reactive("")

    def __init__(self, names: tuple[str, ...], action: str) -> None:
        super().__init__(id="tabs")
        self._names, self._action = names, action

    def render(self) -> Text:
        """Number and name of each."""
        line = Text(no_wrap=True)
        for number, name in enumerate(self._names, start=1):
            click = Style(meta={"@click": f"screen.{self._action}('{name}')"})
            if name == self.active:
                style = style_of(self.app, "accent", bold=True) + Style(reverse=True)
            else:
                style = Style(dim=True)
            line.append(f"{number} {name.title()}", style + click).append(" ")
        return line
