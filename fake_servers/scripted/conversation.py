"""What a scripted server hears: the client's octets against the `C:` lines of a trace."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

from fake_servers.finding import END, NOTHING, Finding
from fake_servers.grammar.commands import (
    NextLine,
    fold,
    has_forms,
    is_command,
    is_same,
    quotes_more,
)
from fake_servers.log import EventLog, Kind
from fake_servers.scripted.barrier import Barrier
from fake_servers.scripted.extras.freedom import EXTRAS_MAX, QUIT, Budget, Freedom, Grant, shape
from fake_servers.trace.notation import show
from fake_servers.trace.syntax import Expect
from fake_servers.trace.template import Bindings, first_difference
from fake_servers.wire.connection import EndOfStream, Stopped, Wire, WireTimeout

SLICE_S = 0.005
"""So often a waiting server looks whether the client has answered its call meanwhile."""

REMAINDER_S = 0.05
"""Longest wait for the rest of a line that differs, so that it can be shown whole."""

SHOWN_LIMIT = 1024
"""Most octets of a difference that a finding shows."""


class ScriptDeparture(Exception):
    """The conversation left the trace; the finding says where."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.reason)
        self.finding = finding


class _Fit(Enum):
    """How the received octets compare with a `C:` line."""

    EQUAL = 1
    OPEN = 2
    DIFFERENT = 3


class _Extra(Enum):
    """What the client sends in place of a line of the trace."""

    NONE = 1
    OPEN = 2
    ANSWERED = 3


class _Quit(Enum):
    """What QUIT is that the trace does not name here.

    HERE   the client leaves though the trace wants more of it
    LATER  another line of the trace decides that
    FREE   the trace wants nothing more of the client
    """

    HERE = 1
    LATER = 2
    FREE = 3


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the connections of one play of a case have in common.

    findings  gets the differences that do not end the conversation: those in case, and the
              commands that the RFCs leave to the client
    """

    bindings: Bindings
    barrier: Barrier
    log: EventLog
    budget: Budget
    findings: list[Finding] = field(default_factory=list)


class Conversation:
    """One connection, listened to line by line."""

    def __init__(self, wire: Wire, around: Surroundings) -> None:
        self.wire = wire
        self.next_line = NextLine()
        self.freedom = Freedom(around.budget)
        self._around = around
        self._bindings = around.bindings
        self._barrier = around.barrier
        self._findings = around.findings

    def choose(self, heads: Sequence[Expect], beyond: Sequence[Expect] | None = None) -> int | None:
        """Index of the line that the client sends next; None if it sends none of them.

        Takes nothing from the wire but free commands. Returns None also when the client has
        answered its call, has closed, or sends nothing in time. Where it need not send any of
        them, `beyond` are the lines that may come instead.
        """
        wait = self._waiter(heads[0].line)
        quits = _Quit.HERE if beyond is None else _Quit.LATER
        awaited = [*heads, *(beyond or ())]
        while True:
            fits = [self._fit(expect) for expect in heads]
            equal = [index for index, (fit, _) in enumerate(fits) if fit is _Fit.EQUAL]
            if equal:
                return min(equal, key=lambda index: self._is_other_form(heads[index]))
            if not any(fit is _Fit.OPEN for fit, _ in fits):
                extra = self._answer_extra(awaited, heads[0].line, quits)
                if extra is _Extra.NONE:
                    return None
                if extra is _Extra.ANSWERED:
                    wait = self._waiter(heads[0].line)
                    continue
            if wait() is not None:
                return None

    def nearest(self, heads: Sequence[Expect]) -> Expect:
        """The line that agrees longest with what the client sends in place of all of them."""
        return max(heads, key=lambda expect: self.difference(expect).finding.octet or 0)

    def expect(self, expect: Expect) -> None:
        """Take the line `expect` from the client; raises ScriptDeparture if it sends another."""
        wait = self._waiter(expect.line)
        while True:
            fit, octets = self._fit(expect)
            if fit is _Fit.EQUAL:
                self._take(expect, octets)
                return
            if fit is _Fit.DIFFERENT:
                extra = self._answer_extra([expect], expect.line)
                if extra is _Extra.ANSWERED:
                    wait = self._waiter(expect.line)
                    continue
                if extra is _Extra.NONE:
                    raise self.difference(expect)
            reason = wait()
            if reason is not None:
                raise self.difference(expect, reason)

    def difference(self, expect: Expect, reason: str = "") -> ScriptDeparture:
        """The finding for a client that does not send `expect`; `reason` if it sends nothing."""
        if not reason:
            self._read_the_line()
        actual = self.wire.received
        expected = self._expected(expect)
        at: int | None = None
        if actual and expected is None:
            at = self._bindings.match(expect.template, _line_of(actual), self._fold(expect))
        elif actual and expected is not None:
            folded = self._fold(expect) or bytes
            at = first_difference(folded(expected), folded(actual[: len(expected)]))
        finding = Finding(
            line=expect.line,
            octet=at,
            expected=self._bindings.show(expect.template)[: 4 * SHOWN_LIMIT],
            actual=show(_lines_up_to(actual, at or 0)[:SHOWN_LIMIT]) or self._absence(),
            reason=reason or "the client sends something else than the trace",
            left=self._why_it_left(expect),
        )
        return ScriptDeparture(finding)

    def surplus(self, line: int) -> ScriptDeparture:
        """The finding for octets that no `C:` line expects."""
        self._read_the_line()
        return ScriptDeparture(
            Finding(
                line=line,
                octet=0,
                expected=NOTHING,
                actual=show(_line_of(self.wire.received)[:SHOWN_LIMIT]),
                reason="the client sends octets that no C: line expects",
            )
        )

    def attempt(self, send: Callable[[], None], line: int) -> None:
        """Send; a client that is gone or does not read is left to the `C:` lines."""
        try:
            send()
        except Stopped:
            raise
        except EndOfStream:
            pass
        except WireTimeout as error:
            self._log(line, {"text": str(error)})

    def pass_over(self, line: int, may_leave: bool) -> None:
        """Answer what the client sends where the trace expects nothing more of it here.

        `may_leave`: the trace wants nothing more of the client on this connection, so QUIT is as
        good as its end. Raises ScriptDeparture where it is not free to send this.
        """
        deadline = time.monotonic() + REMAINDER_S
        quits = _Quit.FREE if may_leave else _Quit.HERE
        while (extra := self._answer_extra((), line, quits)) is _Extra.OPEN:
            count = len(self.wire.received)
            self._read_the_line()
            if len(self.wire.received) == count and time.monotonic() > deadline:
                raise self.surplus(line)
        if extra is _Extra.NONE:
            raise self.surplus(line)

    def answer_early(self, heads: Sequence[Expect]) -> bool:
        """Answer a free command that comes before its line can be played; False if it is none."""
        if any(self._fit(expect)[0] is not _Fit.DIFFERENT for expect in heads):
            return False
        return self._answer_extra(heads, heads[0].line, _Quit.LATER) is not _Extra.NONE

    # -- inside -------------------------------------------------------------------

    def _answer_extra(
        self, awaited: Sequence[Expect], line: int, quits: _Quit = _Quit.HERE
    ) -> _Extra:
        """Take and answer one command that the trace does not name, where it is free.

        Raises ScriptDeparture where that is QUIT and the trace wants more, or one too many.
        """
        heads = [_literal(expect) for expect in awaited]
        octets = self.freedom.candidate(self.wire.received, heads)
        if not octets:
            return _Extra.NONE if octets is None else _Extra.OPEN
        leaves = shape(octets) == QUIT.encode()
        if leaves and quits is _Quit.LATER:
            return _Extra.NONE
        broken = self.difference(awaited[0]) if awaited else self.surplus(line)
        if self.freedom.is_spent:
            raise _too_many(broken)
        grant = self.freedom.grant(octets)
        if grant is None:
            return _Extra.NONE
        self.wire.take(len(octets))
        if not leaves or quits is _Quit.FREE:
            self._note(grant, octets, line)
        reply = self.freedom.due()
        if reply and not self.wire.ended:
            self.attempt(lambda: self.wire.send(reply, line), line)
            self.attempt(self.wire.flush, line)
        if leaves:
            self.freedom.end()
            self.attempt(lambda: self.wire.half_close(line), line)
        if leaves and quits is _Quit.HERE:
            raise broken
        return _Extra.ANSWERED

    def _note(self, grant: Grant, octets: bytes, line: int) -> None:
        """Say in the log and among the findings that this command is free."""
        self._log(line, {"text": grant.reason, "extra": grant.verb})
        shown = show(octets)[:SHOWN_LIMIT]
        self._findings.append(
            Finding(line, None, NOTHING, shown, grant.reason, info=True, advice=grant.advice)
        )

    def _log(self, line: int, data: dict[str, str]) -> None:
        self._around.log.append(Kind.NOTE, connection=self.wire.connection, line=line, data=data)

    def _why_it_left(self, expect: Expect) -> str:
        """Why the client need not go on with a transaction that it has taken back."""
        verb = shape(_literal(expect))
        if self.freedom.taken_back and verb in _OF_TRANSACTION:
            return f"the client took its transaction back by {self.freedom.taken_back}"
        return ""

    def _waiter(self, line: int) -> Callable[[], str | None]:
        """A function that reads more; it gives the reason when nothing more will come."""
        deadline = time.monotonic() + self.wire.timeout_s

        def wait() -> str | None:
            try:
                while not self.wire.fill(SLICE_S, line):
                    if not self._barrier.in_call:
                        return None if self.wire.read_all(line) else "the client does not send it"
                    if time.monotonic() > deadline:
                        return f"the client sends nothing for {self.wire.timeout_s:g} s"
            except Stopped:
                raise
            except EndOfStream as end:
                return f"{end} instead"
            return None

        return wait

    def _fold(self, expect: Expect) -> Callable[[bytes], bytes] | None:
        """How the line compares: commands without case where the RFCs say so."""
        is_line = not expect.raw or _is_command(expect)
        return fold if is_line and self.next_line.expects_command else None

    def _is_other_form(self, expect: Expect) -> bool:
        """Whether what came is equal to the line only because its form is free."""
        expected = self._expected(expect)
        if expected is None:
            return False
        return fold(self.wire.received[: len(expected)]) != fold(expected)

    def _expected(self, expect: Expect) -> bytes | None:
        """The octets of the line, None while a name in it is free."""
        if self._bindings.has_free_name(expect.template):
            return None
        return self._bindings.render(expect.template)

    def _fit(self, expect: Expect) -> tuple[_Fit, bytes]:
        """Compare what came with the line; the octets are those that are equal to it."""
        received = self.wire.received
        folding = self._fold(expect)
        expected = self._expected(expect)
        if expected is None:
            line = _line_of(received)
            if not line.endswith(b"\n"):
                return _Fit.OPEN, b""
            differs = self._bindings.match(expect.template, line, folding)
            return (_Fit.EQUAL if differs is None else _Fit.DIFFERENT), line
        if folding and has_forms(expected):
            line = _line_of(received)
            if is_same(line, expected, self.freedom.offers("MAIL")):
                return _Fit.EQUAL, line
            if not line.endswith(b"\n") and received[:5].upper() == expected[:5].upper():
                return _Fit.OPEN, b""
        actual = received[: len(expected)]
        if len(actual) == len(expected):
            same = actual == expected or (folding and folding(actual) == folding(expected))
            return (_Fit.EQUAL if same else _Fit.DIFFERENT), actual
        begin = expected[: len(actual)]
        same = actual == begin or (folding and actual.lower() == begin.lower())
        return (_Fit.OPEN if same else _Fit.DIFFERENT), b""

    def _take(self, expect: Expect, octets: bytes) -> None:
        """Take the line off the wire and note where it differs in case."""
        self.wire.take(len(octets))
        expected = self._bindings.render(expect.template)
        self.next_line.received(octets)
        self.freedom.heard(octets)
        if octets != expected:
            reason = "the client writes this in another form, which is free"
            advice = quotes_more(octets, expected)
            if advice:
                reason += "; quotes that are not needed should not be sent (RFC 5321 section 4.1.2)"
            self._findings.append(
                Finding(
                    line=expect.line,
                    octet=first_difference(expected, octets),
                    expected=show(expected),
                    actual=show(octets),
                    reason=reason,
                    info=True,
                    advice=advice,
                )
            )

    def _absence(self) -> str:
        return END if self.wire.ended else NOTHING

    def _read_the_line(self) -> None:
        """Wait a moment for the rest of the client's line."""
        deadline = time.monotonic() + REMAINDER_S
        try:
            while b"\n" not in self.wire.received and time.monotonic() < deadline:
                self.wire.fill(SLICE_S)
        except EndOfStream:
            pass


_OF_TRANSACTION = frozenset({b"RCPT", b"DATA", b"BDAT"})


def _literal(expect: Expect) -> bytes:
    """What a line begins with, up to its first hole."""
    first = expect.template[0] if expect.template else b""
    return first if isinstance(first, bytes) else b""


def _is_command(expect: Expect) -> bool:
    """Whether the octets of a `C|` line are one whole command."""
    octets = b"".join(part for part in expect.template if isinstance(part, bytes))
    return is_command(octets) and octets.find(b"\n") == len(octets) - 1


def _too_many(broken: ScriptDeparture) -> ScriptDeparture:
    reason = f"the client has sent {EXTRAS_MAX} commands that the trace does not name"
    return ScriptDeparture(replace(broken.finding, reason=f"{reason}; no more are answered"))


def _line_of(octets: bytes) -> bytes:
    """The first line with its LF; everything if no LF has come."""
    return _lines_up_to(octets, 0)


def _lines_up_to(octets: bytes, at: int) -> bytes:
    """The first lines, up to the end of the one that holds the octet `at`."""
    end = octets.find(b"\n", at)
    return octets if end < 0 else octets[: end + 1]
