"""Threads that are used again: to start one takes longer than to play a short case."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any


class Job:
    """A call in another thread."""

    def __init__(self, call: Callable[..., object], args: tuple[Any, ...]) -> None:
        self._call = call
        self._args = args
        self._running = threading.Lock()
        self._running.acquire()

    @property
    def is_done(self) -> bool:
        """Whether the call has returned."""
        return not self._running.locked()

    def join(self, limit_s: float) -> bool:
        """Wait until the call has returned; False if it takes longer."""
        if not self._running.acquire(timeout=limit_s):
            return False
        self._running.release()
        return True

    def play(self, before_end: Callable[[], None]) -> None:
        """Make the call. `before_end` comes before anybody learns that it has returned; an
        exception ends the thread, which then is not used again.
        """
        try:
            self._call(*self._args)
            before_end()
        finally:
            self._running.release()


_Jobs = SimpleQueue[Job]
_idle: list[_Jobs] = []
"""What each thread without a job listens to. A list's append and pop are atomic."""


def start(call: Callable[..., object], *args: Any) -> Job:
    """Make a call in a thread that does not keep the process alive."""
    job = Job(call, args)
    try:
        jobs = _idle.pop()
    except IndexError:
        jobs = SimpleQueue()
        threading.Thread(target=_serve, args=(jobs,), daemon=True).start()
    jobs.put(job)
    return job


def _serve(jobs: _Jobs) -> None:
    while True:
        jobs.get().play(lambda: _idle.append(jobs))
