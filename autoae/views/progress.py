"""The live view of a running study in the terminal."""

from collections.abc import Mapping, Sequence
from threading import Lock

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from autoae.views.board import Board, Question, Watched, pause_line
from autoae.views.numbers import clock, cost, short

_LINES_AROUND = 12
"""Lines of a screen that the table of running trials must leave to everything else."""

_METRICS = 2
"""Objectives whose figure stands in the table: a third would leave no room for the network."""

_STYLES = {
    "complete": "green",
    "pruned": "yellow",
    "refused": "yellow",
    "interrupted": "yellow",
    "failed": "red",
}
_ALWAYS_SHOWN = ("complete", "pruned", "failed")


class ProgressView:
    """An observer that redraws: header, running trials, counts, best so far, throughput.

    Args:
        console: Where to draw.
        timeout: Seconds after which no further trial starts, for the time left.
        board: The state to draw; a new one unless given.
    """

    def __init__(
        self, console: Console, *, timeout: float | None = None, board: Board | None = None
    ) -> None:
        self._console = console
        self._timeout = timeout
        self._board = board or Board()
        # The drawing thread reads what the observer's calls write.
        self._lock = Lock()
        self._live = Live(console=console, get_renderable=self._draw, refresh_per_second=4)

    def __enter__(self) -> "ProgressView":
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()
        self._console.print()

    def study_started(self, spec: Question, budget: int, done: int) -> None:
        """Show the question and how far earlier runs have come."""
        with self._lock:
            self._board.study_started(spec, budget, done)

    def trial_started(self, number: int, notation: str, costs: Mapping[str, float]) -> None:
        """Show a new running trial."""
        with self._lock:
            self._board.trial_started(number, notation, costs)

    def epoch(self, number: int, epoch: int, epochs: int, metrics: Mapping[str, float]) -> None:
        """Move a running trial on."""
        with self._lock:
            self._board.epoch(number, epoch, epochs, metrics)

    def trial_finished(self, number: int, state: str, values: Sequence[float], reason: str) -> None:
        """Take a trial off the table; a failed one leaves a line with its reason."""
        with self._lock:
            trial = self._board.trial_finished(number, state, values, reason)
        if trial.state == "failed":
            line = f"trial {number} failed: {reason or 'no reason was given'}"
            self._console.print(Text(line, style="red"))

    def study_paused(self, paused: bool) -> None:
        """Show that no trial starts, or that trials start again."""
        with self._lock:
            self._board.paused = paused
        self._console.print(Text(pause_line(paused), style="dim"))

    def log(self, message: str) -> None:
        """Pass on what the search has to say, above the view."""
        self._console.print(Text(message, style="dim"))

    def _draw(self) -> RenderableType:
        with self._lock:
            return render(self._board, self._console.height - _LINES_AROUND, self._timeout)


def render(board: Board, most_rows: int, timeout: float | None = None) -> RenderableType:
    """The whole view as it stands.

    Args:
        board: What has been seen.
        most_rows: Running trials to show at most.
        timeout: Seconds that the run may take.
    """
    if board.study is None:
        return Text("starting the workers …", style="dim")
    parts: list[RenderableType] = [_title(board), _budget(board, timeout), Text()]
    if board.running:
        parts += [_running(board, max(most_rows, 3)), Text()]
    return Group(*parts, _counts(board), *_best(board))


def _title(board: Board) -> Text:
    assert board.study is not None
    question = " ".join(board.study.settings.description.split())
    title = Text(no_wrap=True, overflow="ellipsis")
    title.append(board.study.name, style="bold").append(f"  {question}", style="dim")
    return title


def _budget(board: Board, timeout: float | None) -> Table:
    left = board.seconds_left(timeout)
    row = Table.grid(padding=(0, 2), expand=True)
    row.add_column(ratio=1)
    row.add_column(no_wrap=True)
    row.add_column(no_wrap=True, style="cyan")
    row.add_row(
        ProgressBar(total=max(board.budget, 1), completed=min(board.done, board.budget)),
        f"{board.done}/{board.budget} trials",
        clock(board.elapsed) + (" · paused" if board.paused else _left(left)),
    )
    return row


def _left(seconds: float | None) -> str:
    if seconds is None:
        return ""
    # Running trials finish after the last one has started.
    return f" · {clock(seconds)} left" if seconds else " · ending"


def _running(board: Board, most_rows: int) -> Table:
    metrics = [objective.metric for objective in board.objectives[:_METRICS]]
    table = Table(box=None, padding=(0, 2, 0, 0), expand=True, header_style="dim", pad_edge=False)
    table.add_column("trial", justify="right")
    table.add_column("epoch", width=12)
    table.add_column("", justify="right", min_width=5)
    for metric in metrics:
        table.add_column(metric, justify="right", style="bold")
    table.add_column("network", no_wrap=True, overflow="ellipsis", ratio=1, style="cyan")
    trials = sorted(board.running.values(), key=lambda trial: trial.number)
    for trial in trials[:most_rows]:
        table.add_row(*_running_row(trial, metrics))
    if len(trials) > most_rows:
        table.add_row("…", f"{len(trials) - most_rows} more")
    return table


def _running_row(trial: Watched, metrics: Sequence[str]) -> list[RenderableType]:
    bar = ProgressBar(total=max(trial.epochs, 1), completed=trial.epoch, width=12)
    epochs = f"{trial.epoch}/{trial.epochs}" if trial.epochs else ""
    values = [cost(metric, trial.known(metric)) for metric in metrics]
    return [str(trial.number), bar, epochs, *values, trial.notation]


def _counts(board: Board) -> Text:
    line = Text(no_wrap=True, overflow="ellipsis")
    for state, style in _STYLES.items():
        count = board.states[state]
        if not count and state not in _ALWAYS_SHOWN:
            continue
        line.append(f"{count} {state}", style=style if count else "dim").append("   ")
    if (rate := board.trials_per_hour) is not None:
        line.append(f"{rate:,.0f} trials/h", style="dim").append("   ")
    if (epochs := board.epochs_per_second) is not None:
        line.append(f"{epochs:.3g} epochs/s", style="dim")
    return line


def _best(board: Board) -> list[RenderableType]:
    if not board.best:
        return []
    table = Table.grid(padding=(0, 3, 0, 0))
    for metric, best in board.best.items():
        value = Text.assemble((f"best {metric} ", "dim"), (cost(metric, best.value), "bold green"))
        params = f"{short(best.trial.costs.get('params'))} params"
        table.add_row(value, f"trial {best.trial.number}", params)
    # One line of its own for each network: it is the answer, and too long for a column.
    trials = {best.trial.number: best.trial for best in board.best.values()}
    return [table, *(_network(trial) for trial in trials.values())]


def _network(trial: Watched) -> Text:
    line = Text(f"{trial.number:>5}  ", style="dim", no_wrap=True, overflow="ellipsis")
    return line.append(trial.notation, style="not dim cyan")
