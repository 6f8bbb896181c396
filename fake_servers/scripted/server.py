"""The scripted server: plays a linear trace, and the conversation must be that."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

from fake_servers.finding import END, NOTHING, Finding
from fake_servers.log import EventLog
from fake_servers.scripted.barrier import Barrier, Unpaced
from fake_servers.scripted.conversation import SLICE_S, Conversation, ScriptDeparture, Surroundings
from fake_servers.scripted.extras.freedom import Budget
from fake_servers.scripted.steps import (
    Action,
    Quiet,
    Step,
    Write,
    asks_for_more,
    exchanges,
    head,
    next_heads,
    steps,
)
from fake_servers.server import Server
from fake_servers.trace.error import TemplateError
from fake_servers.trace.syntax import Call, Directive, Expect, Group, Item, Trace
from fake_servers.trace.template import Bindings
from fake_servers.trace.timeline import SILENT
from fake_servers.wire.connection import EndOfStream, Stopped, Wire, WireError
from fake_servers.wire.delivery import Delivery

ENDINGS = frozenset({"close", "reset", "half-close", "silence"})
"""Behind these the server answers nothing more."""


EARLY_S = 0.5
"""So long what comes within a call is left to the lines below it; then the client may be waiting
for the reply to a command that no line names."""


def patience_s(timeout_ms: int) -> float:
    """How long a server waits for a client whose own time-out is `timeout_ms`."""
    return 3 * timeout_ms / 1000 + 2


class ScriptedServer(Server):
    """Plays the `C:`, `S:` and `=` lines of a trace, in step with the caller of the client.

    The caller tells by caller_enters and caller_leaves which `A:` and `R:` it has passed
    and asks by wait_for_server before each `A:`. With `paced` false there is no caller,
    and the wire alone gives the pace.

    findings  the differences; after one that is not INFO the connection is closed and
              nothing more is played
    taken     for each branch of a group that the client took, the line of its first item
    extras    the commands that were answered though the trace does not name them
    """

    def __init__(
        self,
        trace: Trace,
        log: EventLog,
        delivery: Delivery,
        bindings: Bindings,
        *,
        paced: bool = True,
        host: str = "",
    ) -> None:
        super().__init__(log, delivery, patience_s(trace.timeout_ms), host)
        self.taken: set[int] = set()
        self._trace = trace
        self._bindings = bindings
        self._paced = paced
        self._barrier = Barrier(trace.items) if paced else Unpaced()
        budget = Budget(trace, bindings)
        self._around = Surroundings(bindings, self._barrier, log, budget)
        self.findings = self._around.findings
        self.extras = budget.granted
        self._may_leave = False
        self._talk: Conversation | None = None
        self._line = 0
        self._is_deaf = False

    # -- the caller's side --------------------------------------------------------

    def caller_enters(self, line: int) -> None:
        """The client is called now: the `A:` line `line`."""
        self._barrier.caller_enters(line)

    def caller_leaves(self, line: int) -> None:
        """The client has answered; `line` is that of the `A:` or of its `R:`."""
        self._barrier.caller_leaves(line)

    def wait_for_server(self, line: int, timeout_s: float | None = None) -> bool:
        """Wait until all above `line` is played, or nothing more will be; False if it is not."""
        patience = self.timeout_s if timeout_s is None else timeout_s
        return self._barrier.wait_for_server(line, patience)

    def stop(self) -> None:
        """Let the server finish what the caller's place lets it play, then end it."""
        if not self.stopping and self._main is not None:
            self._barrier.wait_until_idle(self.timeout_s)
        self._barrier.stop()
        super().stop()

    @property
    def is_client_busy(self) -> bool:
        """Whether the client is at a call, as far as anybody tells."""
        return self._barrier.in_call

    # -- the server's thread ------------------------------------------------------

    def run(self) -> None:
        """Play the whole timeline, then listen until the client closes or the case ends."""
        try:
            self._play_all()
            self._barrier.server_ends()
            self._listen_on()
        except ScriptDeparture as difference:
            self.findings.append(difference.finding)
        finally:
            if self._talk is not None:
                self._talk.wire.close(self._line)
            self._listener.close()
            self._barrier.server_ends()

    def _play_all(self) -> None:
        needs = 0
        todo = steps(self._trace.items)
        calls = [item for item in self._trace.items if isinstance(item, Call)]
        for at, step in enumerate(todo):
            self._may_leave = not asks_for_more(todo[at + 1 :], calls, step)
            if step.needs != needs:
                self._flush()
                needs = step.needs
            self._barrier.server_reaches(step.action.line, step.needs)
            if not isinstance(step.action, Quiet):
                self._await_caller(step, todo[at:])
                self._play(step.action, todo[at + 1 :])
            elif self._paced:
                self._keep_quiet(step.needs)
        self._flush()
        self._may_leave = True

    def _await_caller(self, step: Step, todo: Sequence[Step]) -> None:
        """Wait until the caller has passed the line that this step needs.

        Before a `C:` line or a group the wire is watched, not the caller: what the client sends tells as
        well that it was called, and wakes this thread once and not twice.
        """
        if isinstance(step.action, (Expect, Group)) and self._talk is not None:
            while not self._barrier.has_passed(step.needs):
                if self._talk.wire.has_news(SLICE_S) and not self._hear_early(self._talk, todo):
                    break
        if not self._barrier.wait_for_caller(step.needs):
            raise Stopped("the case ended")

    def _hear_early(self, talk: Conversation, todo: Sequence[Step]) -> bool:
        """What comes before the caller has passed the line is mostly the begin of what follows.

        It is left to be read then, unless the client's call does not end: it may wait for the
        reply to a command that is free. False where there is nothing to wait for.
        """
        if self._barrier.wait_for_caller(todo[0].needs, EARLY_S) or talk.wire.ended:
            return False
        return self._has_more(talk.wire) and talk.answer_early(next_heads(todo))

    def _keep_quiet(self, line: int) -> None:
        """All of a call is played: the client answers it, on `line`, and sends nothing more."""
        self._flush()
        while not self._barrier.wait_for_caller(line, SLICE_S):
            self._check_nothing_left()
            if self._barrier.stopped:
                raise Stopped("the case ended")
        self._check_nothing_left()

    def _play(self, action: Action, behind: Sequence[Step]) -> None:
        """One action; `behind` are the steps that follow it."""
        self._line = action.line
        if isinstance(action, Directive) and action.name == "accept":
            self._accept_another(action.line)
            return
        talk = self._talk or self._connect(action.line)
        if isinstance(action, Expect):
            talk.expect(action)
        elif isinstance(action, Write):
            self._write(talk, action)
        elif isinstance(action, Group):
            self._play_group(talk, action, behind)
        elif isinstance(action, Directive):
            self._direct(talk, action)

    def _connect(self, line: int) -> Conversation:
        """The next connection of the client; ScriptDeparture if it makes none."""
        deadline = time.monotonic() + self.timeout_s
        last_look = False
        while True:
            try:
                wire = self.accept(SLICE_S)
                break
            except TimeoutError:
                if last_look or time.monotonic() > deadline:
                    reason = "the client does not connect"
                    raise ScriptDeparture(
                        Finding(line, None, "(a connection)", NOTHING, reason)
                    ) from None
                last_look = not self._barrier.in_call
        self._talk = Conversation(wire, self._around)
        if self.delivery.tls:
            self._shake_hands(self._talk, "", line)
        return self._talk

    def _accept_another(self, line: int) -> None:
        """`= accept`: end the connection before, on which nothing may be left to read."""
        if self._talk is not None:
            self._may_leave = True
            self._check_nothing_left()
            self._talk.wire.close(line)
        self._connect(line)

    def _write(self, talk: Conversation, write: Write) -> None:
        """Send `S:` lines; a client that is gone or does not read is left to the `C:` lines."""
        octets = self._rendered(write)[: write.cut]
        talk.next_line.sent(octets)
        octets = talk.freedom.said(octets)
        if not talk.wire.closed and not talk.wire.ended:
            talk.attempt(lambda: talk.wire.send(octets, write.line), write.line)

    def _rendered(self, write: Write) -> bytes:
        """The octets of `S:` lines; ScriptDeparture where the client sent nothing that they fit."""
        try:
            return b"".join([self._bindings.render(template) for template in write.templates])
        except TemplateError as error:
            reason = f"what the client sent cannot be answered: {error}"
            raise ScriptDeparture(Finding(write.line, None, "", "", reason)) from None

    def _flush(self) -> None:
        """Let leave what a joining variant has held back."""
        if self._talk is not None:
            self._talk.attempt(self._talk.wire.flush, self._line)

    def _play_group(self, talk: Conversation, group: Group, behind: Sequence[Step]) -> None:
        if group.kind == "any":
            self._play_any(talk, exchanges(group.branches[0]), behind)
            self.taken.add(group.branches[0][0].line)
            return
        heads = [head(branch) for branch in group.branches]
        chosen = talk.choose(heads, next_heads(behind) if group.kind == "opt" else None)
        if chosen is not None:
            self.taken.add(group.branches[chosen][0].line)
            self._play_branch(group.branches[chosen], behind)
        elif group.kind == "alt":
            raise talk.difference(talk.nearest(heads), _none_of(heads))

    def _play_any(
        self, talk: Conversation, left: list[tuple[Item, ...]], behind: Sequence[Step]
    ) -> None:
        """Each exchange once, in the client's order."""
        while left:
            heads = [head(exchange) for exchange in left]
            chosen = talk.choose(heads)
            if chosen is None:
                raise talk.difference(talk.nearest(heads), _none_of(heads))
            self._play_branch(left.pop(chosen), behind)

    def _play_branch(self, items: Iterable[Item], behind: Sequence[Step]) -> None:
        todo = steps(items)
        for at, step in enumerate(todo):
            self._play(step.action, [*todo[at + 1 :], *behind])

    def _direct(self, talk: Conversation, directive: Directive) -> None:
        """One `=` line."""
        wire, line = talk.wire, directive.line
        self._flush()
        if directive.name in ENDINGS:
            talk.freedom.end()
        if directive.name == "pause":
            self.pause(int(directive.args[0]) / 1000)
        elif directive.name == "close":
            wire.close(line)
        elif directive.name == "reset":
            wire.reset(line)
        elif directive.name == "half-close":
            wire.half_close(line)
        elif directive.name == "silence":
            self.fall_silent(wire)
        elif directive.name == "starttls":
            self._shake_hands(talk, "".join(directive.args), line)
        else:
            self._expect_end(talk, line)

    def _shake_hands(self, talk: Conversation, fault: str, line: int) -> None:
        """The TLS handshake; raises ScriptDeparture where a client goes on in clear or without it.

        A client that breaks a handshake off because of `fault` does what it should.
        """
        from fake_servers.wire.certificates import GOOD, server_context

        if talk.wire.received:
            raise talk.surplus(line)
        if fault == SILENT:
            self._leave_unanswered(talk.wire, line)
            return
        context = server_context(fault or GOOD, self._trace.has_client_certificate)
        try:
            is_up = talk.wire.start_tls(context, line)
            if not is_up:
                talk.wire.fill(0.0, line)
        except Stopped:
            raise
        except WireError:
            is_up = False
        if is_up:
            talk.freedom.secured()
        else:
            talk.freedom.end()
        if talk.wire.received:
            raise talk.surplus(line)
        if not is_up and not fault:
            reason = "the client does not complete the TLS handshake"
            raise ScriptDeparture(Finding(line, None, "(a TLS handshake)", NOTHING, reason))

    def _leave_unanswered(self, wire: Wire, line: int) -> None:
        """Take what begins a handshake, and nothing more from then on."""
        try:
            while not wire.received and wire.fill(line=line):
                pass
        except Stopped:
            raise
        except EndOfStream:
            return
        self._is_deaf = True
        self.fall_silent(wire)

    def _expect_end(self, talk: Conversation, line: int) -> None:
        """`= expect-eof`: the client closes, and sends nothing before it does."""
        if talk.wire.closed:
            return
        ended = talk.wire.ended or talk.wire.wait_eof(line=line)
        while talk.wire.received:
            talk.pass_over(line, may_leave=True)
            ended = talk.wire.ended or talk.wire.wait_eof(line=line)
        if not ended:
            reason = f"the client does not close for {self.timeout_s:g} s"
            raise ScriptDeparture(Finding(line, None, END, NOTHING, reason))

    def _check_nothing_left(self) -> None:
        """Raise ScriptDeparture if the client has sent octets that no line took."""
        if self._talk is None or self._talk.wire.closed or self._is_deaf:
            return
        while self._talk.wire.received or self._has_more(self._talk.wire):
            self._talk.pass_over(self._last_line(), self._may_leave)

    def _has_more(self, wire: Wire) -> bool:
        """Read what the client has written until now; True if that was anything."""
        try:
            return wire.read_all()
        except EndOfStream:
            return False

    def _listen_on(self) -> None:
        """All is played: nothing more may come, on this connection or on another."""
        if self._talk is not None:
            self._hear_the_end(self._talk)
            self._talk.wire.close()
        wire = self.accept(None)
        self._talk = Conversation(wire, self._around)
        reason = "the client connects once more than the trace"
        raise ScriptDeparture(Finding(self._last_line(), None, NOTHING, "(a connection)", reason))

    def _hear_the_end(self, talk: Conversation) -> None:
        """Wait for the client's end or the case's; raises ScriptDeparture for surplus octets.

        What crossed the end that the server itself made is nobody's fault.
        """
        wire = talk.wire
        while not wire.closed:
            try:
                while not wire.received or self._is_deaf:
                    wire.fill(self.timeout_s)
            except Stopped:
                if self._is_deaf or not self._has_more(wire):
                    raise
            except EndOfStream:
                pass
            if not wire.received or self._is_deaf:
                return
            talk.pass_over(self._last_line(), may_leave=True)

    def _last_line(self) -> int:
        """The line of the call at work, or of the item played last if that comes after it."""
        return max(self._line, self._barrier.call_line)


def _none_of(heads: list[Expect]) -> str:
    """The reason where a client takes no branch; empty lets the octets speak if there is one."""
    return "" if len(heads) == 1 else "the client sends none of the lines that may stand here"
