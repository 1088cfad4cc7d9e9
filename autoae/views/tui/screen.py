"""What every screen of the monitor has: data that it takes, a status bar, and a least size."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Footer, Static

from autoae.store.listing import StudyListing
from autoae.views.tui.source import StudyView, TrialFiles
from autoae.views.tui.status import StatusBar

if TYPE_CHECKING:
    from autoae.views.tui.app import Monitor

LEAST = (60, 16)
"""Columns and lines below which nothing could be read."""


@dataclass(frozen=True)
class Wanted:
    """What a screen wants to be read.

    Attributes:
        study: The name of a study; None is the list of all.
        trials: Whose files are wanted too.
    """

    study: str | None = None
    trials: tuple[int, ...] = ()


@dataclass(frozen=True)
class Picture:
    """What was read, all at one time.

    Attributes:
        studies: All studies, where they were wanted.
        study: The study that was wanted.
        files: By trial.
    """

    studies: tuple[StudyListing, ...] | None = None
    study: StudyView | None = None
    files: dict[int, TrialFiles] = field(default_factory=dict)


class DataScreen(Screen[None]):
    """A screen that shows what is read for it."""

    def wanted(self) -> Wanted:
        """What shall be read."""
        raise NotImplementedError

    def take(self, picture: Picture) -> None:
        """Show what was read."""
        raise NotImplementedError

    def body(self) -> ComposeResult:
        """The widgets between the top and the status bar."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        """The body, the status bar, the keys; or a word where there is no room."""
        yield from self.body()
        yield Static(id="small")
        yield StatusBar()
        yield Footer(show_command_palette=False)

    @property
    def ready(self) -> bool:
        """Whether its widgets are there: not yet when it opens, no more when it closes."""
        return self.is_mounted and bool(self.query(StatusBar))

    @property
    def monitor(self) -> "Monitor":
        """The app."""
        from autoae.views.tui.app import Monitor

        assert isinstance(self.app, Monitor)
        return self.app

    def on_resize(self, event: events.Resize) -> None:
        """Say so where the terminal is too small."""
        width, height = event.size
        small = width < LEAST[0] or height < LEAST[1]
        self.set_class(small, "small")
        self.set_class(width >= 110, "wide")
        self.set_class(height >= 32, "tall")
        if small:
            need = f"{LEAST[0]}×{LEAST[1]}"
            self.query_one("#small", Static).update(
                f"The terminal is {width}×{height}; the monitor needs {need}.\n"
                "Enlarge it, or leave with q."
            )

    def on_screen_resume(self) -> None:
        """Read at once what this screen wants."""
        self.monitor.read()
