"""Play with the monitor without a terminal: press keys, wait, look at the screen."""

import asyncio
from collections.abc import Awaitable, Callable

from textual.pilot import Pilot

from autoae.views.tui.app import Monitor
from autoae.views.tui.rows import Rows
from autoae.views.tui.study import StudyScreen
from tests.tui.fake import text_of, until

Play = Callable[[Monitor, Pilot[None]], Awaitable[None]]


def play(app: Monitor, acts: Play, size: tuple[int, int] = (100, 30)) -> None:
    """Run the app without a terminal and do something with it."""

    async def run() -> None:
        async with app.run_test(size=size) as pilot:
            await acts(app, pilot)

    asyncio.run(run())


def rows(app: Monitor, name: str = "#trials-rows") -> Rows:
    """A table of the screen."""
    return app.screen.query_one(name, Rows)


def shows(app: Monitor, words: tuple[str, ...]) -> bool:
    """Whether the screen has all of these words."""
    text = text_of(app)
    return all(word in text for word in words)


async def trials_tab(app: Monitor, pilot: Pilot[None]) -> Rows:
    """Go to the tab of trials and wait for its rows."""
    await until(pilot, lambda: isinstance(app.screen, StudyScreen))
    await pilot.press("2")
    await until(pilot, lambda: rows(app).table.keys)
    return rows(app)
