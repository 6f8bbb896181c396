"""The calls of a recorded session of SMTP or LMTP (RFC 5321, RFC 2033, RFC 3030, RFC 3207)."""

from __future__ import annotations

import re
from collections.abc import Callable

from conformance.model.framer import CONNECT, FrameKind, is_last_chunk, last_line
from conformance.record import login
from conformance.record.exchange import Exchange, of_kind
from conformance.record.secrets import Secrets
from conformance.record.step import Queue, Step, Unclear, text, usual, wire
from fake_servers.grammar.address import address_of
from fake_servers.grammar.commands import parameters_of
from fake_servers.grammar.dots import unstuff

_BARE = re.compile(rb"\r(?!\n)|(?<!\r)\n")
_HELLOS = ("EHLO", "HELO", "LHLO")
_LOOKUPS = ("NOOP", "VRFY", "EXPN", "HELP")
_PROVES = {
    "CONNECT": ("RFC5321-4.3.1-GREET-01",),
    "EHLO": ("RFC5321-4.1.1.1-EHLO-01",),
    "HELO": ("RFC5321-2.2.1-HELO-01",),
    "LHLO": ("RFC2033-4.1-LHLO-01",),
    "STARTTLS": ("RFC3207-4-GREET-01",),
    "MAIL": ("RFC5321-3.3-MAIL-01",),
    "RCPT": ("RFC5321-3.3-MAIL-01",),
    "DATA": ("RFC5321-3.3-DATA-01", "RFC5321-4.5.2-DATA-01"),
    "BDAT": ("RFC3030-2-BDAT-01",),
    "RSET": ("RFC5321-4.1.1-PARAM-01",),
    "QUIT": ("RFC5321-4.1.1.10-QUIT-02",),
}


class Smtp:
    """Turns exchanges into calls; every `next` takes those of one call."""

    def __init__(self, secrets: Secrets, has_tls: bool, is_lmtp: bool) -> None:
        self._secrets = secrets
        self._has_tls = has_tls
        self._is_lmtp = is_lmtp
        self._is_8bit = False

    def next(self, queue: Queue) -> Step:
        """The call to which the next exchange belongs."""
        exchange = queue.popleft()
        makers: dict[str, Callable[[Exchange, Queue], Step]] = {
            CONNECT: self._connect,
            "AUTH": self._auth,
            "DATA": self._data,
            "BDAT": self._chunks,
            "MAIL": self._path,
            "RCPT": self._path,
            **dict.fromkeys(_HELLOS, _hello),
        }
        step = makers.get(exchange.verb, _plain)(exchange, queue)
        step.proves = step.proves or _PROVES.get(exchange.verb, ())
        return step

    def _connect(self, exchange: Exchange, _: Queue) -> Step:
        made = Step("smtp.connect", {"tls": "implicit"} if self._has_tls else {})
        if self._is_lmtp:
            made.args["lmtp"] = "true"
        made.wire = [*(["= starttls"] if self._has_tls else []), *wire(exchange)]
        _judge(made, exchange)
        return made

    def _auth(self, exchange: Exchange, _: Queue) -> Step:
        found = login.read(exchange, "smtp", self._secrets)
        made = Step("smtp.auth", found.args, wire=found.wire, problem=found.problem)
        made.notes, made.proves = found.notes, (found.proves,) if found.proves else ()
        made.outcome = "ok" if exchange.is_ok else "refused|auth-failed"
        return made

    def _path(self, exchange: Exchange, _: Queue) -> Step:
        """MAIL or RCPT; a client may write its path in a form that is not that of the RFC."""
        verb, line = exchange.verb, exchange.command.text
        made = Step(f"smtp.{verb.lower()}", wire=wire(exchange))
        _judge(made, exchange)
        address = address_of(line)
        if address is None:
            made.problem = f"the path of {verb} has no brackets"
            return made
        parameters = parameters_of(line)
        word, name = ("FROM", "from") if verb == "MAIL" else ("TO", "to")
        command = f"{verb} {word}:<".encode() + address + b">"
        command += b"".join(b" " + each for each in parameters)
        made.args[name] = address
        if parameters:
            made.args["params"] = list(parameters)
        if verb == "MAIL":
            self._is_8bit = any(each.upper().startswith(b"BODY=8") for each in parameters)
        if command.upper() != line.upper():
            made.notes.append(f"{verb} was sent as {line[:200].decode('ascii', 'replace')!r}")
        try:
            made.wire = wire(exchange, text(command))
        except Unclear as error:
            made.problem = str(error)
        return made

    def _data(self, exchange: Exchange, _: Queue) -> Step:
        made = Step("smtp.data", wire=wire(exchange))
        _judge(made, exchange)
        found = of_kind(exchange.said, FrameKind.DATA)
        if not found:
            made.given = b"made up\r\n"
            made.notes.append("DATA was refused, so that the message is made up")
            return made
        self._hand(made, unstuff(found[0].octets[: -len(b".\r\n")]))
        return made

    def _chunks(self, exchange: Exchange, queue: Queue) -> Step:
        """BDAT to the last chunk; all chunks but the last must have one size."""
        made = Step("smtp.bdat", wire=wire(exchange))
        sizes, message = [], b""
        while True:
            chunk = b"".join(each.octets for each in of_kind(exchange.said, FrameKind.CHUNK))
            sizes.append(len(chunk))
            message += chunk
            is_last = is_last_chunk(exchange.command.text)
            if is_last or not exchange.is_ok or not queue or queue[0].verb != "BDAT":
                break
            exchange = queue.popleft()
            made.wire += wire(exchange)
        _judge(made, exchange)
        if len(sizes) > 1:
            made.args["chunk"] = sizes[0]
        if not is_last or len(set(sizes[:-1])) > 1 or sizes[-1] > sizes[0]:
            made.problem = "BDAT has chunks of several sizes, or no last one"
        self._hand(made, message)
        return made

    def _hand(self, made: Step, message: bytes) -> None:
        """The message that the caller hands over."""
        made.given = message
        if _BARE.search(message):
            made.problem = "the message has a bare CR or LF, which no client may send"
        elif not message.isascii() and not self._is_8bit:
            made.problem = "the message has octets above 127, but MAIL has no BODY=8BITMIME"


def _hello(exchange: Exchange, queue: Queue) -> Step:
    """EHLO; a client whose EHLO is refused for good falls back to HELO in the same call."""
    name = exchange.command.argument
    made = Step(f"smtp.{exchange.verb.lower()}", {"name": name}, wire=wire(exchange))
    _judge(made, exchange)
    if exchange.verb == "EHLO" and [each.reply_class for each in exchange.replies] == ["5"]:
        if queue and queue[0].verb == "HELO" and queue[0].command.argument == name:
            helo = queue.popleft()
            made.wire += wire(helo)
            _judge(made, helo)
        else:
            made.problem = "EHLO was refused and no HELO follows"
    return made


def _plain(exchange: Exchange, _: Queue) -> Step:
    """A command without a secret, a path or a message."""
    verb, argument = exchange.verb, exchange.command.argument
    made = Step(f"smtp.{verb.lower()}", wire=wire(exchange))
    _judge(made, exchange)
    if verb in _LOOKUPS and argument:
        made.args["arg"] = argument
    elif argument or verb not in (*_LOOKUPS, "RSET", "QUIT", "STARTTLS"):
        made.problem = f"{verb or 'an empty command'}: there is no such op"
        return made
    try:
        made.wire = wire(exchange, usual(exchange))
    except Unclear as error:
        made.problem = f"{verb}: {error}"
    return made


def _judge(made: Step, exchange: Exchange) -> None:
    """The outcome, by the reply; LMTP has one for each recipient."""
    if not exchange.replies:
        made.problem = f"{exchange.verb} is not answered"
        return
    last = exchange.replies[-1]
    replies = [each for each in exchange.replies if each.verb == last.verb]
    digits = last_line(last.octets)[:3]
    if any(not each.positive and not each.negative for each in replies):
        made.problem = f"the reply to {exchange.verb} is neither a success nor a refusal"
    elif all(each.positive for each in replies):
        made.outcome = "ok"
    elif any(each.positive for each in replies):
        made.outcome = "ok|refused"
    elif digits == b"421":
        made.outcome = "refused|io-error"
    else:
        made.outcome, made.values = "refused", {"code": int(digits)}
