"""A child process that answers JSON lines, with a bound on every wait and every octet."""

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

from conformance.subject import complaint
from conformance.subject.child import Child
from conformance.subject.error import AdapterBroken, Crashed, Hung, NotInstalled
from conformance.subject.json_line import parse, short, shown
from conformance.subject.keeper import Keeper, KeeperGone
from fake_servers.files import scratch

MAX_LINE = 16 * 1024 * 1024
BYE_LIMIT_S = 5.0
"""So long may a driver take to end: a sanitizer looks for leaks then."""
END_LIMIT_S = 2.0
"""So long may a driver run on that has closed its stdout."""


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
        """Write one line. A child that has gone shows when its answer is awaited."""
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
        """Write one line behind a request whose answer is awaited.

        Waits up to `wait_s` seconds for such a request; False where none comes.
        """
        with self._turn:
            if not self._turn.wait_for(lambda: self._pending, wait_s):
                return False
            self.send(row)
        return True

    def request(self, row: dict[str, Any], limit_s: float) -> dict[str, Any]:
        """Write one line and give the object that answers it.

        Raises Hung after `limit_s` seconds, Crashed when the child dies by a signal or a
        sanitizer, AdapterBroken when it ends otherwise or answers what is no object.
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
        """Whether a whole line has come, or so much that it cannot be one."""
        if limit:
            return child.out.find(b"\n", 0, limit + 1) >= 0
        end = child.out.find(b"\n", self._searched)
        self._searched = len(child.out)
        return end >= 0 or len(child.out) > MAX_LINE

    def _died(self, child: Child) -> NoReturn:
        """Say by an exception how the child ended that owes an answer."""
        if not child.carry(time.monotonic() + END_LIMIT_S, lambda: False):
            self.kill()
            raise AdapterBroken("the driver closed its stdout and went on running")
        status = child.status
        self._drop()
        if fault := self._fault(status):
            raise Crashed(fault)
        raise AdapterBroken(f"the driver ended with exit status {status} and no answer")

    def _fault(self, status: int | None) -> str:
        """How the client itself failed, by the way that its process ended; or nothing."""
        assert status is not None
        return fault_of(status, self._kept, self._crash_statuses)

    def bye(self, limit_s: float = BYE_LIMIT_S) -> str:
        """Say bye, close its stdin and wait; a child that stays is killed.

        A sentence where it ended by a fault of its own; the report is in take_stderr().
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
        """Nothing that a driver says after bye counts."""
        child.out.clear()
        return False

    def kill(self) -> None:
        """Kill the child and everything that it started."""
        if self._child is not None:
            try:
                self._child.kill()
            except KeeperGone:
                pass
            self._drop()

    def close(self) -> None:
        """End the keeper, after the child."""
        self.kill()
        if self._keeper is not None:
            self._keeper.close()

    def _drop(self) -> None:
        assert self._child is not None
        self._kept += self._child.err.take()
        self._child.close()
        self._child = None

    def take_stderr(self) -> str:
        """What the child wrote to stderr since the last look, also of one that has ended."""
        text, self._kept = self._kept, ""
        if self._child is not None:
            self._child.drain_stderr()
            text += self._child.err.take()
            self._has_complained |= bool(complaint.complaint_in(text))
        return text


def fault_of(status: int, stderr: str, crash_statuses: frozenset[int]) -> str:
    """How a client failed whose process ended so: by a signal, or as a tool reports; or nothing."""
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
        return f"ended with exit status {status}, by which its file tells a fault"
    return ""


def signal_name(number: int) -> str:
    """`SIGSEGV` for 11; a number without a name stays a number."""
    try:
        name = signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
    return f"{name}, for it wrote a file of more than 1 GiB" if name == "SIGXFSZ" else name
