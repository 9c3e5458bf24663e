# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Ctrl-C and SIGTERM as a request to finish the step, save and leave."""

from __future__ import annotations

import signal
import threading
import time
from types import FrameType, TracebackType

# Launchers repeat the Ctrl-C that the terminal has already sent to every process of the group; people are slower.
_REPEATED_BY_LAUNCHER = 1.0


class TrainingInterrupted(SystemExit):
    """Training was asked to stop and has saved; uncaught, it ends the process with 128 + signal number.

    Attributes:
        step: finished steps.
        checkpoint: folder to resume from, None if checkpoints are off.
    """

    def __init__(self, signal_number: int, step: int, checkpoint: str | None):
        super().__init__(128 + signal_number)
        self.step = step
        self.checkpoint = checkpoint


class StopRequest:
    """While entered, SIGINT and SIGTERM only set `signal_number`; a second Ctrl-C raises KeyboardInterrupt at once."""

    def __init__(self) -> None:
        self.signal_number = 0
        self._first_interrupt: float | None = None
        self._previous: dict[int, object] = {}

    def __enter__(self) -> StopRequest:
        # Only the main thread may set handlers; elsewhere the program's own stay in force.
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._previous[number] = signal.signal(number, self._on_signal)
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)
        self._previous = {}

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        if number == signal.SIGINT:
            if self._first_interrupt is not None and now - self._first_interrupt > _REPEATED_BY_LAUNCHER:
                raise KeyboardInterrupt
            self._first_interrupt = self._first_interrupt or now
        self.signal_number = self.signal_number or number
