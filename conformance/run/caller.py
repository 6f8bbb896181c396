"""Calls the client, and writes each request and its answer into the event log."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from conformance.subject.answer import Answer, Move, to_json
from conformance.subject.base import Subject
from fake_servers.log import EventLog, Kind
from fake_servers.trace.syntax import TLS_NAMES


class BadRequest(Exception):
    """A trace has a call that driver.schema.json does not allow; the message is a sentence."""


def request_fault(kind: str, name: str, args: Mapping[str, Any]) -> str:
    """Why driver.schema.json does not allow a request, or the empty string."""
    from conformance.doctor.lines import fault, schema

    if name not in schema()["$defs"][kind]:
        return "there is no such op"
    own = {"goal_args": "goal", "args": "op"}[kind]
    return fault({"seq": 1, own: name, **to_json(args)}, kind, name)


class Caller:
    """One session of a subject, as the log sees it.

    moves     every move reported so far, internal ones too, with the line of its call
    requests  the arguments of every call so far
    values    the values of every answer so far
    """

    def __init__(self, subject: Subject, log: EventLog, limit_s: float) -> None:
        self._subject = subject
        self._log = log
        self._limit_s = limit_s
        self.line = 0
        self.moves: list[tuple[Move, int]] = []
        self.requests: list[Mapping[str, Any]] = []
        self.values: list[Mapping[str, Any]] = []

    def op(self, op: str, args: Mapping[str, Any]) -> Answer:
        """Perform one op; `line` is its line in the trace."""
        self._log_call(op, args)
        answer = self._subject.call(op, args, self._limit_s)
        self._check_request(answer, "args", op, args)
        return self._log_answer(answer)

    def goal(self, name: str, args: Mapping[str, Any], folder: Path) -> Answer:
        """Perform one goal."""
        self._log_call(name, args)
        answer = self._subject.goal(name, args, self._limit_s, folder)
        self._check_request(answer, "goal_args", name, args)
        return self._log_answer(answer)

    def _check_request(self, answer: Answer, kind: str, name: str, args: Mapping[str, Any]) -> None:
        """Raise where a client answers `unsupported` to a request that the schema does not allow.

        The fault is the trace's then, not the client's.
        """
        if answer.outcome == "unsupported" and (wrong := request_fault(kind, name, args)):
            raise BadRequest(
                f"the trace has a call of {name} that driver.schema.json does not allow: {wrong}"
            )

    def _log_call(self, name: str, args: Mapping[str, Any]) -> None:
        self._log.append(Kind.CALL, line=self.line, data={"op": name, "args": _shown(args)})
        self.requests.append(args)

    def _log_answer(self, answer: Answer) -> Answer:
        for move in answer.moves:
            self.moves.append((move, self.line))
            names = dict(zip(("state", "event", "next"), move, strict=True))
            self._log.append(Kind.MOVE, line=self.line, data=names)
        self.values.append(answer.value)
        data = {"outcome": answer.outcome, "value": to_json(answer.value)}
        self._log.append(Kind.RETURN, line=self.line, data=data)
        return answer


def _shown(args: Mapping[str, Any]) -> Any:
    """The arguments for the log, without the certificates' folder, which differs in every run."""
    files = {name: Path(args[name]).name for name in TLS_NAMES if name in args}
    return to_json({**args, **files})
