"""Ctrl-C once: stop asking and let every trial end its epoch. Twice: at once."""

import signal
import threading
from multiprocessing import Pipe
from types import FrameType, TracebackType
from typing import Self

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupts:
    """Counts the signals that ask for an end while the block runs.

    The second one raises KeyboardInterrupt wherever the program stands. Outside the main thread
    Python allows no handlers, and nothing is counted.

    Attributes:
        alarm: Becomes readable with the first signal, so that a wait for workers ends at once.
    """

    def __init__(self) -> None:
        self.alarm, self._bell = Pipe(duplex=False)
        self._count = 0
        self._before: dict[signal.Signals, signal.Handlers] = {}

    @property
    def asked(self) -> bool:
        """Whether somebody has asked for an end."""
        return self._count > 0

    def silence(self) -> None:
        """Put the alarm back, once it was heard."""
        while self.alarm.poll():
            self.alarm.recv_bytes()

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for name in SIGNALS:
                before = signal.signal(name, self._heard)
                self._before[name] = signal.SIG_DFL if before is None else before  # type: ignore[assignment]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for name, handler in self._before.items():
            signal.signal(name, handler)
        self.alarm.close()
        self._bell.close()

    def _heard(self, _signal: int, _frame: FrameType | None) -> None:
        self._count += 1
        if self._count > 1:
            raise KeyboardInterrupt
        self._bell.send_bytes(b"!")
