"""A table that draws only the rows in sight: ten thousand cost no more than ten."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import Binding
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

Cell = str | Text

_GAP = 2


@dataclass(frozen=True)
class Column:
    """A column.

    Attributes:
        title: Its heading.
        width: In characters; 0 takes the room that the others leave.
        right: Whether its cells line up on the right.
        least: Columns of the widget below which it is left out.
    """

    title: str
    width: int = 0
    right: bool = False
    least: int = 0


@dataclass(frozen=True)
class Table:
    """What a table shows.

    Attributes:
        columns: From left to right.
        keys: One for each row: what the cursor stays on when rows move.
        cells: The cells of a row by its index.
        empty: What is said where there is no row.
    """

    columns: tuple[Column, ...] = ()
    keys: Sequence[Hashable] = ()
    cells: Callable[[int], Sequence[Cell]] = lambda _: ()
    empty: str = ""


class Rows(ScrollView, can_focus=True):
    """A table with a cursor."""

    COMPONENT_CLASSES = {"rows--cursor", "rows--head", "rows--blurred"}  # noqa: RUF012 - Textual's

    BINDINGS = [  # noqa: RUF012 - Textual's
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home,g", "to_end(0)", "First", show=False),
        Binding("end,G", "to_end(1)", "Last", show=False),
        Binding("enter", "choose", "Open", show=False),
    ]

    class Moved(Message):
        """The cursor stands on another row."""

        def __init__(self, rows: "Rows", key: Hashable) -> None:
            super().__init__()
            self.rows, self.key = rows, key

        @property
        def control(self) -> "Rows":
            """Whose cursor."""
            return self.rows

    class Chosen(Moved):
        """A row was chosen."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's
        super().__init__(id=id)
        self.table = Table()
        self._cursor = 0

    @property
    def key(self) -> Hashable | None:
        """Of the row under the cursor; None without rows."""
        return self.table.keys[self._cursor] if self.table.keys else None

    def show(self, table: Table) -> None:
        """Show other rows; the cursor stays on its row where that is still there."""
        key, before = self.key, self._cursor
        self.table = table
        if key is not None and not self._is_at(before, key):
            before = self._index_of(key, before)
        self._cursor = max(0, min(before, len(table.keys) - 1))
        self.virtual_size = Size(0, len(table.keys) + 1)
        if self._cursor != before or key != self.key:
            self._follow()
        self.refresh()

    def select(self, key: Hashable) -> bool:
        """Put the cursor on a row; says whether there is one of that key."""
        index = self._index_of(key, -1)
        if index >= 0:
            self._put(index)
        return index >= 0

    def _is_at(self, index: int, key: Hashable) -> bool:
        return index < len(self.table.keys) and self.table.keys[index] == key

    def _index_of(self, key: Hashable, otherwise: int) -> int:
        try:
            return self.table.keys.index(key)
        except ValueError:
            return otherwise

    def action_move(self, step: int) -> None:
        """Move the cursor."""
        self._put(self._cursor + step)

    def action_page(self, direction: int) -> None:
        """Move the cursor by what is in sight."""
        self._put(self._cursor + direction * max(self.size.height - 2, 1))

    def action_to_end(self, end: int) -> None:
        """Move the cursor to the first or last row."""
        self._put(end * (len(self.table.keys) - 1))

    def action_choose(self) -> None:
        """Choose the row under the cursor."""
        if (key := self.key) is not None:
            self.post_message(self.Chosen(self, key))

    def _put(self, index: int) -> None:
        index = max(0, min(index, len(self.table.keys) - 1))
        if index == self._cursor or not self.table.keys:
            return
        self._cursor = index
        self._follow()
        self.refresh()
        self.post_message(self.Moved(self, self.table.keys[index]))

    def _follow(self) -> None:
        """Keep the cursor in sight, below the heading."""
        row = Region(0, self._cursor, 1, 2)
        self.scroll_to_region(row, animate=False, force=True)

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse is; a second click chooses."""
        index = self.scroll_offset.y + event.y - 1
        if event.y < 1 or index >= len(self.table.keys):
            return
        if index == self._cursor and event.chain > 1:
            self.action_choose()
        self._put(index)

    def render_line(self, y: int) -> Strip:
        """One line of what is in sight; the heading stays above."""
        width = self.scrollable_content_region.width or self.size.width
        if y == 0:
            head = self._laid([column.title for column in self.table.columns], width)
            style = self.get_component_rich_style("rows--head", partial=True)
            return self._strip(head, width, style)
        index = self.scroll_offset.y + y - 1
        if not self.table.keys and y == 1:
            return self._strip(Text(self.table.empty), width, Style(dim=True))
        if index >= len(self.table.keys):
            return Strip.blank(width, self.rich_style)
        line = self._laid(self.table.cells(index), width)
        return self._strip(line, width, self._row_style(index))

    def _row_style(self, index: int) -> Style:
        if index != self._cursor:
            return Style()
        name = "rows--cursor" if self.has_focus else "rows--blurred"
        return self.get_component_rich_style(name, partial=True)

    def _laid(self, cells: Sequence[Cell], width: int) -> Text:
        line = Text()
        shown = [
            (column, cell)
            for column, cell in zip(self.table.columns, cells, strict=True)
            if width >= column.least
        ]
        fixed = sum(column.width + _GAP for column, _ in shown if column.width)
        flexible = sum(not column.width for column, _ in shown) or 1
        room = max((width - fixed) // flexible - _GAP, 4)
        for column, cell in shown:
            line.append_text(_fitted(cell, column.width or room, right=column.right))
            line.append(" " * _GAP)
        return line

    def _strip(self, line: Text, width: int, style: Style) -> Strip:
        line.no_wrap = True
        line.truncate(width, pad=True)
        segments = list(line.render(self.app.console, end=""))
        whole = Strip(segments).apply_style(self.rich_style + style)
        return whole.adjust_cell_length(width, self.rich_style)


def _fitted(cell: Cell, width: int, *, right: bool) -> Text:
    text = cell.copy() if isinstance(cell, Text) else Text(cell)
    if text.cell_len > width:
        text.truncate(width, overflow="ellipsis")
    rest = " " * max(width - cell_len(text.plain), 0)
    return Text(rest).append_text(text) if right else text.append(rest)
