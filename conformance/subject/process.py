"""A child process that answers JSON lines, with a bound on every wait and every octet."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from conformance.subject.error import AdapterBroken, Crashed, Hung, NotInstalled

MAX_LINE = 16 * 1024 * 1024
CHUNK = 64 * 1024
STDERR_KEPT = 32 * 1024
SANITIZERS = ("AddressSanitizer", "LeakSanitizer", "MemorySanitizer", "runtime error:")


class Stderr(threading.Thread):
    """Reads the child's stderr to its end; keeps the first and the last STDERR_KEPT octets."""

    def __init__(self, fd: int) -> None:
        super().__init__(daemon=True, name="stderr of the subject")
        self._fd = fd
        self._lock = threading.Lock()
        self._head = bytearray()
        self._tail = bytearray()
        self._dropped = 0

    def run(self) -> None:
        while chunk := os.read(self._fd, 65536):
            with self._lock:
                free = STDERR_KEPT - len(self._head)
                self._head += chunk[:free] if free > 0 else b""
                self._tail += chunk[max(free, 0) :]
                surplus = max(len(self._tail) - STDERR_KEPT, 0)
                self._dropped += surplus
                del self._tail[:surplus]
        os.close(self._fd)

    def take(self) -> str:
        """What was kept since the last take, with a note where octets were dropped."""
        with self._lock:
            note = f"\n[{self._dropped} octets left out]\n".encode() if self._dropped else b""
            text = bytes(self._head) + note + bytes(self._tail)
            self._head.clear()
            self._tail.clear()
            self._dropped = 0
        return text.decode("utf-8", "replace")


class LineProcess:
    """One driver process: writes one JSON line, waits for one JSON line.

    advance() may come from another thread while request() waits.
    """

    def __init__(self, argv: Sequence[str]) -> None:
        self._argv = tuple(argv)
        self._turn = threading.Condition(threading.RLock())
        self._buffer = bytearray()
        self._pending = False
        self._process: subprocess.Popen[bytes] | None = None
        self._stderr: Stderr | None = None
        self._kept = ""

    @property
    def program(self) -> str:
        """The program's name."""
        return self._argv[0]

    @property
    def running(self) -> bool:
        return self._process is not None

    def start(self, folder: Path) -> None:
        """Start the child in `folder`; raises NotInstalled where there is no such program."""
        environment = dict(os.environ)
        environment.setdefault("UBSAN_OPTIONS", "halt_on_error=1:print_stacktrace=1")
        try:
            process = subprocess.Popen(
                self._argv,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=folder,
                env=environment,
                bufsize=0,
                start_new_session=True,
            )
        except OSError as error:
            reason = error.strerror or str(error)
            raise NotInstalled(f"{self._argv[0]} cannot be started: {reason}") from error
        assert process.stderr is not None
        self._stderr = Stderr(os.dup(process.stderr.fileno()))
        process.stderr.close()
        self._stderr.start()
        self._buffer.clear()
        self._process = process

    def send(self, row: dict[str, Any], *, answered: bool = False) -> None:
        """Write one line. A child that has gone shows when its answer is awaited."""
        line = json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        if len(line) > MAX_LINE:
            raise AdapterBroken(f"a line of {len(line)} octets is above the limit of 16 MiB")
        assert self._process is not None and self._process.stdin is not None
        with self._turn:
            try:
                _write_all(self._process.stdin.fileno(), line)
            except OSError:
                pass
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
        self.send(row, answered=True)
        try:
            line = self._read_line(time.monotonic() + limit_s, limit_s)
        finally:
            with self._turn:
                self._pending = False
        try:
            answer = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise AdapterBroken(f"the driver answered what is not JSON: {_short(line)}") from error
        if not isinstance(answer, dict):
            raise AdapterBroken(f"the driver answered what is no JSON object: {_short(line)}")
        return answer

    def _read_line(self, deadline: float, limit_s: float) -> bytes:
        assert self._process is not None and self._process.stdout is not None
        fd = self._process.stdout.fileno()
        searched = 0
        while (end := self._buffer.find(b"\n", searched)) < 0:
            searched = len(self._buffer)
            if searched > MAX_LINE:
                self.kill()
                raise AdapterBroken("the driver answered a line above the limit of 16 MiB")
            wait_s = deadline - time.monotonic()
            if wait_s <= 0 or not select.select([fd], [], [], wait_s)[0]:
                self.kill()
                raise Hung(f"no answer within {limit_s:g} s")
            chunk = os.read(fd, CHUNK)
            if not chunk:
                self._died()
            self._buffer += chunk
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        return line

    def _died(self) -> None:
        process = self._process
        assert process is not None
        try:
            status = process.wait(2)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AdapterBroken("the driver closed its stdout and went on running") from None
        self._reap()
        if status < 0:
            raise Crashed(f"died by {signal_name(-status)}")
        if sanitizer := sanitizer_in(self._kept):
            raise Crashed(f"stopped by {sanitizer}")
        raise AdapterBroken(f"the driver ended with exit status {status} and no answer")

    def bye(self, limit_s: float = 2.0) -> None:
        """Say bye, close its stdin and wait; a child that stays is killed."""
        process = self._process
        if process is None:
            return
        self.send({"cmd": "bye"})
        assert process.stdin is not None
        process.stdin.close()
        try:
            process.wait(limit_s)
        except subprocess.TimeoutExpired:
            self.kill()
        else:
            self._reap()

    def kill(self) -> None:
        """Kill the child and everything that it started."""
        if self._process is not None:
            try:
                os.killpg(self._process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            self._process.wait()
            self._reap()

    def _reap(self) -> None:
        assert self._process is not None and self._stderr is not None
        self._stderr.join(1.0)
        self._kept += self._stderr.take()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        self._process = None

    def take_stderr(self) -> str:
        """What the child wrote to stderr since the last look, also of one that has ended."""
        text, self._kept = self._kept, ""
        if self._process is not None and self._stderr is not None:
            text += self._stderr.take()
        return text


def sanitizer_in(text: str) -> str:
    """The line of a sanitizer's report in `text`, or the empty string."""
    for line in text.splitlines():
        if any(mark in line for mark in SANITIZERS):
            return line.strip()
    return ""


def signal_name(number: int) -> str:
    """`SIGSEGV` for 11; a number without a name stays a number."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _write_all(fd: int, octets: bytes) -> None:
    view = memoryview(octets)
    while view:
        view = view[os.write(fd, view) :]


def _short(line: bytes) -> str:
    text = line[:80].decode("utf-8", "replace")
    return text + ("..." if len(line) > 80 else "")
