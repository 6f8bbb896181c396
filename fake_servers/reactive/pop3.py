"""A correct POP3 server's side of one session (RFC 1939, RFC 2449, RFC 5034).

TOP, UIDL and USER are there only if the capabilities name them, SASL mechanisms only if
they are offered. Multi-line replies begin with a bare `+OK`, so that a cut counts into
the listing or message itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from fake_servers import digests
from fake_servers.reactive.dots import multiline
from fake_servers.reactive.maildrop import Maildrop, Message, View, top
from fake_servers.reactive.options import Draw, Options
from fake_servers.reactive.sasl import LINE_LIMIT, Dialogue, Verdict
from fake_servers.reactive.session import Answer, Session, Tone, nothing

COMMAND_LIMIT = 255
"""The longest command, CRLF included (RFC 2449 section 4)."""

LoginHook = Callable[[str, bytes], None]
"""Told the way of each login that succeeds (`USER`, `APOP`, a mechanism) and its user."""

_TIMESTAMP = re.compile(rb"<[^<>\s]+@[^<>\s]+>")
_NONE = re.compile(rb"")
_TEXT = re.compile(rb" (.*)", re.DOTALL)
_NAME_AND_DIGEST = re.compile(rb" (.+) ([^ ]+)", re.DOTALL)
_NUMBER = re.compile(rb" (\d{1,10})")
_NUMBER_OR_NONE = re.compile(rb"(?: (\d{1,10}))?")
_TWO_NUMBERS = re.compile(rb" (\d{1,10}) (\d{1,10})")

_AUTH_FAILURES = {
    Verdict.FAILURE: "authentication failed",
    Verdict.CANCELLED: "authentication cancelled",
    Verdict.NOT_BASE64: "that is not base64",
    Verdict.UNKNOWN_MECHANISM: "mechanism not offered",
    Verdict.SERVER_FIRST: "this mechanism has no initial response",
    Verdict.SYNTAX: "AUTH takes a mechanism and perhaps an initial response",
}


@dataclass(frozen=True, slots=True)
class _Command:
    """One keyword: the states that it may come in and the shape of its arguments."""

    authorization: bool
    transaction: bool
    arguments: re.Pattern[bytes]
    handle: Callable[["Pop3Session", re.Match[bytes]], Answer]
    capability: bytes = b""


class Pop3Session(Session):
    """One POP3 connection. Delete marks reach the maildrop at QUIT in TRANSACTION only."""

    def __init__(self, options: Options, maildrop: Maildrop, draw: Draw, login: LoginHook) -> None:
        super().__init__()
        self._options = options
        self._maildrop = maildrop
        self._draw = draw
        self._login = login
        self._timestamp = b""
        self._user: bytes | None = None
        self._named: bytes | None = None
        self._dialogue: Dialogue | None = None
        self._view: View | None = None

    @property
    def line_limit(self) -> int:
        return LINE_LIMIT if self._dialogue else COMMAND_LIMIT

    def tone(self, said: bytes) -> Tone:
        if said.startswith(b"+OK"):
            return Tone.ACCEPTED
        return Tone.CONTINUED if said.startswith(b"+") else Tone.REFUSED

    def greeting(self) -> Answer:
        timestamp = b" " + self._draw("greeting") if self._options.apop else b""
        reply = b"+OK POP3 server ready" + timestamp + b"\r\n"
        return Answer("CONNECT", reply, accepted=self._greeted)

    def line(self, line: bytes) -> Answer:
        if not line.endswith(b"\r\n") or not self._are_legal(line[:-2]):
            self._dialogue = self._user = None
            return _err("a line is printable ASCII and ends in CRLF")
        if self._dialogue:
            return self._authenticate("", self._dialogue.line(line[:-2]), self._dialogue)
        keyword = line[:-2].partition(b" ")[0]
        command = _COMMANDS.get(keyword.upper())
        self._named, self._user = self._user, None
        if command is None or not self._has(command.capability):
            return _err("unknown command", _point(keyword))
        point = _point(keyword)
        if not (command.transaction if self._view else command.authorization):
            return _err("not in this state", point)
        arguments = command.arguments.fullmatch(line[len(keyword) : -2])
        if arguments is None:
            return _err("bad arguments", point)
        return command.handle(self, arguments)

    def line_too_long(self) -> Answer:
        self._dialogue = self._user = None
        return _err("line too long")

    def _are_legal(self, octets: bytes) -> bool:
        highest = 0xFF if self._options.offers(b"UTF8") else 0x7E
        return all(0x20 <= octet <= highest and octet != 0x7F for octet in octets)

    def _has(self, capability: bytes) -> bool:
        return not capability or self._options.offers(capability)

    def _greeted(self, said: bytes) -> None:
        found = _TIMESTAMP.search(said)
        self._timestamp = found.group() if found else b""

    # AUTHORIZATION

    def _capa(self, _arguments: re.Match[bytes]) -> Answer:
        lines = list(self._options.caps)
        if self._options.sasl:
            lines.append(b" ".join((b"SASL", *self._options.sasl)))
        return Answer("CAPA", _listing(lines))

    def _user_name(self, arguments: re.Match[bytes]) -> Answer:
        def accepted(_said: bytes) -> None:
            self._user = arguments[1]

        return Answer("USER", b"+OK send PASS\r\n", accepted)

    def _pass(self, arguments: re.Match[bytes]) -> Answer:
        name, users = self._named, self._options.users
        enter = partial(self._enter, "USER", name or b"")
        if name is None:
            return _err("USER first", "PASS", enter)
        if name not in users or users[name] != arguments[1]:
            return _err("wrong name or password", "PASS", enter)
        return Answer("PASS", self._welcome(), enter)

    def _apop(self, arguments: re.Match[bytes]) -> Answer:
        name, digest = arguments.groups()
        secret = self._options.users.get(name)
        enter = partial(self._enter, "APOP", name)
        if not self._timestamp:
            return _err("the greeting had no timestamp", "APOP", enter)
        if secret is None or digests.apop(self._timestamp, secret) != digest:
            return _err("wrong name or digest", "APOP", enter)
        return Answer("APOP", self._welcome(), enter)

    def _auth(self, arguments: re.Match[bytes]) -> Answer:
        dialogue = Dialogue(self._options, self._draw)
        return self._authenticate("AUTH", dialogue.begin(arguments[1]), dialogue)

    def _authenticate(self, point: str, verdict: Verdict, dialogue: Dialogue) -> Answer:
        def accepted(said: bytes) -> None:
            self._dialogue = None
            self._enter(dialogue.name.decode("latin-1"), dialogue.user, said)

        def continued(said: bytes) -> None:
            self._dialogue = dialogue
            dialogue.challenged(said.removeprefix(b"+").strip())

        def refused(_said: bytes) -> None:
            self._dialogue = None

        if verdict is Verdict.SUCCESS:
            reply = self._welcome()
        elif verdict is Verdict.CHALLENGE:
            reply = b"+ " + dialogue.challenge + b"\r\n"
        else:
            reply = b"-ERR " + _AUTH_FAILURES[verdict].encode("ascii") + b"\r\n"
        return Answer(point, reply, accepted, continued, refused)

    def _enter(self, way: str, user: bytes, _said: bytes) -> None:
        if self._view is None:
            self._view = View(self._maildrop)
            self._login(way, user)

    def _welcome(self) -> bytes:
        messages = self._maildrop.messages
        octets = sum(message.size for message in messages)
        return b"+OK maildrop has %d messages (%d octets)\r\n" % (len(messages), octets)

    # TRANSACTION

    @property
    def _open(self) -> View:
        assert self._view is not None, "the state is checked before a command is handled"
        return self._view

    def _stat(self, _arguments: re.Match[bytes]) -> Answer:
        sizes = [message.size for _, message in self._open.listing()]
        return Answer("STAT", b"+OK %d %d\r\n" % (len(sizes), sum(sizes)))

    def _list(self, arguments: re.Match[bytes]) -> Answer:
        return self._scan("LIST", arguments, lambda message: b"%d" % message.size)

    def _uidl(self, arguments: re.Match[bytes]) -> Answer:
        return self._scan("UIDL", arguments, lambda message: message.uid)

    def _scan(
        self, point: str, arguments: re.Match[bytes], show: Callable[[Message], bytes]
    ) -> Answer:
        if arguments[1] is None:
            listing = self._open.listing()
            return Answer(point, _listing([b"%d %s" % (n, show(m)) for n, m in listing]))
        number = int(arguments[1])
        message = self._open.get(number)
        if message is None:
            return _err("no such message", point)
        return Answer(point, b"+OK %d %s\r\n" % (number, show(message)))

    def _retr(self, arguments: re.Match[bytes]) -> Answer:
        message = self._open.get(int(arguments[1]))
        if message is None:
            return _err("no such message", "RETR")
        return Answer("RETR", b"+OK\r\n" + multiline(message.octets))

    def _top(self, arguments: re.Match[bytes]) -> Answer:
        message = self._open.get(int(arguments[1]))
        if message is None:
            return _err("no such message", "TOP")
        return Answer("TOP", b"+OK\r\n" + multiline(top(message.octets, int(arguments[2]))))

    def _dele(self, arguments: re.Match[bytes]) -> Answer:
        number, view = int(arguments[1]), self._open

        def accepted(_said: bytes) -> None:
            view.mark(number)

        if view.get(number) is None:
            return _err("no such message", "DELE")
        return Answer("DELE", b"+OK message %d deleted\r\n" % number, accepted)

    def _noop(self, _arguments: re.Match[bytes]) -> Answer:
        return Answer("NOOP", b"+OK\r\n")

    def _rset(self, _arguments: re.Match[bytes]) -> Answer:
        view = self._open
        return Answer("RSET", self._welcome(), lambda _said: view.reset())

    def _quit(self, _arguments: re.Match[bytes]) -> Answer:
        def accepted(_said: bytes) -> None:
            self.closing = True
            if self._view:
                self._view.commit()

        def otherwise(_said: bytes) -> None:
            self.closing = True

        return Answer("QUIT", b"+OK signing off\r\n", accepted, otherwise, otherwise)


def _err(text: str, point: str = "", accepted: Callable[[bytes], None] = nothing) -> Answer:
    return Answer(point, b"-ERR " + text.encode("ascii") + b"\r\n", accepted)


def _listing(lines: list[bytes]) -> bytes:
    return b"+OK\r\n" + multiline(b"".join(line + b"\r\n" for line in lines))


def _point(keyword: bytes) -> str:
    return keyword.upper().decode("latin-1")


_COMMANDS = {
    b"CAPA": _Command(True, True, _NONE, Pop3Session._capa),
    b"USER": _Command(True, False, _TEXT, Pop3Session._user_name, b"USER"),
    b"PASS": _Command(True, False, _TEXT, Pop3Session._pass, b"USER"),
    b"APOP": _Command(True, False, _NAME_AND_DIGEST, Pop3Session._apop),
    b"AUTH": _Command(True, False, _TEXT, Pop3Session._auth),
    b"QUIT": _Command(True, True, _NONE, Pop3Session._quit),
    b"STAT": _Command(False, True, _NONE, Pop3Session._stat),
    b"LIST": _Command(False, True, _NUMBER_OR_NONE, Pop3Session._list),
    b"UIDL": _Command(False, True, _NUMBER_OR_NONE, Pop3Session._uidl, b"UIDL"),
    b"RETR": _Command(False, True, _NUMBER, Pop3Session._retr),
    b"TOP": _Command(False, True, _TWO_NUMBERS, Pop3Session._top, b"TOP"),
    b"DELE": _Command(False, True, _NUMBER, Pop3Session._dele),
    b"NOOP": _Command(False, True, _NONE, Pop3Session._noop),
    b"RSET": _Command(False, True, _NONE, Pop3Session._rset),
}
