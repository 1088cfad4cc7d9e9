"""What a person may do to a study or a trial, the same from every screen of a study."""

from typing import TYPE_CHECKING

from autoae.views.tui.dialogs import Confirm, Entry, VaryForm
from autoae.views.tui.source import StudyView

if TYPE_CHECKING:
    from autoae.views.tui.actions import StudyActions
    from autoae.views.tui.app import Monitor


class Doing:
    """The actions of a screen that shows a study; what destroys something is asked about first."""

    study_name: str
    view: StudyView | None

    if TYPE_CHECKING:

        @property
        def monitor(self) -> Monitor:
            """The app."""

    def chosen(self) -> int | None:
        """The trial that the keys are about."""
        raise NotImplementedError

    def action_pause(self) -> None:
        """Pause the study, or resume it."""
        self.monitor.act(lambda actions: actions.pause(self.study_name))

    def action_stop(self) -> None:
        """Stop the study, after a question."""
        self.monitor.ask(
            Confirm(
                f"Stop {self.study_name}? Its trials end at their next epoch and are queued again."
            ),
            lambda: self.monitor.act(lambda actions: actions.stop(self.study_name)),
        )

    def action_prune(self) -> None:
        """End a running trial, after a question."""
        number = self.chosen()
        if number is None:
            return
        if self.view is not None and self.view.snapshot.trials[number].state != "RUNNING":
            self.monitor.say(f"trial {number} is not running", wrong=True)
            return
        self.monitor.ask(
            Confirm(f"Prune trial {number}? It ends within seconds, as pruned."),
            lambda: self.monitor.act(lambda actions: actions.prune(self.study_name, number)),
        )

    def action_retry(self) -> None:
        """Queue a trial again."""
        if (number := self.chosen()) is not None:
            self.monitor.act(lambda actions: actions.retry(self.study_name, number))

    def action_vary(self) -> None:
        """Edit the parameters of a trial in a form, and queue it."""
        number = self.chosen()
        if number is None or self.view is None:
            return
        params = self.view.snapshot.trials[number].params
        if not params:
            self.monitor.say(f"trial {number} has no parameters", wrong=True)
            return
        form = VaryForm(self.study_name, number, params, self.view.question.domains)
        self.monitor.push_screen(form)

    def action_note(self) -> None:
        """Add a note to a trial."""
        if (number := self.chosen()) is not None:
            self._note(number, f"Note on trial {number}")

    def action_study_note(self) -> None:
        """Add a note to the study."""
        self._note(None, f"Note on {self.study_name}")

    def _note(self, number: int | None, title: str) -> None:
        def write(text: str | None) -> None:
            if text:
                self.monitor.act(lambda actions: actions.note(self.study_name, number, text))

        self.monitor.push_screen(Entry(title), write)

    def action_copy(self) -> None:
        """Copy the command that trains a trial again."""
        number = self.chosen()
        if number is not None:

            def copy(actions: "StudyActions") -> str:
                command = actions.reproduce(self.study_name, number)
                self.monitor.call_from_thread(self.monitor.copy_to_clipboard, command)
                return f"copied: {command}"

            self.monitor.act(copy)
