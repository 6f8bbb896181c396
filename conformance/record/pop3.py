"""The calls of a recorded session of POP3 (RFC 1939, RFC 2449, RFC 2595, RFC 6856)."""

from __future__ import annotations

import re
from collections.abc import Callable

from conformance.model.framer import CONNECT
from conformance.model.replies import listing_lines
from conformance.record import login
from conformance.record.exchange import Exchange
from conformance.record.notation import quoted
from conformance.record.secrets import Secrets
from conformance.record.step import Queue, Step, Unclear, text, usual, wire
from fake_servers.auth import digests
from fake_servers.grammar.dots import unstuff

_TIMESTAMP = re.compile(rb"<[^<> ]+@[^<> ]*>")
_REFUSED_LOGIN = "refused|auth-failed"

_PROVES = {
    "CONNECT": ("RFC1939-4-GREET-01",),
    "CAPA": ("RFC2449-5-CAPA-01",),
    "STLS": ("RFC2595-4-STLS-04",),
    "USER": ("RFC1939-7-USER-01",),
    "APOP": ("RFC1939-7-APOP-01", "RFC1939-7-APOP-02"),
    "STAT": ("RFC1939-5-STAT-02",),
    "LIST": ("RFC1939-5-LIST-01",),
    "UIDL": ("RFC1939-7-UIDL-01",),
    "RETR": ("RFC1939-5-RETR-02",),
    "TOP": ("RFC1939-7-TOP-01",),
    "DELE": ("RFC1939-5-DELE-01",),
    "NOOP": ("RFC1939-5-NOOP-01",),
    "RSET": ("RFC1939-5-RSET-01",),
    "QUIT": ("RFC1939-6-QUIT-01",),
    "UTF8": ("RFC6856-2.1-UTF8-01",),
    "LANG": ("RFC6856-3.2-LANG-01",),
}


class Pop3:
    """Turns exchanges into calls; every `next` takes those of one call."""

    def __init__(self, secrets: Secrets, has_tls: bool) -> None:
        self._secrets = secrets
        self._has_tls = has_tls
        self._timestamp = b""
        self._is_secured = False

    def next(self, queue: Queue) -> Step:
        """The call to which the next exchange belongs."""
        exchange = queue.popleft()
        self._is_secured = self._is_secured or exchange.secured
        makers: dict[str, Callable[[Exchange, Queue], Step]] = {
            CONNECT: self._connect,
            "USER": self._user,
            "PASS": self._pass,
            "APOP": self._apop,
            "AUTH": self._auth,
        }
        step = makers.get(exchange.verb, _plain)(exchange, queue)
        step.proves = step.proves or _PROVES.get(exchange.verb, ())
        return step

    def _connect(self, exchange: Exchange, _: Queue) -> Step:
        found = _TIMESTAMP.search(exchange.command.octets)
        self._timestamp = found[0] if found else b""
        made = Step("pop3.connect", {"tls": "implicit"} if self._has_tls else {})
        made.wire = [*(["= starttls"] if self._has_tls else []), *wire(exchange)]
        made.outcome = "ok" if exchange.is_ok else "refused"
        return made

    def _user(self, exchange: Exchange, queue: Queue) -> Step:
        """USER, and PASS behind it."""
        user = exchange.command.argument
        made = Step("pop3.user", {"user": user, "secret": self._secrets.stand_in()})
        made.wire = wire(exchange)
        made.outcome = "ok" if exchange.is_ok else _REFUSED_LOGIN
        if not exchange.is_ok:
            return made
        if not queue or queue[0].verb != "PASS":
            made.problem = "USER stands without PASS"
            return made
        password = self._pass(queue.popleft(), queue)
        made.args["secret"] = password.args["secret"]
        made.wire += password.wire
        made.outcome = password.outcome
        return made

    def _pass(self, exchange: Exchange, _: Queue) -> Step:
        name = self._secrets.stand_in(exchange.command.argument)
        made = Step("pop3.user", {"secret": name}, problem="PASS stands without USER")
        made.wire = wire(exchange, f"PASS {name}")
        made.outcome = "ok" if exchange.is_ok else _REFUSED_LOGIN
        return made

    def _apop(self, exchange: Exchange, _: Queue) -> Step:
        user, _blank, digest = exchange.command.argument.rpartition(b" ")
        name = self._secrets.stand_in()
        made = Step("pop3.apop", {"user": user, "secret": name})
        made.outcome = "ok" if exchange.is_ok else _REFUSED_LOGIN
        formula = f"${{apop {quoted(self._timestamp)} {name}}}"
        made.wire = wire(exchange, f"APOP {text(user)} {formula}")
        if not self._timestamp or not user:
            made.problem = "APOP needs a timestamp in the greeting, a user and a digest"
        if self._is_secured:
            made.notes.append(
                "APOP rests on a timestamp from before STLS, which a client may forget (RFC 2595"
                " section 4); such a client does not play this session"
            )
        known = self._secrets.known
        if known and digests.apop(self._timestamp, known) != digest:
            made.notes.append("the client's digest was not the right one for the given secret")
        return made

    def _auth(self, exchange: Exchange, _: Queue) -> Step:
        found = login.read(exchange, "pop3", self._secrets)
        made = Step("pop3.auth", found.args, wire=found.wire, problem=found.problem)
        made.notes, made.proves = found.notes, (found.proves,) if found.proves else ()
        made.outcome = "ok" if exchange.is_ok else _REFUSED_LOGIN
        return made


def _plain(exchange: Exchange, _: Queue) -> Step:
    """A command that shows no secret."""
    made = Step(f"pop3.{exchange.verb.lower()}")
    made.wire = wire(exchange)
    made.outcome = "ok" if exchange.is_ok else "refused"
    try:
        _fill(made, exchange)
        command = usual(exchange)
        if exchange.command.text.upper() != command.replace("$$", "$").encode().upper():
            made.notes.append(f"{command} was sent with more blanks")
        made.wire = wire(exchange, command)
    except (Unclear, ValueError, IndexError) as error:
        reason = str(error) if isinstance(error, Unclear) else "its form is not that of the RFC"
        made.problem = f"{exchange.verb or 'an empty command'}: {reason}"
    return made


def _fill(made: Step, exchange: Exchange) -> None:
    """Arguments and values; raises Unclear, ValueError or IndexError."""
    words = exchange.command.argument.split()
    form = _FORMS.get(exchange.verb)
    if form is None:
        raise Unclear("there is no such op")
    form(made, exchange, words)


def _alone(made: Step, exchange: Exchange, words: list[bytes]) -> None:
    if words:
        raise Unclear("the command has an argument")


def _numbered(made: Step, exchange: Exchange, words: list[bytes]) -> None:
    (number,) = words
    made.args["n"] = int(number)


def _stat(made: Step, exchange: Exchange, words: list[bytes]) -> None:
    _alone(made, exchange, words)
    if exchange.is_ok:
        _, count, octets = exchange.replies[-1].text.split()[:3]
        made.values = {"count": int(count), "octets": int(octets)}


def _message(made: Step, exchange: Exchange, words: list[bytes]) -> None:
    made.args["n"] = int(words[0])
    if exchange.verb == "TOP":
        made.args["lines"] = int(words[1])
    if exchange.is_ok:
        made.handed = unstuff(exchange.body[: -len(b".\r\n")])


def _listing(made: Step, exchange: Exchange, words: list[bytes]) -> None:
    rows = listing_lines(exchange.body)
    if words:
        _numbered(made, exchange, words)
        rows = [exchange.replies[-1].text.partition(b" ")[2]]
    if exchange.is_ok:
        pairs = [row.split()[:2] for row in rows]
        is_list = exchange.verb == "LIST"
        made.values["items"] = [[int(n), int(item) if is_list else item] for n, item in pairs]


def _language(made: Step, exchange: Exchange, words: list[bytes]) -> None:
    if words:
        (made.args["tag"],) = words


_FORMS: dict[str, Callable[[Step, Exchange, list[bytes]], None]] = {
    "CAPA": _alone,
    "STLS": _alone,
    "STAT": _stat,
    "LIST": _listing,
    "UIDL": _listing,
    "RETR": _message,
    "TOP": _message,
    "DELE": _numbered,
    "NOOP": _alone,
    "RSET": _alone,
    "QUIT": _alone,
    "UTF8": _alone,
    "LANG": _language,
}
