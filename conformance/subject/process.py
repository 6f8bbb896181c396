"""A child process that answers JSON lines, with a limit on every wait and on the octets."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from conformance.subject import complaint, unpacked
from conformance.subject.child import Child
from conformance.subject.device_process import FAULT_STATUS, SAYS
from conformance.subject.error import AdapterBroken, Crashed, Hung, NotInstalled
from conformance.subject.json_line import parse, short, shown
from conformance.subject.keeper import Keeper, KeeperGone
from fake_servers.files import scratch

MAX_LINE = 16 * 1024 * 1024
BYE_LIMIT_S = 5.0
"""How long a driver may take to end: a sanitizer looks for leaks at that time."""
END_LIMIT_S = 2.0
"""How long a driver may keep running after it has closed its stdout."""


class LineProcess:
    """One driver process: writes one JSON line, waits for one JSON line.

    crash_statuses  exit statuses that a tool such as valgrind gives for a fault of the client
    advance() may come from another thread while request() waits.
    """

    def __init__(self, argv: Sequence[str], crash_statuses: frozenset[int] = frozenset()) -> None:
        self._argv = tuple(argv)
        self._crash_statuses = crash_statuses
        self._turn = threading.Condition(threading.RLock())
        self._searched = 0
        self._pending = False
        self._keeper: Keeper | None = None
        self._child: Child | None = None
        self._kept = ""
        self._has_complained = False

    @property
    def program(self) -> str:
        """The program's name."""
        return self._argv[0]

    @property
    def running(self) -> bool:
        return self._child is not None

    @property
    def left(self) -> list[str]:
        """Command lines of what its processes left behind so far."""
        return [] if self._keeper is None else self._keeper.left

    def start(self, folder: Path) -> None:
        """Start the child in `folder`; raises NotInstalled where there is no such program."""
        environment = dict(os.environ)
        environment["TMPDIR"] = str(folder)
        environment["PATH"] = unpacked.search_path()
        environment.setdefault("UBSAN_OPTIONS", "halt_on_error=1:print_stacktrace=1")
        if self._keeper is None:
            self._keeper = Keeper(scratch.root())
        try:
            self._child = Child(self._keeper, self._argv, folder, environment)
        except (OSError, ValueError, KeeperGone) as error:
            reason = (error.strerror if isinstance(error, OSError) else "") or str(error)
            raise NotInstalled(f"{short(self.program)} cannot be started: {reason}") from error
        self._searched = 0
        self._has_complained = False

    def send(self, row: dict[str, Any], *, answered: bool = False, last: bool = False) -> None:
        """Writes one line. If the child is gone, waiting for its answer shows that."""
        line = json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        if len(line) > MAX_LINE:
            raise AdapterBroken(f"a line of {len(line)} octets is above the limit of 16 MiB")
        assert self._child is not None
        with self._turn:
            self._child.write(line, last=last)
            if answered:
                self._pending = True
                self._turn.notify_all()

    def send_while_pending(self, row: dict[str, Any], wait_s: float) -> bool:
        """Writes one line after a request that waits for its answer.

        Waits up to `wait_s` seconds for such a request; returns False if none came.
        """
        with self._turn:
            if not self._turn.wait_for(lambda: self._pending, wait_s):
                return False
            self.send(row)
        return True

    def request(self, row: dict[str, Any], limit_s: float) -> dict[str, Any]:
        """Writes one line and returns the object that answers it.

        Raises Hung after `limit_s` seconds, Crashed if the child dies by a signal or a sanitizer,
        and AdapterBroken if it ends in another way or its answer is not an object.
        """
        assert self._child is not None
        if self._child.out:
            line = bytes(self._child.out[:200])
            raise AdapterBroken(f"the driver answered without being asked: {shown(line)}")
        self.send(row, answered=True)
        try:
            line = self._read_line(self._child, time.monotonic() + limit_s, limit_s)
        except KeeperGone as error:
            self._drop()
            raise AdapterBroken(str(error)) from error
        finally:
            with self._turn:
                self._pending = False
        return parse(line)

    def _read_line(self, child: Child, deadline: float, limit_s: float) -> bytes:
        self._searched = 0
        if not child.carry(deadline, lambda: self._has_line(child) or not child.has_stdout):
            self.kill()
            raise Hung(f"gave no answer within {limit_s:g} s")
        if len(child.out) > MAX_LINE and not self._has_line(child, MAX_LINE):
            self.kill()
            raise AdapterBroken("the driver answered a line above the limit of 16 MiB")
        end = child.out.find(b"\n")
        if end < 0:
            self._died(child)
        line = bytes(child.out[:end])
        del child.out[: end + 1]
        return line

    def _has_line(self, child: Child, limit: int = 0) -> bool:
        """Whether a whole line has arrived, or more than a line can have."""
        if limit:
            return child.out.find(b"\n", 0, limit + 1) >= 0
        end = child.out.find(b"\n", self._searched)
        self._searched = len(child.out)
        return end >= 0 or len(child.out) > MAX_LINE

    def _died(self, child: Child) -> NoReturn:
        """Raises the exception for a child that ended without an answer."""
        if not child.carry(time.monotonic() + END_LIMIT_S, lambda: False):
            self.kill()
            raise AdapterBroken("the driver closed its stdout but kept running")
        status = child.status
        self._drop()
        if status == -signal.SIGXCPU:
            raise Hung(OUT_OF_TIME)
        if fault := self._fault(status):
            raise Crashed(fault)
        raise AdapterBroken(f"the driver ended with exit status {status} and no answer")

    def _fault(self, status: int | None) -> str:
        """How the client itself failed, judged by how its process ended; or an empty string."""
        assert status is not None
        return fault_of(status, self._kept, self._crash_statuses)

    def bye(self, limit_s: float = BYE_LIMIT_S) -> str:
        """Says bye, closes its stdin and waits; kills a child that stays.

        Returns a sentence if it ended by a fault of its own; the report is in take_stderr().
        """
        child = self._child
        if child is None:
            return ""
        try:
            self.send({"cmd": "bye"}, last=True)
            if not child.carry(time.monotonic() + limit_s, partial(self._drop_output, child)):
                child.kill()
                self._drop()
                return ""
        except KeeperGone:
            self._drop()
            return ""
        status = child.status
        self._drop()
        if self._has_complained and not complaint.is_new(self._kept):
            return ""
        return self._fault(status)

    @staticmethod
    def _drop_output(child: Child) -> bool:
        """Ignores whatever a driver says after bye."""
        child.out.clear()
        return False

    def kill(self) -> None:
        """Kills the child and everything that it started."""
        if self._child is not None:
            try:
                self._child.kill()
            except KeeperGone:
                pass
            self._drop()

    def close(self) -> None:
        """Ends the keeper, after the child."""
        self.kill()
        if self._keeper is not None:
            self._keeper.close()

    def _drop(self) -> None:
        assert self._child is not None
        self._kept += self._child.err.take()
        self._child.close()
        self._child = None

    def peek_stderr(self) -> str:
        """What a child that has ended wrote to stderr; take_stderr() gives it once more."""
        return self._kept

    def take_stderr(self) -> str:
        """What the child wrote to stderr since the last call, even if it has ended."""
        text, self._kept = self._kept, ""
        if self._child is not None:
            self._child.drain_stderr()
            text += self._child.err.take()
            self._has_complained |= bool(complaint.complaint_in(text))
        return text


OUT_OF_TIME = "used up the CPU time that it had for one answer"
"""What a client did that SIGXCPU ended: it runs in circles, as its limit of CPU time shows."""


def fault_of(status: int, stderr: str, crash_statuses: frozenset[int]) -> str:
    """How a client failed whose process ended like this: by a signal, or as a tool reports; or an
    empty string.
    """
    complaint_text = complaint.summary(stderr)
    if status < 0:
        hint = f" ({complaint_text})" if complaint_text else ""
        return f"died by {signal_name(-status)}{hint}"
    if complaint_text:
        return (
            f"was stopped by {complaint_text}"
            if status
            else f"was found at fault: {complaint_text}"
        )
    if status in crash_statuses:
        said = stderr.rstrip().rpartition("\n")[2]
        if status == FAULT_STATUS and said.startswith(SAYS):
            return said.removeprefix(SAYS)
        return f"ended with exit status {status}, which its file lists as a fault"
    return ""


def signal_name(number: int) -> str:
    """`SIGSEGV` for 11; a number without a name stays a number."""
    try:
        name = signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
    return f"{name}, because it wrote a file of more than 1 GiB" if name == "SIGXFSZ" else name
