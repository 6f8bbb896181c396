"""Connects the suite with a driver on a board: its stdin and stdout with a serial line or a TCP
connection. A program of its own, so that the suite ends it as it ends any driver.

usage: device_process.py serial:PATH|tcp:HOST:PORT OPTIONS      options as a JSON object

It makes of the line what the driver protocol needs:
- hello is sent again each second until the board answers, because a board that boots loses it;
- what is no JSON object, such as the messages of a boot loader or a log, goes to stderr;
- lines of the suite that the board echoes are left out, and CR at the end of a line;
- a line with the text `fault` ends this program with FAULT_STATUS.
"""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import sys
import time
from typing import Any, NoReturn

CHUNK = 65536
MOST_UNSENT = 1 << 20
"""Octets for the board above which nothing more is read from the suite."""
MOST_LINE = 16 * 1024 * 1024 + 1
"""The suite refuses a longer line itself."""
MOST_NOISE = 256 * 1024
"""Octets that a board may write besides an answer."""
HELLO_AGAIN_S = 1.0
RESET_S = 60.0
CONNECT_S = 5.0
ECHOES = 8
"""So many lines of the suite are remembered, to know their echo."""
SAYS = "mailspec: "
"""How its own sentences begin, which are among what the board wrote."""
BROKEN_STATUS = 3
FAULT_STATUS = 70


def fail(sentence: str, status: int = BROKEN_STATUS) -> NoReturn:
    """Ends with one sentence; the suite shows it."""
    sys.stderr.write(f"{SAYS}{sentence}\n")
    sys.stderr.flush()
    os._exit(status)


def reset(argv: list[str]) -> None:
    """Restarts the board by the user's command."""
    if not argv:
        return
    try:
        done = subprocess.run(
            argv, stdin=subprocess.DEVNULL, stdout=sys.stderr, timeout=RESET_S, check=False
        )
    except subprocess.TimeoutExpired:
        fail(f"the reset command {argv[0]} took longer than {RESET_S:g} s")
    except OSError as error:
        fail(f"the reset command {argv[0]} cannot be started: {error.strerror}")
    if done.returncode != 0:
        fail(f"the reset command {argv[0]} ended with status {done.returncode}")


def open_line(place: str, options: dict[str, Any]) -> Any:
    """The open line: an object with fileno()."""
    scheme, _, rest = place.partition(":")
    if scheme == "tcp":
        host, _, port = rest.rpartition(":")
        try:
            line = socket.create_connection((host.strip("[]"), int(port)), CONNECT_S)
        except OSError as error:
            fail(f"{place} cannot be reached: {error.strerror or error}")
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return line
    import serial

    flow = options.get("flow", "none")
    try:
        return serial.Serial(
            rest,
            int(options["baud"]),
            timeout=0,
            exclusive=True,
            rtscts=flow == "rtscts",
            xonxoff=flow == "xonxoff",
        )
    except OSError as error:  # SerialException is one
        fail(f"{rest} cannot be opened: {os.strerror(error.errno) if error.errno else error}")
    except ValueError as error:
        fail(f"{rest} cannot be opened: {error}")


class Relay:
    """Carries lines both ways until the suite says bye."""

    def __init__(self, place: str, line: Any, options: dict[str, Any]) -> None:
        self._place = place
        self._line = line  # kept: the descriptor is its
        self._fd: int = line.fileno()
        self._end = b"\r\n" if options.get("line_end") == "crlf" else b"\n"
        self._fault = options.get("fault", "").encode()
        self._asked = bytearray()
        self._unsent = bytearray()
        self._answered = bytearray()
        self._sent: list[bytes] = []
        self._hello = b""
        self._hello_at = 0.0
        self._is_up = False
        self._is_over = False
        self._noise = 0

    def run(self) -> None:
        """Until bye was sent, or the line or the suite is gone."""
        os.set_blocking(self._fd, False)
        while not (self._is_over and not self._unsent):
            has_room = not self._is_over and len(self._unsent) < MOST_UNSENT
            readers = [self._fd, *([0] if has_room else [])]
            writers = [self._fd] if self._unsent else []
            readable, writable, _ = select.select(readers, writers, [], self._wait_s())
            if 0 in readable:
                self._ask(os.read(0, CHUNK))
            if self._fd in readable:
                self._answer(self._read())
            if writable:
                self._write()
            if self._wait_s() == 0:
                self._say_hello(b"\n")

    def _wait_s(self) -> float | None:
        if self._is_up or not self._hello:
            return None
        return max(0.0, self._hello_at + HELLO_AGAIN_S - time.monotonic())

    def _say_hello(self, before: bytes) -> None:
        """Sends hello; after the first time, behind the end of whatever was left half."""
        self._hello_at = time.monotonic()
        if not self._unsent:
            self._unsent += before + self._hello + self._end

    def _read(self) -> bytes:
        try:
            chunk = os.read(self._fd, CHUNK)
        except BlockingIOError:
            return b""
        except OSError as error:
            fail(f"{self._place} is gone: {error.strerror}")
        if not chunk:
            fail(f"{self._place} is gone: it was closed or unplugged")
        return chunk

    def _write(self) -> None:
        try:
            del self._unsent[: os.write(self._fd, self._unsent[:CHUNK])]
        except BlockingIOError:
            pass
        except OSError as error:
            fail(f"{self._place} is gone: {error.strerror}")

    # -- what the suite says --------------------------------------------------------

    def _ask(self, chunk: bytes) -> None:
        self._is_over |= not chunk
        self._asked += chunk
        *lines, rest = self._asked.split(b"\n")
        self._asked[:] = rest
        for line in lines:
            self._noise = 0
            self._sent = [*self._sent[1 - ECHOES :], bytes(line)]
            if not self._is_up and not self._hello:
                self._hello = bytes(line)
                self._say_hello(b"")
            else:
                self._unsent += line + self._end

    # -- what the board says --------------------------------------------------------

    def _answer(self, chunk: bytes) -> None:
        self._answered += chunk
        *lines, rest = self._answered.split(b"\n") if b"\n" in chunk else [self._answered]
        self._answered = bytearray(rest)
        for line in lines:
            self._take(bytes(line).strip(b"\r\0 \t"))
        is_answer = self._answered.lstrip(b"\0 \t").startswith(b"{")
        if len(self._answered) > (MOST_LINE if is_answer else CHUNK):
            self._pass_on(bytes(self._answered)) if is_answer else self._drop(self._answered)
            self._answered.clear()

    def _take(self, line: bytes) -> None:
        if not line or line in self._sent:
            return
        if self._fault and self._fault in line:
            self._drop(line)
            fail(f"told of a fault: {line.decode('utf-8', 'replace')[:200]}", FAULT_STATUS)
        if not line.startswith(b"{") or not self._is_awaited(line):
            self._drop(line)
        else:
            self._pass_on(line)

    def _is_awaited(self, line: bytes) -> bool:
        """Whether this may answer: not an old request, before hello; not hello twice, after it."""
        if not self._is_up:
            self._is_up = _has(line, "features")
            return self._is_up
        return len(line) > CHUNK or not _has(line, "features")

    def _pass_on(self, line: bytes) -> None:
        self._noise = 0
        left = memoryview(line + b"\n")
        while left:
            left = left[os.write(1, left) :]

    def _drop(self, line: bytes | bytearray) -> None:
        """What is no answer is for the user to read, unless there is no end of it."""
        sys.stderr.write(line[:CHUNK].decode("utf-8", "replace") + "\n")
        sys.stderr.flush()
        self._noise += len(line)
        if self._noise > MOST_NOISE:
            what = "answer" if self._is_up else "answer to hello"
            fail(
                f"{self._place} wrote {self._noise} octets and no {what}; is its speed right, and "
                "does it run a driver?"
            )


def _has(line: bytes, name: str) -> bool:
    """Whether the line is a JSON object with this member and without a seq."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(row, dict) and name in row and "seq" not in row


def main() -> None:
    """Resets the board, opens the line, relays."""
    place, options = sys.argv[1], json.loads(sys.argv[2])
    reset(options["reset"])
    Relay(place, open_line(place, options), options).run()


if __name__ == "__main__":
    main()
