"""The progress of a build."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, TextIO

OUTPUT_LINES = 30
LONGEST_LINE = 4096
TOO_LATE = -1000
"""The status of a step that took too long; no program can end with it."""

REDRAW_S = 0.1
PLAIN_S = 5.0

_STEP = re.compile(rb"\[\s*(?:(\d+)%|(\d+)/(\d+))\]")
"""The start of a line of make (`[ 31%]`) or ninja (`[120/396]`)."""


class BuildProgress:
    """The progress of one build: one line that changes on a terminal, a new line every few seconds
    elsewhere.

    what  what is built, such as "mailc"

    Prints nothing before something is made.
    """

    def __init__(self, what: str, out: TextIO | None = None) -> None:
        self.what = what
        self._out = sys.stderr if out is None else out
        self._on_terminal = self._out.isatty()
        self._began = time.monotonic()
        self._reported: float | None = None

    def show(self, how_far: str = "") -> None:
        """Reports the progress, not more often than somebody can read it."""
        now = time.monotonic()
        pause_s = REDRAW_S if self._on_terminal else PLAIN_S
        if self._reported is None or now - self._reported >= pause_s:
            self._reported = now
            self._say(f"building {self.what}" + (how_far and f": {how_far}"))

    def end(self, *, good: bool) -> None:
        """Clears the line on a terminal; elsewhere prints a last line if something was built."""
        if self._reported is None:
            return
        if self._on_terminal:
            self._write("\r\033[K")
        elif good:
            self._say(f"built {self.what} in {time.monotonic() - self._began:.0f} s")

    def _say(self, sentence: str) -> None:
        if self._on_terminal:
            self._write(f"\rmailspec: {sentence}\033[K")
        else:
            self._write(f"mailspec: {sentence}\n")

    def _write(self, text: str) -> None:
        self._out.write(text)
        self._out.flush()


def run(
    argv: Sequence[str],
    progress: BuildProgress,
    folder: Path | None = None,
    limit_s: float | None = None,
) -> tuple[int, str]:
    """Runs one step of a build; returns its exit status and the end of its output.

    If it takes longer than `limit_s` seconds, it is ended with all that it started, and the status
    is TOO_LATE.
    """
    last: deque[bytes] = deque(maxlen=OUTPUT_LINES)
    late = threading.Event()
    with subprocess.Popen(
        argv,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=limit_s is not None,
    ) as process:
        assert process.stdout is not None

        def end() -> None:
            late.set()
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)

        timer = threading.Timer(limit_s or 0, end)
        if limit_s is not None:
            timer.start()
        try:
            for line in _lines(process.stdout):
                last.append(line)
                step = _STEP.match(line)
                if step is not None and b"Built target" not in line:
                    progress.show(how_far(step))
        finally:
            timer.cancel()
    status = TOO_LATE if late.is_set() else process.returncode
    return status, b"".join(last).decode("utf-8", "replace").rstrip("\n")


def _lines(stream: IO[bytes]) -> Iterator[bytes]:
    """Its lines, each of at most LONGEST_LINE octets."""
    while line := stream.readline(LONGEST_LINE):
        yield line


def how_far(step: re.Match[bytes]) -> str:
    """`31%` or `120/396`."""
    percent, done, total = (None if part is None else part.decode() for part in step.groups())
    return f"{percent}%" if percent is not None else f"{done}/{total}"
