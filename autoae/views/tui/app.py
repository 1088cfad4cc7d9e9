"""The monitor itself: one thread reads, one list of keys, and the last good picture stays."""

import time
from collections.abc import Callable, Iterable
from functools import partial

from textual import on
from textual.app import App, SystemCommand
from textual.dom import DOMNode
from textual.message import Message
from textual.screen import ModalScreen, Screen

from autoae.spec.errors import UserError
from autoae.views.tui.actions import StudyActions
from autoae.views.tui.background import Background, Finished, Job
from autoae.views.tui.dialogs import Confirm, VaryForm
from autoae.views.tui.help import HelpScreen
from autoae.views.tui.keys import KEYS, bindings
from autoae.views.tui.pictures import MakeWidget
from autoae.views.tui.screen import DataScreen, Picture, Wanted
from autoae.views.tui.source import StudySource, StudyView
from autoae.views.tui.status import StatusBar
from autoae.views.tui.studies import StudiesScreen
from autoae.views.tui.study import StudyScreen
from autoae.views.tui.trial import TrialScreen

_READ = "read"
_THEMES = ("textual-dark", "textual-light", "nord", "gruvbox", "solarized-light", "dracula")
SECONDS = 1.0
"""Between two looks at the storage."""


class Told(Message):
    """An action has ended.

    Attributes:
        text: What came of it.
        wrong: Whether it failed.
        form: The form that asked for it, if one did.
        error: Why it failed.
    """

    def __init__(self, text: str, form: VaryForm | None, error: UserError | None = None) -> None:
        super().__init__()
        self.text, self.form, self.error = text, form, error


class Monitor(App[None]):
    """The app.

    Args:
        source: What is read.
        study: Opened at once; the list of studies unless given.
        actions: What may be done; nothing unless given.
        clock: Seconds since 1970.
        seconds: Between two looks.
        make_image: Shows an image in real pixels, where the terminal can.
    """

    TITLE = "autoae"
    CSS_PATH = ["monitor.tcss", "study.tcss", "trial.tcss", "dialogs.tcss"]  # noqa: RUF012 - Textual's
    BINDINGS = bindings("everywhere")
    ENABLE_COMMAND_PALETTE = True

    def __init__(
        self,
        source: StudySource,
        *,
        study: str | None = None,
        actions: StudyActions | None = None,
        clock: Callable[[], float] = time.time,
        seconds: float = SECONDS,
        make_image: MakeWidget | None = None,
    ) -> None:
        super().__init__()
        self.source, self.actions, self.clock, self.make_image = source, actions, clock, make_image
        self.held = False
        self.listed = False
        self._study, self._seconds = study, seconds
        self._trouble = ""
        self._read_at: float | None = None
        self._reader: Background | None = None

    def on_mount(self) -> None:
        """Open the first screen, then read."""
        self._reader = Background(_READ, self)
        self.push_screen(StudiesScreen())
        if self._study is not None:
            self.push_screen(StudyScreen(self._study))
        self.set_interval(self._seconds, self._tick)

    def on_unmount(self) -> None:
        """End the thread; what it still reads is forgotten."""
        if self._reader is not None:
            self._reader.end()

    def _tick(self) -> None:
        if not self.held:
            self.read()
        self._tell_state()

    def read(self) -> None:
        """Read what the screen in front wants, as soon as the thread is free."""
        screen = self._front()
        if self._reader is not None and screen is not None:
            wanted = screen.wanted()
            self._reader.submit(Job(wanted, partial(_read, self.source, wanted)))

    def _front(self) -> DataScreen | None:
        """The foremost screen that shows data, below any dialog."""
        return next((s for s in reversed(self.screen_stack) if isinstance(s, DataScreen)), None)

    @on(Finished)
    def _took(self, event: Finished) -> None:
        if isinstance(event.result, Exception):
            # The last good picture stays.
            self._trouble = f"{event.result}"
        elif not self.held and isinstance(event.result, Picture):
            self._trouble, self._read_at = "", self.clock()
            self._deliver(event.result)
        self._tell_state()

    def _deliver(self, picture: Picture) -> None:
        self.listed = self.listed or picture.studies is not None
        for screen in self.screen_stack:
            if isinstance(screen, DataScreen) and screen.ready:
                screen.take(picture)
        front = self._front()
        if front is not None and picture.study is None and front.wanted().study is not None:
            self.read()

    def _tell_state(self) -> None:
        screen = self._front()
        bar = next(iter(screen.query(StatusBar)), None) if screen is not None else None
        if bar is not None:
            bar.place, bar.trouble, bar.held = self.source.place, self._trouble, self.held
            bar.age = None if self._read_at is None else max(self.clock() - self._read_at, 0.0)

    def say(self, text: str, *, wrong: bool = False) -> None:
        """Tell the person something for a few seconds."""
        self.notify(text, severity="error" if wrong else "information", markup=False)

    def open_study(self, name: str) -> None:
        """Show a study."""
        self.push_screen(StudyScreen(name))

    def open_trial(self, study: str, numbers: tuple[int, ...], view: StudyView | None) -> None:
        """Show one or two trials."""
        self.push_screen(TrialScreen(study, numbers, view))

    def ask(self, question: Confirm, then: Callable[[], None]) -> None:
        """Ask, and do it after a yes."""

        def answered(sure: bool | None) -> None:
            if sure:
                then()

        self.push_screen(question, answered)

    def act(self, do: Callable[[StudyActions], str], *, form: VaryForm | None = None) -> None:
        """Do something through the storage, in a thread, and say what came of it."""
        if self.actions is None:
            self.say("this monitor only looks", wrong=True)
            return
        actions = self.actions
        self.run_worker(lambda: self._acted(lambda: do(actions), form), thread=True)

    def _acted(self, do: Callable[[], str], form: VaryForm | None) -> None:
        try:
            self.post_message(Told(do(), form))
        except UserError as error:
            hint = f" ({error.hint})" if error.hint else ""
            self.post_message(Told(f"{error}{hint}", form, error))

    @on(Told)
    def _told(self, event: Told) -> None:
        if event.form is not None and event.form in self.screen_stack:
            if event.error is not None:
                event.form.show_problem(event.error)
                return
            event.form.dismiss(None)
        self.say(event.text, wrong=event.error is not None)
        self.read()

    def action_leave(self) -> None:
        """Leave the search or the screen; the first screen stays."""
        screen = self.screen
        if isinstance(screen, StudyScreen) and screen.back():
            return
        if len(self.screen_stack) > 2:
            self.pop_screen()

    def action_help(self) -> None:
        """Show every key."""
        if not isinstance(self.screen, ModalScreen):
            self.push_screen(HelpScreen())

    def action_hold(self) -> None:
        """Hold the picture still, or let it go on."""
        self.held = not self.held
        self._tell_state()
        if not self.held:
            self.read()

    def action_read_now(self) -> None:
        """Read at once, held or not."""
        self.held = False
        self.read()

    def action_next_theme(self) -> None:
        """Take the next theme."""
        place = _THEMES.index(self.theme) if self.theme in _THEMES else -1
        self.theme = _THEMES[(place + 1) % len(_THEMES)]

    def action_dashboard(self) -> None:
        """Open the dashboard in the browser."""
        self.act(lambda actions: actions.dashboard())

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """What the palette offers: the keys that work on this screen, and the themes."""
        bound = {binding.action for _, binding, *_ in screen.active_bindings.values()}
        for key in KEYS:
            if key.action in bound and key.action != "command_palette":
                run = partial(self._run, screen, key.action)
                yield SystemCommand(key.label, key.help, run)
        for theme in _THEMES:
            yield SystemCommand(f"Theme {theme}", "Change the colours.", partial(self._take, theme))

    def _take(self, theme: str) -> None:
        self.theme = theme

    async def _run(self, screen: Screen[object], action: str) -> None:
        await self.run_action(action, default_namespace=_owner(screen, action))


def _owner(screen: Screen[object], action: str) -> DOMNode:
    """Who has an action: the widget, screen or app whose binding it is."""
    for bound in screen.active_bindings.values():
        if bound.binding.action == action:
            return bound.node
    return screen


def _read(source: StudySource, wanted: Wanted) -> Picture:
    if wanted.study is None:
        return Picture(studies=source.studies())
    view = source.study(wanted.study)
    numbers = [number for number in wanted.trials if number < len(view.snapshot.trials)]
    return Picture(study=view, files={number: source.trial(view, number) for number in numbers})
