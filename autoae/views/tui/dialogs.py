"""Questions that are asked above a screen: sure?, a line of text, a variation of a trial."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Label, Static

from autoae.analysis.values import value_text
from autoae.spec.document import read_value
from autoae.spec.domains import Choices, Domain, Value
from autoae.spec.errors import UserError

if TYPE_CHECKING:
    from autoae.views.tui.actions import StudyActions


class Confirm(ModalScreen[bool]):
    """Asks whether something shall be done; no is what an accident says.

    Args:
        question: In a sentence or two.
    """

    BINDINGS = [  # noqa: RUF012 - Textual's
        Binding("y", "answer(True)", "Yes"),
        Binding("n,escape", "answer(False)", "No"),
    ]

    def __init__(self, question: str) -> None:
        super().__init__()
        self._question = question

    def compose(self) -> ComposeResult:
        """The question and two buttons."""
        with Vertical(classes="dialog"):
            yield Label(self._question)
            with Horizontal(classes="buttons"):
                yield Button("No (n)", id="no")
                yield Button("Yes (y)", id="yes", variant="error")

    def on_mount(self) -> None:
        """Enter alone destroys nothing."""
        self.query_one("#no", Button).focus()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "yes")

    def action_answer(self, sure: bool) -> None:
        """Answer."""
        self.dismiss(sure)


class Entry(ModalScreen[str | None]):
    """Asks for a line of text.

    Args:
        title: What it is for.
    """

    BINDINGS = [Binding("escape", "leave", "Leave")]  # noqa: RUF012 - Textual's

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title

    def compose(self) -> ComposeResult:
        """A field."""
        with Vertical(classes="dialog"):
            yield Label(self._title)
            yield Input(placeholder="text; Enter writes it, Esc leaves")

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        self.dismiss(event.value.strip() or None)

    def action_leave(self) -> None:
        """Write nothing."""
        self.dismiss(None)


class VaryForm(ModalScreen[None]):
    """The parameters of a trial, to be changed; it closes once the storage has taken them.

    Args:
        study: Its name.
        number: Of the trial.
        params: Its parameters.
        domains: What each may be.
    """

    BINDINGS = [  # noqa: RUF012 - Textual's
        Binding("escape", "leave", "Leave"),
        Binding("ctrl+s", "queue", "Queue"),
    ]

    def __init__(
        self,
        study: str,
        number: int,
        params: Mapping[str, Value],
        domains: Mapping[str, Domain],
    ) -> None:
        super().__init__()
        self._study, self._number = study, number
        self._texts = {name: value_text(value) for name, value in params.items()}
        self._domains = domains

    def compose(self) -> ComposeResult:
        """A field for each parameter, with what it may be."""
        with Vertical(classes="dialog wide-dialog"):
            yield Label(f"A variation of trial {self._number}")
            with VerticalScroll():
                for name, text in self._texts.items():
                    with Horizontal(classes="field"):
                        yield Label(name, classes="field-name")
                        yield Input(text, id=_identity(name), compact=True)
                        yield Label(_may_be(self._domains.get(name)), classes="field-range")
            yield Static("", id="form-problem")
            with Horizontal(classes="buttons"):
                yield Button("Leave (Esc)", id="leave")
                yield Button("Queue it (Ctrl-S)", id="queue", variant="primary")

    @on(Button.Pressed, "#leave")
    def action_leave(self) -> None:
        """Queue nothing."""
        self.dismiss(None)

    @on(Button.Pressed, "#queue")
    @on(Input.Submitted)
    def action_queue(self) -> None:
        """Queue what the fields say; what is wrong is said below them."""
        from autoae.views.tui.app import Monitor

        assert isinstance(self.app, Monitor)
        try:
            changes = dict(self._changes())
        except UserError as error:
            self.show_problem(error)
            return
        if not changes:
            self.query_one("#form-problem", Static).update("nothing was changed")
            return
        study, number = self._study, self._number

        def vary(actions: "StudyActions") -> str:
            return actions.vary(study, number, changes)

        self.app.act(vary, form=self)

    def show_problem(self, error: UserError) -> None:
        """Say what is wrong."""
        self.query_one("#form-problem", Static).update(f"{error}")

    def _changes(self) -> Iterator[tuple[str, Value]]:
        for name, before in self._texts.items():
            text = self.query_one(f"#{_identity(name)}", Input).value.strip()
            if text != before:
                yield name, read_value(text, name)


def _identity(name: str) -> str:
    return "field-" + name.replace(".", "-").replace("_", "-")


def _may_be(domain: Domain | None) -> str:
    if domain is None:
        return ""
    if isinstance(domain, Choices):
        return ", ".join(value_text(value) for value in domain.values)
    return f"{value_text(domain.low)} to {value_text(domain.high)}"
