"""The text of the trace of a recorded session."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path

from conformance import lint, needs, requirements
from conformance.record.exchange import Talk, exchanges
from conformance.record.notation import comment
from conformance.record.pop3 import Pop3
from conformance.record.recording import Recording, Side
from conformance.record.secrets import STAND_IN, Secrets
from conformance.record.smtp import Smtp
from conformance.record.step import Step
from conformance.run.leaks import LEAST, forms
from fake_servers.trace.layout import formatted
from fake_servers.trace.notation import show
from fake_servers.trace.parser import parse_text

MOST_CHARACTERS = 4 * 1024 * 1024
"""The longest trace that is written."""

LONG = 16 * 1024
"""A session of more octets is not played octet by octet."""

HERE = Path("recorded.trace")


class CannotWrite(Exception):
    """Why there is no trace of this session; a sentence for the user."""


def check_names(case_id: str, title: str) -> None:
    """Raise TraceError for an id or a title that no trace can have."""
    parse_text(f"id: {case_id}\ntitle: {title}\n\nS: x\n", HERE)


def text(recording: Recording, case_id: str, title: str, secret: bytes = b"") -> str:
    """The trace of a session, in the layout of `fmt`.

    secret  that of the login, if the user has told it; it stands nowhere in the text
    Raises CannotWrite, and TraceError if the id or the title cannot be one.
    """
    if recording.problem:
        raise CannotWrite(recording.problem)
    if not recording.frames:
        raise CannotWrite("the server sent nothing, so there is no session to write")
    if not case_id.startswith(f"{recording.protocol}."):
        raise CannotWrite(
            f"the server speaks {recording.protocol.upper()}, so the id must begin with"
            f" {recording.protocol}., not {case_id!r}"
        )
    secrets = Secrets(secret)
    session = _Session(recording, secrets)
    made = session.text(case_id, title)
    if len(made) > MOST_CHARACTERS:
        raise CannotWrite(
            f"the trace would be longer than {MOST_CHARACTERS >> 20} MiB; record a shorter message,"
            " or one of equal lines"
        )
    _search(made, secrets)
    return made


class _Session:
    """A recording on its way to a text."""

    def __init__(self, recording: Recording, secrets: Secrets) -> None:
        self._recording = recording
        talk = exchanges(recording)
        self._last = talk.exchanges[-1].verb
        self._steps = list(_steps(recording, talk, secrets))
        self._faults = [*talk.faults, *(each.problem for each in self._steps if each.problem)]
        self._notes = [*recording.notes, *(note for each in self._steps for note in each.notes)]
        if talk.pipelined:
            self._notes.append(
                "the client sent commands before the replies to those before; here each has its"
                " reply below it"
            )
        if any(map(_is_short, secrets.seen)):
            self._notes.append(
                "a secret of the login is short and may be a part of any word, so the lines outside"
                " of the login were not searched for it"
            )

    def text(self, case_id: str, title: str) -> str:
        """With calls if they can be told, and if the linter then finds nothing."""
        if not self._faults:
            made = self._written(case_id, title, self._called())
            problem = lint.hindrance(parse_text(made, HERE))
            if problem is None:
                return made
            self._faults.append(problem.message)
        return self._written(case_id, title, self._uncalled())

    def _called(self) -> list[str]:
        rows = [row for step in self._steps for row in (*step.text(), "")]
        if self._last == "QUIT" or self._recording.closed is None:
            return rows
        if self._recording.closed is Side.SERVER:
            return [*rows, "= close"]
        return [*rows, f"A: {self._recording.protocol}.close", "= expect-eof", "R: ok"]

    def _uncalled(self) -> list[str]:
        rows = [row for step in self._steps for row in step.wire]
        closed = self._recording.closed
        if closed is None:
            return rows
        return [*rows, "= close" if closed is Side.SERVER else "= expect-eof"]

    def _written(self, case_id: str, title: str, rows: Iterable[str]) -> str:
        protocol = self._recording.protocol
        proves = dict.fromkeys(each for step in self._steps for each in step.proves)
        known = [each for each in proves if requirements.load().known(each)]
        header = [f"id: {case_id}", f"title: {title}", f"proves: {' '.join(known)}"]
        if self._recording.octets > LONG:
            header.append("variants: not octets crlf dribble: the session is long")
        body = ["", *self._comments(), *rows]
        draft = "\n".join([*header, f"needs: {protocol}", *body]) + "\n"
        used = sorted(needs.used(parse_text(draft, HERE)) - {protocol})
        header.insert(3, f"needs: {' '.join([protocol, *used])}")
        return formatted("\n".join([*header, *body]) + "\n", HERE)

    def _comments(self) -> Iterator[str]:
        for note in dict.fromkeys(self._notes):
            yield from comment(f"{note[:1].upper()}{note[1:]}.")
        for fault in dict.fromkeys(self._faults):
            yield from comment(f"There are no A: and R: lines, because {fault}.")


def _steps(recording: Recording, talk: Talk, secrets: Secrets) -> Iterator[Step]:
    queue = deque(talk.exchanges)
    is_lmtp = any(each.verb == "LHLO" for each in queue)
    teller: Pop3 | Smtp = (
        Pop3(secrets, recording.has_tls)
        if recording.protocol == "pop3"
        else Smtp(secrets, recording.has_tls, is_lmtp)
    )
    while queue:
        yield teller.next(queue)


def _is_short(secret: bytes) -> bool:
    return len(secret) < LEAST


def _search(made: str, secrets: Secrets) -> None:
    """Raise CannotWrite if a secret stands outside of the login as well."""
    for secret in secrets.seen:
        if _is_short(secret) or secret.startswith(STAND_IN.encode()):
            continue
        for needle, form in forms(secret).items():
            at = made.find(show(needle))
            if at >= 0:
                line = made.count("\n", 0, at) + 1
                raise CannotWrite(
                    f"line {line} of the trace would have the secret {form}, outside of the login;"
                    " nothing is written"
                )
