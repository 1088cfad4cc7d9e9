"""The root group of the command line: whatever goes wrong below becomes a message."""

import sys
from typing import Any

from typer.core import TyperGroup

from autoae.cli.errors import report_of, trace
from autoae.cli.output import complain, note


class GuardedGroup(TyperGroup):
    """Answers every exception with one message and an exit code, never with a traceback."""

    def main(self, *args: Any, **extra: Any) -> Any:  # noqa: ANN401 (the signature of Typer)
        """Run the command line."""
        try:
            return super().main(*args, **extra)
        except (Exception, KeyboardInterrupt) as error:
            if text := trace(error):
                note(text.rstrip())
            report = report_of(error)
            complain(report)
            sys.exit(int(report.code))
