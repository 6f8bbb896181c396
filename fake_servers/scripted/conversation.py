"""One connection of a scripted server: takes the lines of the trace, answers what is free.

This is the only place that changes what is known about a connection: what the next line
of the client is, what was said on it, and what was taken from the wire.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

from fake_servers.finding import NOTHING, ServerFinding
from fake_servers.grammar.commands import is_command, quotes_more
from fake_servers.grammar.free_commands import QUIT, shape
from fake_servers.log import EventLog, Kind
from fake_servers.scripted.barrier import Barrier
from fake_servers.scripted.departure import SHOWN_LIMIT, ScriptDeparture, surplus, wrong_line
from fake_servers.scripted.extras.freedom import EXTRAS_MAX, Budget, Freedom, Grant
from fake_servers.scripted.matching import Fit, LineMatcher, NextLine, first_line, literal
from fake_servers.scripted.reader import REMAINDER_S, Reader
from fake_servers.trace.notation import show
from fake_servers.trace.syntax import Expect
from fake_servers.trace.template import Bindings, first_difference
from fake_servers.wire.connection import Wire
from fake_servers.wire.errors import EndOfStream, Stopped, WireTimeout


class _Extra(Enum):
    """What the client sent in place of a line of the trace.

    NONE      neither a free command nor the line
    OPEN      perhaps the beginning of one of these
    ANSWERED  a free command, or a surplus line of a message, which has been taken
    MEANT     the line itself, though it deviates; it counts as taken
    """

    NONE = 1
    OPEN = 2
    ANSWERED = 3
    MEANT = 4


class _Quit(Enum):
    """What a QUIT means that the trace does not name here.

    HERE   the client leaves although the trace expects more of it
    LATER  another line of the trace decides
    FREE   the trace expects nothing more of the client
    """

    HERE = 1
    LATER = 2
    FREE = 3


@dataclass(frozen=True, slots=True)
class CaseState:
    """What the connections of one run of a case share.

    findings  collects the findings that do not end the conversation: differences in case,
              commands that the RFCs leave to the client, and deviations of which the server
              knows what they mean
    """

    bindings: Bindings
    barrier: Barrier
    log: EventLog
    budget: Budget
    findings: list[ServerFinding] = field(default_factory=list)


class Conversation:
    """One connection.

    wire     what carries it
    is_deaf  the server pretends not to hear: nothing that the client sends counts any more
    """

    def __init__(self, wire: Wire, case: CaseState) -> None:
        self.wire = wire
        self.is_deaf = False
        self._case = case
        self._freedom = Freedom(case.budget)
        self._next_line = NextLine()
        self._matcher = LineMatcher(case.bindings, self._next_line, self._freedom.offers)
        self._reader = Reader(wire, case.barrier)

    # -- the client's lines -------------------------------------------------------

    def choose(self, heads: Sequence[Expect], beyond: Sequence[Expect] | None = None) -> int | None:
        """Index of the line that the client sends next; None if it sends none of them.

        Takes nothing from the wire except free commands. Gives None also if the client has
        returned from its call, has closed, or sends nothing in time. `beyond` are the lines
        that may come instead; without it the client must send one of `heads`.
        """
        wait = self._reader.waiter(heads[0].line)
        quits = _Quit.HERE if beyond is None else _Quit.LATER
        awaited = [*heads, *(beyond or ())]
        while True:
            received = self.wire.received
            fits = [self._matcher.compare(expect, received)[0] for expect in heads]
            equal = [index for index, fit in enumerate(fits) if fit is Fit.EQUAL]
            if equal:
                return min(equal, key=lambda at: self._matcher.is_other_form(heads[at], received))
            if Fit.OPEN not in fits:
                extra = self._answer_extra(awaited, heads[0].line, quits)
                if extra is _Extra.NONE:
                    chosen = self._choose_deviating(heads, beyond or ())
                    may_deviate = any(self._matcher.may_deviate(each, received) for each in heads)
                    if chosen is not None or not may_deviate:
                        return chosen
                if extra is _Extra.ANSWERED:
                    wait = self._reader.waiter(heads[0].line)
                    continue
            if wait() is not None:
                return None

    def expect(self, expect: Expect) -> None:
        """Take the line `expect` from the client; raises ScriptDeparture if it sends another."""
        wait = self._reader.waiter(expect.line)
        while True:
            fit, octets = self._matcher.compare(expect, self.wire.received)
            if fit is Fit.EQUAL:
                self._take(expect, octets)
                return
            if fit is Fit.DIFFERENT:
                extra = self._answer_extra([expect], expect.line)
                if extra is _Extra.NONE:
                    extra = self._take_deviating(expect)
                if extra is _Extra.MEANT:
                    return
                if extra is _Extra.NONE:
                    raise self.wrong(expect)
                if extra is _Extra.ANSWERED:
                    wait = self._reader.waiter(expect.line)
                    continue
            reason = wait()
            if reason is not None:
                raise self.wrong(expect, "" if fit is Fit.DIFFERENT else reason)

    def wrong_choice(self, heads: Sequence[Expect]) -> ScriptDeparture:
        """The client sent none of `heads`; shows the one that agrees longest with its octets."""
        nearest = max(heads, key=lambda expect: self.wrong(expect).finding.octet or 0)
        many = "the client sends none of the lines that the trace allows here"
        return self.wrong(nearest, many if len(heads) > 1 else "")

    def wrong(self, expect: Expect, reason: str = "") -> ScriptDeparture:
        """The client did not send `expect`; `reason` says why if it sent nothing."""
        if not reason:
            self._reader.finish_line()
        return wrong_line(
            self._matcher,
            expect,
            self.wire.received,
            has_ended=self.wire.ended,
            reason=reason,
            left=self._why_it_left(expect),
        )

    # -- what no line expects -----------------------------------------------------

    def surplus(self, line: int) -> ScriptDeparture:
        """The client sent octets that no `C:` line expects."""
        self._reader.finish_line()
        return surplus(line, self.wire.received)

    def check_nothing_left(self, line: int, may_leave: bool) -> None:
        """Answer what is free and raise ScriptDeparture if the client sent anything else."""
        if self.wire.closed or self.is_deaf:
            return
        while self.wire.received or self._reader.has_more():
            self.pass_over(line, may_leave)

    def pass_over(self, line: int, may_leave: bool) -> None:
        """Answer one free command where the trace expects nothing more of the client.

        `may_leave` says that the trace is done with this connection, so QUIT is as good as
        closing it. Raises ScriptDeparture if the client sent anything else.
        """
        deadline = time.monotonic() + REMAINDER_S
        quits = _Quit.FREE if may_leave else _Quit.HERE
        while (extra := self._answer_extra((), line, quits)) is _Extra.OPEN:
            count = len(self.wire.received)
            self._reader.finish_line()
            if len(self.wire.received) == count and time.monotonic() > deadline:
                raise self.surplus(line)
        if extra is _Extra.NONE:
            raise self.surplus(line)

    def has_more(self) -> bool:
        """Read what the client has written so far; False if that is nothing."""
        return self._reader.has_more()

    def answer_early(self, heads: Sequence[Expect]) -> bool:
        """Answer a free command that comes before its line can be played; False for others."""
        received = self.wire.received
        if any(self._matcher.compare(each, received)[0] is not Fit.DIFFERENT for each in heads):
            return False
        return self._answer_extra(heads, heads[0].line, _Quit.LATER) is not _Extra.NONE

    # -- the server's octets ------------------------------------------------------

    def send(self, octets: bytes, line: int) -> None:
        """Send a reply of the trace, and replies to free commands that are due."""
        self._next_line.sent(octets)
        octets = self._freedom.said(octets)
        if not self.wire.closed and not self.wire.ended:
            self._attempt(lambda: self.wire.send(octets, line), line)

    def flush(self, line: int) -> None:
        """Send what a delivery variant that joins replies has held back."""
        self._attempt(self.wire.flush, line)

    def secured(self) -> None:
        """TLS is up."""
        self._freedom.secured()

    def stop_answering(self) -> None:
        """From now on the server answers nothing: it closes, or falls silent."""
        self._freedom.end()

    # -- inside -------------------------------------------------------------------

    def _take(self, expect: Expect, octets: bytes) -> None:
        """Take the line from the wire and note where its form differs from the trace."""
        self.wire.take(len(octets))
        expected = self._matcher.render(expect)
        self._next_line.received(octets)
        self._freedom.heard(octets)
        if octets == expected:
            return
        reason = "the client writes this in another form, which the RFCs allow"
        advice = quotes_more(octets, expected)
        if advice:
            reason += "; it should not send quotes that are not needed (RFC 5321 section 4.1.2)"
        self._case.findings.append(
            ServerFinding(
                reason,
                expect.line,
                expected=show(expected),
                actual=show(octets),
                octet=first_difference(expected, octets),
                info=True,
                advice=advice,
            )
        )

    def _choose_deviating(self, heads: Sequence[Expect], beyond: Sequence[Expect]) -> int | None:
        """Index of the line that the client means, where none is equal; None if it means another."""
        received = self.wire.received
        if any(self._matcher.compare(each, received)[0] is not Fit.DIFFERENT for each in beyond):
            return None
        found = (at for at, each in enumerate(heads) if self._matcher.deviation(each, received))
        return next(found, None)

    def _take_deviating(self, expect: Expect) -> _Extra:
        """Take what deviates from the line and can only mean it; note how it deviates."""
        received = self.wire.received
        if self._matcher.may_deviate(expect, received):
            return _Extra.OPEN
        if self._next_line.in_data:
            return self._take_message_line(expect)
        said = self._matcher.deviation(expect, received)
        if said is None:
            return _Extra.NONE
        self._note_deviation(expect, f"the client sends {said}")
        self.wire.take(len(first_line(received)))
        meant = self._matcher.render(expect)
        self._next_line.received(meant)
        self._freedom.heard(meant)
        return _Extra.MEANT

    def _take_message_line(self, expect: Expect) -> _Extra:
        """The same for a line of a message: it ends with the dot, whatever is in it."""
        line = first_line(self.wire.received)
        meant = literal(expect)
        is_other = is_command(line) and not is_command(meant)
        is_block = expect.raw and meant != _DOT
        if is_block or is_other or not line.endswith(b"\r\n"):
            return _Extra.NONE
        self._note_deviation(expect, "the client sends another message", of_message=True)
        if line == _DOT:
            return _Extra.MEANT
        self.wire.take(len(line))
        self._freedom.heard(line)
        return _Extra.ANSWERED if meant == _DOT else _Extra.MEANT

    def _note_deviation(self, expect: Expect, reason: str, *, of_message: bool = False) -> None:
        """Keep a finding, one of a kind, and go on."""
        if not any(each.goes_on and each.reason == reason for each in self._case.findings):
            found = self.wrong(expect, reason).finding
            found = replace(found, left="", goes_on=True, of_message=of_message)
            self._case.findings.append(found)

    def _answer_extra(
        self, awaited: Sequence[Expect], line: int, quits: _Quit = _Quit.HERE
    ) -> _Extra:
        """Take and answer one command that the trace does not name, if it is free.

        Raises ScriptDeparture if the command is a QUIT and the trace expects more, or if the
        client has sent too many free commands.
        """
        octets = self._freedom.candidate(self.wire.received, [literal(each) for each in awaited])
        if not octets:
            return _Extra.NONE if octets is None else _Extra.OPEN
        leaves = shape(octets) == QUIT.encode()
        if leaves and quits is _Quit.LATER:
            return _Extra.NONE
        broken = self.wrong(awaited[0]) if awaited else self.surplus(line)
        if self._freedom.is_spent:
            raise _too_many(broken)
        grant = self._freedom.grant(octets)
        if grant is None:
            return _Extra.NONE
        self.wire.take(len(octets))
        if not leaves or quits is _Quit.FREE:
            self._note(grant, octets, line)
        self._reply_to_extra(line)
        if leaves:
            self._freedom.end()
            self._attempt(lambda: self.wire.half_close(line), line)
        if leaves and quits is _Quit.HERE:
            raise broken
        return _Extra.ANSWERED

    def _reply_to_extra(self, line: int) -> None:
        reply = self._freedom.due()
        if reply and not self.wire.ended:
            self._attempt(lambda: self.wire.send(reply, line), line)
            self._attempt(self.wire.flush, line)

    def _note(self, grant: Grant, octets: bytes, line: int) -> None:
        """Say in the log and among the findings that this command is free."""
        self._log(line, {"text": grant.reason, "extra": grant.verb})
        shown = show(octets)[:SHOWN_LIMIT]
        self._case.findings.append(
            ServerFinding(grant.reason, line, NOTHING, shown, info=True, advice=grant.advice)
        )

    def _log(self, line: int, data: dict[str, str]) -> None:
        self._case.log.append(Kind.NOTE, connection=self.wire.connection, line=line, data=data)

    def _attempt(self, send: Callable[[], None], line: int) -> None:
        """Send; if the client is gone or does not read, the next `C:` line will show it."""
        try:
            send()
        except Stopped:
            raise
        except EndOfStream:
            pass
        except WireTimeout as error:
            self._log(line, {"text": str(error)})

    def _why_it_left(self, expect: Expect) -> str:
        """Why the client need not send a line: it has taken its transaction back, or has greeted."""
        if self._freedom.greets_by_itself and shape(literal(expect)) in _HELLOS:
            return "the client had sent EHLO before, by itself"
        taken_back = self._freedom.taken_back
        if taken_back and shape(literal(expect)) in _OF_TRANSACTION:
            return f"the client took its transaction back with {taken_back}"
        return ""


_DOT = b".\r\n"
_HELLOS = frozenset({b"EHLO", b"LHLO"})
_OF_TRANSACTION = frozenset({b"RCPT", b"DATA", b"BDAT"})


def _too_many(broken: ScriptDeparture) -> ScriptDeparture:
    reason = f"the client has sent {EXTRAS_MAX} commands that the trace does not name"
    reason += "; the server answers no more of them"
    return ScriptDeparture(replace(broken.finding, reason=reason))
