"""What the RFCs let a client send though the timeline of a trace does not name it.

Such a command is answered as a right server answers at that place, and noted; the timeline then
goes on. Nothing is free before the greeting, inside of AUTH, of a message or of a chunk, while
TLS begins, and after QUIT; nor is a command that the case is about (`strict`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fake_servers.trace.syntax import Trace
from fake_servers.trace.template import Bindings

if TYPE_CHECKING:
    from fake_servers.scripted.extras.shadow import Exchange, Shadow

EXTRAS_MAX = 128
"""So many commands that the trace does not name are answered in one play of a case."""

LINE_MAX = 512
"""Longest command that is free, CRLF included (RFC 5321 section 4.5.3.1.4)."""

QUIT = "QUIT"


@dataclass(frozen=True, slots=True)
class Free:
    """A command and the place in the RFCs that allows it."""

    verb: str
    form: re.Pattern[bytes]
    source: str


@dataclass(frozen=True, slots=True)
class Grant:
    """A command that is free where the client stands.

    reason  what to say of it, one sentence
    advice  whether it is against a SHOULD
    """

    verb: str
    reason: str
    advice: bool


def _free(verb: str, argument: bytes, source: str) -> Free:
    form = re.compile(verb.encode() + argument + rb"\r\n", re.IGNORECASE)
    return Free(verb, form, source)


_NAME = rb" (?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[!-Z^-~]+\])"
_TEXT = rb" [!-~][ -~]*"
_MAY_HAVE_TEXT = rb"(?: [ -~]+)?"
_MAY_HAVE_NUMBER = rb"(?: [1-9]\d{0,8})?"

FREE: dict[str, dict[str, Free]] = {
    "smtp": {
        each.verb: each
        for each in (
            _free("EHLO", _NAME, "RFC 5321 section 4.1.4"),
            _free("LHLO", _NAME, "RFC 2033 section 4.1"),
            _free("RSET", b"", "RFC 5321 section 4.1.1.5"),
            _free("NOOP", _MAY_HAVE_TEXT, "RFC 5321 section 4.1.1.9"),
            _free("VRFY", _TEXT, "RFC 5321 section 4.1.1.6"),
            _free("EXPN", _TEXT, "RFC 5321 section 4.1.1.7"),
            _free("HELP", _MAY_HAVE_TEXT, "RFC 5321 section 4.1.1.8"),
            _free(QUIT, b"", "RFC 5321 section 4.1.1.10"),
        )
    },
    "pop3": {
        each.verb: each
        for each in (
            _free("CAPA", b"", "RFC 2449 section 5"),
            _free("STAT", b"", "RFC 1939 section 5"),
            _free("LIST", _MAY_HAVE_NUMBER, "RFC 1939 section 5"),
            _free("NOOP", b"", "RFC 1939 section 5"),
            _free("RSET", b"", "RFC 1939 section 5"),
            _free("UIDL", _MAY_HAVE_NUMBER, "RFC 1939 section 7"),
            _free(QUIT, b"", "RFC 1939 sections 4 and 6"),
        )
    },
}
"""By protocol and verb. VRFY and the others of RFC 5321 section 4.1.4 need no EHLO before them."""

_AT_ANY_TIME = frozenset({"NOOP", "RSET", "VRFY", "EXPN", "HELP"})
_AFTER_FAILED_CHUNK = frozenset({"RSET", QUIT})
_AGAIN = frozenset({"EHLO", "LHLO"})
_IN_TRANSACTION = frozenset({"STAT", "LIST", "NOOP", "RSET", "UIDL"})
_CHANGES = frozenset({"PASS", "APOP", "AUTH", "DELE"})
"""Behind these the same command may have another reply."""
_ENDS_GROUP = frozenset(
    "EHLO LHLO HELO DATA VRFY EXPN HELP QUIT NOOP STARTTLS AUTH BDAT STLS PASS APOP".split()
)
"""Behind these nothing more is sent before the reply (RFC 2920 section 3.1 and others)."""


def shape(line: bytes) -> bytes:
    """By what a command is another than one that the trace waits for: its verb, and for LIST and
    UIDL whether a number follows."""
    words = line.split()
    verb = words[0].upper() if words else b""
    return verb + b" n" if verb in (b"LIST", b"UIDL") and len(words) > 1 else verb


class Budget:
    """What the connections of one play of a case have in common.

    granted  the commands that were answered though the trace does not name them
    """

    def __init__(self, trace: Trace, bindings: Bindings) -> None:
        self.trace = trace
        self.granted: list[str] = []
        self._bindings = bindings
        self._exchanges: list[Exchange] | None = None

    @property
    def exchanges(self) -> list[Exchange]:
        """What the trace tells of its server."""
        from fake_servers.scripted.extras.known import exchanges_of

        if self._exchanges is None:
            self._exchanges = exchanges_of(self.trace, self._bindings)
        return self._exchanges


class Freedom:
    """One connection: what was said on it, and what the client may say beside the trace."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._history: list[tuple[str, bytes]] = []
        self._shadow: Shadow | None = None
        self._is_over = False
        self._taken_back = ""

    # -- what is said -------------------------------------------------------------

    def heard(self, octets: bytes) -> None:
        """The client has sent what a `C:` line names."""
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
        """The server has closed its side, or has fallen silent: it answers nothing more."""
        self._is_over = True

    # -- what may be said ---------------------------------------------------------

    def candidate(self, received: bytes, awaited: Sequence[bytes] = ()) -> bytes | None:
        """The free command that `received` begins with; empty where it may become one.

        None where it is none, or where one of the `awaited` lines has its shape: then it is
        that line, and wrong.
        """
        at = received.find(b"\n") + 1
        line = received[:at] if at else received
        if not line or self._is_over or len(line) > LINE_MAX:
            return None
        free = FREE[self._budget.trace.protocol]
        word = line.split(b" ")[0].rstrip(b"\r\n").upper()
        verb = word.decode("latin-1")
        if not at:
            is_whole = len(word) < len(line)
            could = verb in free if is_whole else any(name.startswith(verb) for name in free)
            return b"" if could else None
        if verb not in free or not free[verb].form.fullmatch(line):
            return None
        return None if shape(line) in map(shape, awaited) else line

    def grant(self, line: bytes) -> Grant | None:
        """The command as one that is free where the client stands now; None if it is not.

        It then counts as sent: `due` gives the reply as soon as it may leave.
        """
        free = FREE[self._budget.trace.protocol][line.split()[0].decode("latin-1").upper()]
        if self._budget.trace.is_strict(free.verb) or not self._is_free(free.verb, self._follow()):
            return None
        shadow = self._follow()
        advice = self._is_smtp and free.verb in _AT_ANY_TIME and not self._hello()
        reason = f"the client sends {free.verb}, which {free.source} allows here"
        if advice:
            reason += "; it should say EHLO first (RFC 5321 section 4.1.4)"
        if free.verb in ("RSET", *_AGAIN) and getattr(shadow.session, "sender", None) is not None:
            self._taken_back = free.verb
        self._budget.granted.append(free.verb)
        shadow.heard(line, is_extra=True)
        return Grant(free.verb, reason, advice)

    def offers(self, verb: str) -> frozenset[bytes]:
        """The keywords that EHLO has offered; none where the case is about this command."""
        if self._budget.trace.is_strict(verb) or not self._is_smtp:
            return frozenset()
        lines = [line[4:].upper() for line in self._hello().split(b"\r\n")[1:]]
        return frozenset(re.split(b"[ =]", line)[0] for line in lines)

    @property
    def is_spent(self) -> bool:
        """Whether the client has sent so many such commands that no more are answered."""
        return len(self._budget.granted) >= EXTRAS_MAX

    @property
    def taken_back(self) -> str:
        """The command by which the client ended a transaction that the trace goes on with."""
        if self._shadow is None or getattr(self._shadow.session, "sender", None) is not None:
            return ""
        return self._taken_back

    def due(self) -> bytes:
        """The replies to granted commands that may leave now."""
        octets = b""
        while self._shadow is not None and (answer := self._shadow.due()) is not None:
            same = self._said_before(self._shadow.asked_line)
            reply = self._special(answer.point) or same or answer.reply
            self._shadow.said(reply)
            octets += reply
        return octets

    # -- inside -------------------------------------------------------------------

    def _note(self, what: str, octets: bytes) -> None:
        if self._shadow is None:
            self._history.append((what, octets))
        else:
            _follow(self._shadow, what, octets)

    def _follow(self) -> Shadow:
        """The session of the reactive server that stands where the client stands."""
        if self._shadow is None:
            from fake_servers.scripted.extras.known import maildrop_of
            from fake_servers.scripted.extras.shadow import Shadow

            exchanges = self._budget.exchanges
            is_lmtp = any(each.verb == "LHLO" for each in exchanges)
            protocol = self._budget.trace.protocol
            messages = maildrop_of(exchanges) if protocol == "pop3" else ()
            self._shadow = Shadow(protocol, messages, is_lmtp)
            for what, octets in self._history:
                _follow(self._shadow, what, octets)
            self._history.clear()
        return self._shadow

    def _is_free(self, verb: str, shadow: Shadow) -> bool:
        greeting = shadow.exchanges[0] if shadow.exchanges else None
        if greeting is None or shadow.is_amid or shadow.exchanges[-1].verb == QUIT:
            return False
        if shadow.is_owed and not self._may_follow(verb, shadow):
            return False
        is_dismissed = shadow.session.closing or not greeting.accepted
        if is_dismissed or verb == QUIT:
            return verb == QUIT
        if getattr(shadow.session, "has_failed", False) and verb not in _AFTER_FAILED_CHUNK:
            return False  # RFC 3030 section 2: nothing but RSET helps
        if verb in _AGAIN:
            return (verb == "LHLO") == self._is_lmtp and bool(self._hello())
        view = getattr(shadow.session, "view", None)
        if self._budget.trace.protocol == "pop3" and verb == "RSET":
            return view is not None and not view.has_marks
        return view is not None or verb not in _IN_TRANSACTION or self._is_smtp

    def _may_follow(self, verb: str, shadow: Shadow) -> bool:
        """Whether the command may be sent though a reply is owed (RFC 2920 section 3.1)."""
        offers = [
            b"PIPELINING" in each.reply.upper()
            for each in self._of_now()
            if each.verb in ("EHLO", "LHLO", "CAPA") and each.accepted
        ]
        last = shape(shadow.last_heard).split(b" ")[0].decode("latin-1")
        is_whole = shadow.last_heard.endswith(b"\r\n")
        return verb != QUIT and any(offers[-1:]) and is_whole and last not in _ENDS_GROUP

    @property
    def _is_smtp(self) -> bool:
        return self._budget.trace.protocol == "smtp"

    @property
    def _is_lmtp(self) -> bool:
        return any(each.verb == "LHLO" for each in self._budget.exchanges)

    def _of_now(self) -> list[Exchange]:
        """The exchanges that still hold: what was said before TLS does not under it."""
        shadow = self._follow()
        is_secure = shadow.session.is_secure
        return [each for each in shadow.exchanges if each.is_secure == is_secure]

    def _hello(self) -> bytes:
        """The last reply that accepted EHLO, HELO or LHLO, empty where none did."""
        hellos = ("EHLO", "HELO", "LHLO")
        found = [e.reply for e in self._of_now() if e.verb in hellos and e.accepted]
        return found[-1] if found else b""

    def _special(self, verb: str) -> bytes:
        """The reply where the trace decides what is right, or empty."""
        if verb in _AGAIN:
            return self._hello()
        if verb == "CAPA":
            return self._capabilities(with_guess=True)
        if verb == "UIDL":
            known = self._capabilities()
            is_left_out = known.startswith(b"+OK") and b"\r\nUIDL" not in known.upper()
            return b"-ERR no UIDL here\r\n" if is_left_out else b""
        return b""

    def _said_before(self, line: bytes) -> bytes:
        """The reply to the same command, where nothing has changed since: a server that is asked
        again does not contradict itself, nor what a trace has it say.
        """
        known = self._of_now()
        has_deleted = any(each.verb == "DELE" for each in known)
        for each in reversed(known):
            if each.line.upper() == line.upper():
                return each.reply
            if each.verb in _CHANGES or (each.verb == "RSET" and has_deleted):
                break
        return b""

    def _capabilities(self, with_guess: bool = False) -> bytes:
        """What CAPA was told last, or will be; the guess is what the trace rests on."""
        from fake_servers.reactive.pop3.state import listing
        from fake_servers.scripted.extras.known import capabilities_of

        session = self._follow().session
        is_logged_in = getattr(session, "view", None) is not None
        to_come = [
            e for e in self._budget.exchanges if e.is_secure == session.is_secure and _is_plain(e)
        ]
        for exchanges in (self._of_now()[::-1], to_come):
            asked = [each for each in exchanges if each.verb == "CAPA"]
            asked.sort(key=lambda each: each.is_logged_in != is_logged_in)
            if asked:
                return _without_stls(asked[0].reply) if is_logged_in else asked[0].reply
        if not with_guess:
            return b""
        lines = capabilities_of(self._budget.exchanges)
        has_stls = not (is_logged_in or session.is_secure)
        return listing([line for line in lines if has_stls or line != b"STLS"])


def _follow(shadow: Shadow, what: str, octets: bytes) -> None:
    if what == "heard":
        shadow.heard(octets)
    elif what == "said":
        shadow.said(octets)
    else:
        shadow.secured()


_CAPA = re.compile(rb"-ERR.*\r\n|\+OK(?: [ -~]*)?\r\n(?:[!-~][ -~]*\r\n)*\.\r\n")


def _is_plain(each: Exchange) -> bool:
    """Whether a reply is beyond doubt: what the trace tries on CAPA is not for other commands."""
    return each.verb != "CAPA" or bool(_CAPA.fullmatch(each.reply))


def _without_stls(reply: bytes) -> bytes:
    """STLS is announced before the login only (RFC 2595 section 4)."""
    lines = reply.split(b"\r\n")
    return b"\r\n".join(line for line in lines if line.upper() != b"STLS")
