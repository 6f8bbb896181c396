"""Sessions as text: on a terminal while they last, and in files."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

from conformance.excerpt import shorten
from conformance.finding import JudgedFinding
from conformance.out_folder import write
from conformance.report import transcript
from conformance.report.terminal import difference_lines, requirement_line
from conformance.report.text import one_line
from conformance.requirements import load
from conformance.serve.sessions import Judgement, Session
from conformance.verdict import FAILURES, SEVERITY, Verdict
from fake_servers.finding import END, NOTHING
from fake_servers.log import Event, Kind

MOST_FINDINGS = 20
"""Of one session, so many findings are printed."""

_ARROWS = {Kind.RX: "C:", Kind.TX: "S:"}
_WHO = {"client": "C:", "server": "S:"}


def judgement_lines(session: Session) -> list[str]:
    """The verdict and its reasons; the worst come first."""
    judged = session.judgement
    if judged is None:
        return []
    lines = [f"{judged.verdict} {session.name}, {session.peer}, {session.seconds or 0:.1f} s"]
    if judged.note:
        lines.append(f"  {shorten(one_line(judged.note))}")
    found = _worst_first(judged)
    for finding, place in found[:MOST_FINDINGS]:
        lines += [f"  {line}" for line in _finding_lines(finding, place)]
    if len(found) > MOST_FINDINGS:
        lines.append(f"  and {len(found) - MOST_FINDINGS} more findings")
    return lines


def _worst_first(judged: Judgement) -> list[tuple[JudgedFinding, str]]:
    """The findings with their places."""
    found = zip(judged.findings, judged.places, strict=True)
    return sorted(found, key=lambda each: SEVERITY.index(each[0].verdict))


def worst_difference(session: Session) -> dict[str, Any] | None:
    """Where the first of the worst findings shows in the conversation, with the keys of a
    `difference` of results.json that a transcript needs; None if no octets of the client show it.
    """
    for found, _ in _worst_first(session.judgement) if session.judgement else ():
        if _is_breach(found) and found.actual not in ("", NOTHING, END):
            return {"line": found.line, **_shown(found)}
    return None


def _is_breach(found: JudgedFinding) -> bool:
    return found.verdict in FAILURES or found.verdict is Verdict.NON_STRICT


def _shown(found: JudgedFinding) -> dict[str, Any]:
    return {"expected": found.expected, "actual": found.actual, "octet": found.octet}


def _finding_lines(found: JudgedFinding, place: str) -> Iterator[str]:
    yield f"{found.verdict}: {shorten(one_line(found.reason))}"
    if place:
        yield f"  {place}"
    if found.expected or found.actual:
        yield from (f"  {line}" for line in difference_lines(_shown(found)))
    if found.verdict is not Verdict.INFO:
        register = load()
        for name in found.requirements:
            if register.known(name):
                yield f"  {requirement_line(asdict(register[name]))}"


def transcript_text(session: Session) -> str:
    """The whole conversation as it is kept, and the verdict."""
    lines = [f"session {session.number}: {session.name}, {session.peer}, {session.began:%F %T} UTC"]
    for step in session.steps():
        mark = _WHO.get(step.who, "")
        lines += [f"{mark} {text}" if mark else f"({text})" for text in step.text]
        if step.note:
            lines.append(f"({step.note})")
    return "\n".join([*lines, "", *judgement_lines(session), ""])


class TranscriptFolder:
    """Writes 000001.txt ... into a folder, for each session that has ended.

    failure  why a file could not be written, or the empty string
    """

    def __init__(self, folder: Path) -> None:
        """Raises OSError."""
        folder.mkdir(parents=True, exist_ok=True)
        self.failure = ""
        self._folder = folder

    def began(self, session: Session) -> None:
        """Nothing is written before the end."""

    def happened(self, session: Session, event: Event) -> None:
        """Nothing is written before the end."""

    def ended(self, session: Session) -> None:
        """Write the file; an earlier one of this name is replaced."""
        path = self._folder / f"{session.number:06}.txt"
        try:
            write(path, transcript_text(session))
        except OSError as error:
            self.failure = f"{path} cannot be written: {error.strerror}"
            print(f"mailspec: {self.failure}", file=sys.stderr, flush=True)


class Printer:
    """Prints the sessions as they happen, each line with the number of its session.

    is_quiet  only the verdict of each session is printed
    """

    def __init__(self, stream: TextIO, *, is_quiet: bool = False) -> None:
        self._stream = stream
        self._is_quiet = is_quiet
        self._talks: dict[int, _Talk] = {}
        self._lock = threading.Lock()

    def began(self, session: Session) -> None:
        """Say who connected."""
        with self._lock:
            self._talks[session.number] = _Talk()
            if not self._is_quiet:
                self._print(session, [f"{session.name} from {session.peer}"])

    def happened(self, session: Session, event: Event) -> None:
        """Print the lines that are complete now."""
        if not self._is_quiet:
            with self._lock:
                self._print(session, self._talks[session.number].lines(event))

    def ended(self, session: Session) -> None:
        """Print the verdict."""
        with self._lock:
            talk = self._talks.pop(session.number)
            self._print(session, [*talk.rest(), *judgement_lines(session)])

    def _print(self, session: Session, lines: list[str]) -> None:
        try:
            for line in lines:
                print(f"#{session.number} {line}", file=self._stream)
            self._stream.flush()
        except (OSError, ValueError):
            self._is_quiet = True  # nobody reads; the sessions go on


class _Talk:
    """The lines of one session; of a long message only the first, as in the pages of a report."""

    def __init__(self) -> None:
        self._kind = Kind.NOTE
        self._octets = b""
        self._count = 0

    def lines(self, event: Event) -> list[str]:
        """What can be printed now."""
        if event.kind not in _ARROWS:
            return [*self.rest(), *_others(event)]
        found = self.rest() if event.kind is not self._kind else []
        self._kind = event.kind
        *whole, self._octets = (self._octets + event.octets).split(b"\n")
        found += self._shown(line + b"\n" for line in whole)
        if len(self._octets) > transcript.MOST_SHOWN:
            found += self._shown([self._octets])
            self._octets = b""
        return found

    def rest(self) -> list[str]:
        """What is left of one direction, when the other one begins."""
        found = self._shown([self._octets] if self._octets else [])
        if self._count > transcript.MAX_LINES:
            found.append(f"   ({self._count - transcript.MAX_LINES} more lines)")
        self._octets, self._count = b"", 0
        return found

    def _shown(self, lines: Iterator[bytes] | list[bytes]) -> list[str]:
        found = []
        for line in lines:
            self._count += 1
            if self._count <= transcript.MAX_LINES:
                found.append(f"{_ARROWS[self._kind]} {transcript.wire_line(line)}")
        return found


def _others(event: Event) -> Iterator[str]:
    """What is not octets of the wire."""
    for step in transcript.steps([json.loads(event.to_json())]):
        yield from (f"({text})" for text in [*step.text, step.note] if text)
