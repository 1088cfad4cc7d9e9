"""Start the monitor on a storage."""

from autoae.views.tui.app import Monitor
from autoae.views.tui.pictures import graphics
from autoae.views.tui.storage_actions import StorageActions
from autoae.views.tui.storage_source import StorageSource


def run_monitor(url: str, study: str | None, named: str | None) -> None:
    """Show a storage in the terminal until the person leaves.

    Args:
        url: As `storage_url` gives it.
        study: Opened at once, or None for the list.
        named: The storage as a command must name it, or None: as the environment does.
    """
    # The terminal is asked what it can show before the app takes it.
    make_image = graphics()
    source, actions = StorageSource(url), StorageActions(url, named)
    try:
        Monitor(source, study=study, actions=actions, make_image=make_image).run()
    finally:
        actions.close()
        source.close()
