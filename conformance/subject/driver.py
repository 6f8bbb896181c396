"""Level 1: a client behind a driver process that answers JSON lines."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from conformance.subject.answer import OUTCOMES, Answer, Move, from_json, to_json
from conformance.subject.base import Subject
from conformance.subject.device_process import SAYS
from conformance.subject.error import AdapterBroken, Crashed, Hung, NotInstalled
from conformance.subject.files import MOST_SEARCHED, inside, read_file, walk
from conformance.subject.json_line import short
from conformance.subject.process import LineProcess
from fake_servers.files import scratch

OnExchange = Callable[[dict[str, Any], dict[str, Any]], None]
"""Called with each request of an op or a goal and the line that answers it."""

HELLO_LIMIT_S = 30.0
MOST_NAME = 200
"""Longest name, version or feature, in characters."""
ADVANCE_WAIT_S = 0.1
MOST_FAILED_STARTS = 3
"""After so many failures to start, one after the other, it is not tried again in this run."""
BESIDE_VALUE = ("temporary", "code", "enhanced", "resp_code", "delivery")


class DriverSubject(Subject):
    """One driver process, kept alive from case to case and restarted after its death.

    slack_s  seconds that each answer may take longer
    address  of the board where the driver is; empty for a program of this machine
    needed   what an error says of the packages that it needs; empty if they are not known
    """

    level = 1

    def __init__(
        self,
        name: str,
        argv: Sequence[str],
        table: tuple[str, ...] | None = None,
        crash_statuses: frozenset[int] = frozenset(),
        slack_s: float = 0.0,
    ) -> None:
        super().__init__(name, table)
        self.address = ""
        self.needed = ""
        self._slack_s = slack_s
        self._failed_starts = 0
        self._refusal = ""
        self.own_words = b" ".join(map(os.fsencode, argv))
        self._seen: dict[tuple[str, ...], tuple[int, int]] = {}
        self._folder: Path | None = None
        self.process = LineProcess(argv, crash_statuses)
        self._seq = 0
        self.hello: dict[str, Any] = {}
        self.on_exchange: OnExchange | None = None

    def start(self) -> None:
        if self.process.running:
            return
        if self._failed_starts >= MOST_FAILED_STARTS:
            raise NotInstalled(f"{self._refusal}; it was tried {self._failed_starts} times")
        if self._folder is None:
            self._folder = scratch.make("driver")
        self._seq = 0
        request = {"cmd": "hello", "proto": 1, "dir": str(self._folder)}
        try:
            self.process.start(self._folder)
            self.hello = self.process.request(request, HELLO_LIMIT_S)
            self._take_hello()
            self._failed_starts = 0
        except NotInstalled as error:
            self.stop()
            raise NotInstalled(f"{error}{self.needed}") from error
        except (Crashed, Hung, AdapterBroken, ValueError) as error:
            self.process.kill()
            self.stop()
            self._failed_starts += 1
            self._refusal = self._why_not_started(error)
            raise NotInstalled(self._refusal) from error

    def _why_not_started(self, error: Exception) -> str:
        lines = self.process.take_stderr().strip().splitlines()
        last = lines[-1] if lines else ""
        name = self.name or self.address or short(self.process.program)
        if self.address and last.startswith(SAYS):
            return f"the driver {name} does not start: {last.removeprefix(SAYS)}"
        hint = f"; its stderr ends: {short(last)}" if last else ""
        what = f"it {error}" if isinstance(error, Hung) else str(error)
        needed = "" if "(package " in hint else self.needed
        return f"the driver {name} does not start: {what}{hint}{needed}"

    def _take_hello(self) -> None:
        hello = self.hello
        features = hello.get("features")
        limits = hello.get("limits", {})
        if not isinstance(hello.get("name"), str) or not isinstance(hello.get("version"), str):
            raise ValueError("its answer to hello has no name or no version")
        if not isinstance(features, list) or not all(isinstance(f, str) for f in features):
            raise ValueError("its answer to hello has no list of features")
        if not isinstance(limits, dict):
            raise ValueError("its answer to hello has limits that are not an object")
        for text in (hello["name"], hello["version"], *features):
            if not text.isprintable() or len(text) > MOST_NAME:
                raise ValueError(
                    "its answer to hello has a name, a version or a feature that is not printable"
                    f" or longer than {MOST_NAME} characters: {short(text)}"
                )
        self.name = self.name or hello["name"]
        self.version = hello["version"]
        self.features = frozenset(features)
        self.limits = limits

    def stop(self) -> str:
        fault = self.process.bye()
        self.process.close()
        if self._folder is not None:
            scratch.remove(self._folder)
            self._folder = None
            self._seen.clear()
        return fault

    @property
    def left_behind(self) -> list[str]:
        return self.process.left

    def restart(self) -> None:
        """End the process, so that the next call starts a new one."""
        self.process.kill()

    def call(self, op: str, args: Mapping[str, Any], limit_s: float) -> Answer:
        return self._ask({"op": op}, args, limit_s)

    def goal(self, name: str, args: Mapping[str, Any], limit_s: float, folder: Path) -> Answer:
        return self._ask({"goal": name}, args, limit_s)

    def advance(self, ms: int) -> bool:
        """Adds `ms` to the client's clock, after the op that waits for an answer was written.

        The server may fall silent a moment before that. Returns False if there is no such op.
        """
        return self.process.send_while_pending({"cmd": "advance", "ms": ms}, ADVANCE_WAIT_S)

    def take_stderr(self) -> str:
        return self.process.take_stderr()

    def left_files(self, folder: Path) -> Iterator[tuple[str, bytes]]:
        if self._folder is None:
            return
        for names, status in walk(self._folder):
            state = (status.st_mtime_ns, status.st_size)
            if self._seen.get(names) == state:
                continue
            self._seen[names] = state
            with suppress(OSError):
                yield "/".join(names), read_file(self._folder, names, MOST_SEARCHED)

    def _ask(self, head: dict[str, Any], args: Mapping[str, Any], limit_s: float) -> Answer:
        self.start()
        self._seq += 1
        try:
            request = {"seq": self._seq, **head, **to_json(args)}
            row = self.process.request(request, limit_s + self._slack_s)
            if self.on_exchange is not None:
                self.on_exchange(request, row)
            seq = row.get("seq")
            if type(seq) is not int or seq != self._seq:
                raise AdapterBroken(f"the driver answered seq {short(repr(seq))} to {self._seq}")
            return self._answer(row)
        except AdapterBroken as error:
            self.restart()
            raise AdapterBroken(self._with_last_words(str(error))) from error

    def _with_last_words(self, sentence: str) -> str:
        """With what the program that reaches a board said about the line, if it ended by that."""
        lines = self.process.peek_stderr().strip().splitlines() if self.address else []
        if lines and lines[-1].startswith(SAYS):
            return lines[-1].removeprefix(SAYS)
        return sentence

    def _answer(self, row: dict[str, Any]) -> Answer:
        outcome = row.get("outcome")
        value = row.get("value") or {}
        if not isinstance(outcome, str) or outcome not in OUTCOMES:
            raise AdapterBroken(f"the driver answered the unknown outcome {short(repr(outcome))}")
        if not isinstance(value, dict):
            raise AdapterBroken("the driver answered a value that is not an object")
        beside = {name: row[name] for name in BESIDE_VALUE if name in row}
        try:
            values = self._with_files(from_json(beside | value))
        except ValueError as error:
            raise AdapterBroken(
                f"the driver answered a value that cannot be read: {error}"
            ) from error
        return Answer(outcome, values, _moves(row.get("moves") or []))

    def _with_files(self, values: dict[str, Any]) -> dict[str, Any]:
        """Puts octets that the driver left in a file into `data`, as if they came in the line."""
        path = values.pop("data_path", None)
        if path is not None:
            values["data"] = self._read(path)
        if isinstance(values.get("messages"), list):
            values["messages"] = [self._message(row) for row in values["messages"]]
        return values

    def _message(self, row: Any) -> list[Any]:
        if not isinstance(row, list) or len(row) != 2:
            raise AdapterBroken(
                f"the driver answered a message that is not [n, data]: {short(repr(row))}"
            )
        if isinstance(row[1], dict):
            return [row[0], self._read(row[1].get("data_path"))]
        return [row[0], from_json({"data_b64": row[1]})["data"]]

    def _read(self, path: Any) -> bytes:
        """Reads a file of the driver's folder, which may be anything."""
        assert self._folder is not None
        if not isinstance(path, str) or (names := inside(self._folder, path)) is None:
            raise AdapterBroken(f"the driver named a file outside its folder: {short(repr(path))}")
        try:
            return read_file(self._folder, names)
        except OSError as error:
            raise AdapterBroken(
                f"the driver's file {short(path)} cannot be read: {error.strerror}"
            ) from error


def _moves(rows: Any) -> tuple[Move, ...]:
    if not isinstance(rows, list):
        raise AdapterBroken("the driver answered moves that are not a list")
    for row in rows:
        if not isinstance(row, list) or len(row) != 3 or not all(isinstance(x, str) for x in row):
            raise AdapterBroken(
                f"the driver answered a move that is not three names: {short(repr(row))}"
            )
    return tuple((row[0], row[1], row[2]) for row in rows)
