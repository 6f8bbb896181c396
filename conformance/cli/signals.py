"""What SIGTERM does to a command."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

from conformance.run import exit_status


@contextmanager
def ended_by_sigterm() -> Iterator[None]:
    """SIGTERM raises exit_status.Terminated, as SIGINT raises KeyboardInterrupt."""

    def end(number: int, frame: object) -> None:
        raise exit_status.Terminated

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
