"""The suite's side of the process that starts a client and ends everything that the client started.
"""

from __future__ import annotations

import marshal
import os
import select
import signal
import socket
import subprocess
import sys
import time
from array import array
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from conformance.subject.keeper_process import HEAD, SWEEP_S

PROGRAM = Path(__file__).with_name("keeper_process.py")
ANSWER_S = 30.0
"""A keeper that does not answer for this long was stopped by the client."""
_CHUNK = 65536
_LEAVE = marshal.dumps({"do": "leave"})


class KeeperGone(Exception):
    """The keeper was killed or stopped, by the client or by somebody else."""


class Keeper:
    """Starts one program at a time and reports its end.

    folder  removed if this process is killed
    status  of the program that was started last, None while it runs; a signal is negative
    left    command lines of what programs left behind; they were killed
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._sock: socket.socket | None = None
        self._received = b""
        self._pid = 0
        self.status: int | None = None
        self.left: list[str] = []

    def prepare(self) -> None:
        """Starts the keeper, which gets ready while the caller goes on."""
        if self._process is not None:
            return
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        words = [str(theirs.fileno()), str(os.getpid())]
        words += [] if self._folder is None else [str(self._folder)]
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", str(PROGRAM), *words],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )
        self._sock = ours
        self._received = b""

    def fileno(self) -> int:
        """Readable when a program may have ended."""
        assert self._sock is not None
        return self._sock.fileno()

    def spawn(
        self, argv: Sequence[str], cwd: Path, env: Mapping[str, str], descriptors: Sequence[int]
    ) -> None:
        """Starts a program with this stdin, stdout and stderr; raises OSError or ValueError."""
        self.prepare()
        self.status = None
        self._pid = 0
        if not argv[0] or any("\0" in word for word in (*argv, *env, *env.values())):
            raise ValueError("a word is empty or has a NUL")
        row = {"do": "spawn", "argv": list(argv), "cwd": str(cwd), "env": dict(env)}
        self._send(row, descriptors)
        answer = self._await(("pid", "refused"), ANSWER_S)
        if "refused" in answer:
            if answer["errno"] is None:
                raise ValueError(answer["refused"])
            raise OSError(answer["errno"], os.strerror(answer["errno"]))
        self._pid = answer["pid"]
        self._take_received()  # a short program may have ended already

    def has_ended(self) -> bool:
        """Whether the program has ended, by what the keeper has said until now."""
        poll = select.poll()
        poll.register(self.fileno(), select.POLLIN)
        while self.status is None and poll.poll(0):
            self.look()
        return self.status is not None

    def look(self) -> None:
        """Reads a message of the keeper; fileno() must be readable. Raises KeeperGone."""
        assert self._sock is not None
        chunk = self._sock.recv(_CHUNK)
        if not chunk:
            self._gone("was killed")
        self._received += chunk
        self._take_received()

    def end(self) -> None:
        """Kills the program that runs, and everything that it started."""
        if self.status is None and self._pid:
            self._send({"do": "end"}, ())
            while self.status is None:
                self._take(self._await(("status",), ANSWER_S))

    def close(self) -> None:
        """Ends the keeper, and with it everything that still runs."""
        if self._process is None or self._sock is None:
            return
        try:
            self._sock.sendall(HEAD.pack(len(_LEAVE)) + _LEAVE)
        except OSError:
            pass  # it has gone
        self._sock.close()
        try:
            self._process.wait(2 * SWEEP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = self._sock = None
        self._pid = 0

    def __del__(self) -> None:
        self.close()

    # -- inside -------------------------------------------------------------------

    def _send(self, row: dict[str, Any], descriptors: Sequence[int]) -> None:
        assert self._sock is not None
        body = marshal.dumps(row)
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array("i", descriptors))]
        try:
            self._sock.sendmsg([HEAD.pack(len(body))], rights if descriptors else [])
            self._sock.sendall(body)
        except OSError:
            self._gone("was killed")

    def _await(self, names: Sequence[str], limit_s: float) -> dict[str, Any]:
        """The next message with one of these keys."""
        assert self._sock is not None
        deadline = time.monotonic() + limit_s
        poll = select.poll()
        poll.register(self._sock, select.POLLIN)
        while True:
            row = self._next()
            if row is not None:
                if any(name in row for name in names):
                    return row
                self._take(row)
                continue
            if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
                self._gone("was stopped")
            chunk = self._sock.recv(_CHUNK)
            if not chunk:
                self._gone("was killed")
            self._received += chunk

    def _next(self) -> dict[str, Any] | None:
        if len(self._received) < HEAD.size:
            return None
        end = HEAD.size + HEAD.unpack_from(self._received)[0]
        if len(self._received) < end:
            return None
        row: dict[str, Any] = marshal.loads(self._received[HEAD.size : end])
        self._received = self._received[end:]
        return row

    def _take_received(self) -> None:
        while (row := self._next()) is not None:
            self._take(row)

    def _take(self, row: dict[str, Any]) -> None:
        if "status" in row:
            self.status = row["status"]
            self.left += row["left"]

    def _gone(self, how: str) -> None:
        """Makes the guard end everything; without a guard, ends the process group of the client."""
        if self._pid:
            try:
                os.killpg(self._pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                pass
        if self._process is not None:
            self._process.terminate()  # its guard ends the keeper and what that has left
            self._process.send_signal(signal.SIGCONT)
        self.close()
        self.status = -signal.SIGKILL
        raise KeeperGone(f"the process that watches over the client {how}")
