"""Every key of the monitor, in one list: it feeds the bindings, the help and the palette."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from textual.binding import Binding, BindingType

Place = Literal["everywhere", "studies", "study", "trials", "front", "slice", "trial"]


@dataclass(frozen=True)
class Key:
    """One key.

    Attributes:
        keys: As Textual names them, separated by commas.
        action: What it does, as Textual calls it.
        label: In a word or two, for the footer.
        help: In a sentence.
        place: Where it works.
        shown: Whether the footer names it.
    """

    keys: str
    action: str
    label: str
    help: str
    place: Place
    shown: bool = False


TABS = ("now", "trials", "front", "knobs", "parallel", "slice", "history", "workers", "log")
"""The tabs of a study, in the order of their keys."""

VIEWS = ("summary", "layers", "curves", "confusion", "images", "settings")
"""The tabs of a trial."""

KEYS = (
    Key("question_mark,f1", "help", "Help", "Show every key.", "everywhere", True),
    Key("ctrl+p", "command_palette", "Commands", "Find a command by its name.", "everywhere"),
    Key("q,ctrl+q", "quit", "Quit", "Leave the monitor; the study goes on.", "everywhere", True),
    Key("t", "next_theme", "Theme", "Take the next theme.", "everywhere"),
    Key("space", "hold", "Hold", "Hold the picture still, or let it go on.", "everywhere"),
    Key("ctrl+r", "read_now", "Read", "Read the storage at once.", "everywhere"),
    Key("escape,backspace", "leave", "Back", "Go back.", "everywhere", True),
    Key("D", "dashboard", "Dashboard", "Open optuna-dashboard in the browser.", "everywhere"),
    *(
        Key(str(number), f"tab('{name}')", name.title(), f"Show the tab {name}.", "study")
        for number, name in enumerate(TABS, start=1)
    ),
    Key("right_square_bracket", "turn(1)", "Next tab", "Show the next tab.", "study"),
    Key("left_square_bracket", "turn(-1)", "Tab before", "Show the tab before.", "study"),
    Key("enter", "open", "Open", "Open what the cursor stands on.", "study"),
    Key("b", "best", "Best", "Go to the best trial.", "study", True),
    Key("p", "pause", "Pause", "Pause the study, or resume it.", "study", True),
    Key("S", "stop", "Stop", "Stop the study as one Ctrl-C does: nothing is lost.", "study"),
    Key("x", "prune", "Prune", "End the running trial under the cursor.", "study"),
    Key("R", "retry", "Retry", "Queue the failed or pruned trial under the cursor.", "study"),
    Key("e", "vary", "Vary", "Queue a variation of the trial under the cursor.", "study"),
    Key("n", "note", "Note", "Add a note to the trial under the cursor.", "study"),
    Key("N", "study_note", "Study note", "Add a note to the study.", "study"),
    Key("y", "copy", "Copy", "Copy the command that trains the trial again.", "study"),
    Key("c", "compare", "Compare", "Mark a trial; again on another: both together.", "study"),
    Key("s", "sort", "Sort", "Sort by the next column.", "trials", True),
    Key("r", "reverse", "Reverse", "Turn the order round.", "trials"),
    Key("f", "filter", "Filter", "Show the trials of the next state only.", "trials", True),
    Key("slash", "search", "Search", "Show trials whose network or parameters match.", "trials"),
    Key("left,h", "along(-1)", "Before", "Select the trial before on the front.", "front"),
    Key("right,l", "along(1)", "After", "Select the next trial on the front.", "front"),
    Key("a", "axis('x')", "x axis", "Take the next figure for the x axis.", "front", True),
    Key("o", "axis('y')", "y axis", "Take the next figure for the y axis.", "front", True),
    Key("left,h", "knob(-1)", "Before", "Show the knob before.", "slice"),
    Key("right,l", "knob(1)", "After", "Show the next knob.", "slice"),
    *(
        Key(str(number), f"view('{name}')", name.title(), f"Show the {name}.", "trial")
        for number, name in enumerate(VIEWS, start=1)
    ),
    Key("right,l", "step(1)", "Next", "Show the next trial.", "trial", True),
    Key("left,h", "step(-1)", "Before", "Show the trial before.", "trial", True),
    Key("b", "beside_best", "Best", "Set the best trial beside this one, or away.", "trial", True),
    Key("tab", "swap", "Swap", "Steer the other of two trials.", "trial"),
    Key("x", "prune", "Prune", "End this trial if it runs.", "trial"),
    Key("R", "retry", "Retry", "Queue this trial again if it failed or was pruned.", "trial"),
    Key("e", "vary", "Vary", "Queue a variation of this trial.", "trial"),
    Key("n", "note", "Note", "Add a note to this trial.", "trial"),
    Key("y", "copy", "Copy", "Copy the command that trains this trial again.", "trial"),
)

TITLES: dict[Place, str] = {
    "everywhere": "Everywhere",
    "studies": "Studies",
    "study": "A study",
    "trials": "Tab Trials",
    "front": "Tab Front",
    "slice": "Tab Slice",
    "trial": "A trial",
}


def keys_of(*places: Place) -> tuple[Key, ...]:
    """The keys that work in some places."""
    return tuple(key for key in KEYS if key.place in places)


def bindings(*places: Place) -> list[BindingType]:
    """The keys of some places as Textual binds them."""
    return [_binding(key) for key in keys_of(*places)]


def _binding(key: Key) -> Binding:
    shown = spoken(key).split(" or ")[0]
    return Binding(key.keys, key.action, key.label, show=key.shown, key_display=shown)


def spoken(key: Key) -> str:
    """The keys as people write them."""
    return " or ".join(_SPOKEN.get(each, each) for each in key.keys.split(","))


_SPOKEN: dict[str, str] = {
    "question_mark": "?",
    "slash": "/",
    "f1": "F1",
    "ctrl+p": "Ctrl-P",
    "ctrl+q": "Ctrl-Q",
    "ctrl+r": "Ctrl-R",
    "escape": "Esc",
    "backspace": "Backspace",
    "space": "Space",
    "enter": "Enter",
    "left": "←",
    "right": "→",
    "tab": "Tab",
    "right_square_bracket": "]",
    "left_square_bracket": "[",
}


def by_place(keys: Iterable[Key]) -> dict[Place, list[Key]]:
    """Keys in the order of the list, place by place."""
    found: dict[Place, list[Key]] = {}
    for key in keys:
        found.setdefault(key.place, []).append(key)
    return found
