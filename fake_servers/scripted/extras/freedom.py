"""What a client may say on one connection in addition to the lines of its trace."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fake_servers.grammar.free_commands import FREE, free_command, shape
from fake_servers.trace.syntax import Trace
from fake_servers.trace.template import Bindings

if TYPE_CHECKING:  # the reactive server is loaded only when a client sends a free command
    from fake_servers.reactive.maildrop import Message
    from fake_servers.scripted.extras.shadow import Exchange, Shadow

EXTRAS_MAX = 128
"""The most free commands that are answered in one run of a case."""

_GREETINGS = ("EHLO", "LHLO")
_ENDS_TRANSACTION = ("RSET", *_GREETINGS)


@dataclass(frozen=True, slots=True)
class Grant:
    """A command that is free at this point.

    reason  one sentence for the finding
    advice  whether it goes against a SHOULD
    """

    verb: str
    reason: str
    advice: bool


class Budget:
    """What the connections of one run of a case share.

    granted  the free commands that were answered
    """

    def __init__(self, trace: Trace, bindings: Bindings) -> None:
        self.trace = trace
        self.granted: list[str] = []
        self._bindings = bindings
        self._exchanges: list[Exchange] | None = None

    @property
    def exchanges(self) -> list[Exchange]:
        """The exchanges of the trace."""
        from fake_servers.scripted.extras.known import exchanges_of

        if self._exchanges is None:
            self._exchanges = exchanges_of(self.trace, self._bindings)
        return self._exchanges

    @property
    def messages(self) -> list[Message]:
        """POP3: the messages that the trace tells of."""
        from fake_servers.scripted.extras.known import maildrop_of, named_in

        return maildrop_of(self.exchanges, named_in(self.trace, self._bindings))


class Freedom:
    """One connection: tracks what is said on it, grants free commands and answers them.

    greets_by_itself  the client has sent EHLO under TLS before it was asked to
    """

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._history: list[tuple[str, bytes]] = []
        self._shadow: Shadow | None = None
        self._is_over = False
        self._taken_back = ""
        self.greets_by_itself = False

    # -- what is said -------------------------------------------------------------

    def heard(self, octets: bytes) -> None:
        """The client sent a line that the trace names."""
        self._note("heard", octets)

    def said(self, octets: bytes) -> bytes:
        """The server says this next; gives it with the replies that are due in between."""
        if self._shadow is None or not self._shadow.is_owed:
            self._note("said", octets)
            return octets
        whole = b""
        while octets:
            part = octets[: self._shadow.reply_length(octets)]
            octets = octets[len(part) :]
            self._note("said", part)
            whole += part + self.due()
        return whole

    def secured(self) -> None:
        """TLS is up."""
        self._note("secured", b"")

    def end(self) -> None:
        """The server closed its side or fell silent: it answers nothing more."""
        self._is_over = True

    # -- what may be said ---------------------------------------------------------

    def candidate(self, received: bytes, awaited: Sequence[bytes] = ()) -> bytes | None:
        """The free command that `received` begins with; empty if it may become one.

        None if it is something else, or has the shape of one of the `awaited` lines: then it
        is that line, and it is wrong.
        """
        if self._is_over:
            return None
        line = free_command(self._budget.trace.protocol, received)
        return None if line and shape(line) in map(shape, awaited) else line

    def grant(self, line: bytes) -> Grant | None:
        """Grant the command if it is free at this point, else None.

        It then counts as sent: `due` gives the reply as soon as it may leave.
        """
        from fake_servers.scripted.extras.permission import is_early, is_free

        trace = self._budget.trace
        free = FREE[trace.protocol][line.split()[0].decode("latin-1").upper()]
        if trace.is_strict(free.verb):
            return None
        shadow = self._follow()
        if not is_free(free.verb, shadow, self._is_lmtp):
            return None
        advice = is_early(free.verb, shadow)
        reason = f"the client sends {free.verb}, which {free.source} allows here"
        if advice:
            reason += "; it should send EHLO first (RFC 5321 section 4.1.4)"
        if free.verb in _ENDS_TRANSACTION and shadow.in_transaction:
            self._taken_back = free.verb
        if free.verb in _GREETINGS and not shadow.hello:
            self.greets_by_itself = True
        self._budget.granted.append(free.verb)
        shadow.heard(line, is_extra=True)
        return Grant(free.verb, reason, advice)

    def offers(self, verb: str) -> frozenset[bytes]:
        """The keywords that EHLO has offered; none if the case is about this command."""
        trace = self._budget.trace
        if trace.is_strict(verb) or trace.protocol != "smtp":
            return frozenset()
        lines = [line[4:].upper() for line in self._follow().hello.split(b"\r\n")[1:]]
        return frozenset(re.split(b"[ =]", line)[0] for line in lines)

    @property
    def is_spent(self) -> bool:
        """Whether the client has sent so many free commands that no more are answered."""
        return len(self._budget.granted) >= EXTRAS_MAX

    @property
    def taken_back(self) -> str:
        """The command with which the client ended a transaction that the trace goes on with."""
        if self._shadow is None or self._shadow.in_transaction:
            return ""
        return self._taken_back

    def due(self) -> bytes:
        """The replies to granted commands that may leave now."""
        octets = b""
        while self._shadow is not None and (answer := self._shadow.due()) is not None:
            from fake_servers.scripted.extras.replies import reply_to

            reply = reply_to(answer, self._shadow, self._budget.exchanges)
            self._shadow.said(reply)
            octets += reply
        return octets

    # -- inside -------------------------------------------------------------------

    def _note(self, what: str, octets: bytes) -> None:
        if self._shadow is None:
            self._history.append((what, octets))
        else:
            _pass_on(self._shadow, what, octets)

    def _follow(self) -> Shadow:
        """The shadow of this connection; made when it is first needed."""
        if self._shadow is None:
            from fake_servers.scripted.extras.shadow import Shadow

            protocol = self._budget.trace.protocol
            messages = self._budget.messages if protocol == "pop3" else ()
            self._shadow = Shadow(protocol, messages, self._is_lmtp)
            for what, octets in self._history:
                _pass_on(self._shadow, what, octets)
            self._history.clear()
        return self._shadow

    @property
    def _is_lmtp(self) -> bool:
        return any(each.verb == "LHLO" for each in self._budget.exchanges)


def _pass_on(shadow: Shadow, what: str, octets: bytes) -> None:
    if what == "heard":
        shadow.heard(octets)
    elif what == "said":
        shadow.said(octets)
    else:
        shadow.secured()
