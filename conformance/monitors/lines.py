"""Rules of the form of a command line."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.model.framer import Frame, FrameKind
from conformance.monitors.monitor import BOTH, POP3, SMTP, Monitor, Violation
from conformance.monitors.talk import Connection, Talk

POP3_LINE_MAX = 255
SMTP_LINE_MAX = 512
AUTH_LINE_MAX = 12288
_MAIL_INCREMENTS = {"SIZE": 26, "8BITMIME": 17, "AUTH": 500, "SMTPUTF8": 10, "DSN": 110}
_INCREMENTS = {
    "MAIL": _MAIL_INCREMENTS,
    "RCPT": {"DSN": 528},
    "VRFY": {"SMTPUTF8": 10},
    "EXPN": {"SMTPUTF8": 10},
}
_QUOTED = re.compile(rb'"(?:[^"\\]|\\.)*"')
_ARGUMENTS: dict[str, tuple[int, int | None]] = {
    **dict.fromkeys(("STAT", "NOOP", "RSET", "QUIT", "CAPA", "STLS", "UTF8"), (0, 0)),
    **dict.fromkeys(("LIST", "UIDL", "LANG"), (0, 1)),
    **dict.fromkeys(("RETR", "DELE"), (1, 1)),
    **dict.fromkeys(("USER", "PASS"), (1, None)),
}
"""The least and the most arguments of a POP3 command; None where blanks belong to the argument."""
_CONTENT = frozenset({FrameKind.DATA, FrameKind.CHUNK})


def _lines(connection: Connection) -> Iterator[Frame]:
    """Commands and responses, also those without an end."""
    for sent in [*connection.sent(), *connection.cut]:
        if sent.kind not in _CONTENT:
            yield sent


def _without_ends(octets: bytes) -> bytes:
    """The lines of what was cut off, without their line endings; an empty last line is left out."""
    return octets.replace(b"\r\n", b"").rstrip(b"\r\n")


def ends_in_crlf(talk: Talk) -> Iterator[Violation]:
    """A line ends in CRLF. For a strict server any other line ending leaves it unfinished.

    What was cut off may be whole lines: behind a DATA without a reply nobody knows whether they
    are commands or the message.
    """
    for connection in talk.connections:
        for sent in connection.cut:
            end = sent.octets.replace(b"\r\n", b"").rstrip(b" ")[-1:]
            if sent.kind not in _CONTENT and end in (b"\r", b"\n"):
                yield Violation(sent, "the line does not end in CRLF", "CRLF at the end")


def one_line(talk: Talk) -> Iterator[Violation]:
    """A command line has no bare CR, no bare LF and no NUL."""
    for connection in talk.connections:
        for sent in _lines(connection):
            text = sent.text if sent.complete else _without_ends(sent.octets)
            for octet, name in ((b"\r", "CR"), (b"\n", "LF"), (b"\0", "NUL")):
                if octet in text:
                    yield Violation(sent, f"the line has a bare {name}", "one line")
                    break


def ascii_only(talk: Talk) -> Iterator[Violation]:
    """Without SMTPUTF8 a command is ASCII."""
    for connection in talk.connections:
        for sent in connection.commands():
            if not sent.octets.isascii() and "SMTPUTF8" not in (connection.offers(sent) or {}):
                yield Violation(sent, "the command has an octet above 127", "ASCII")


def one_blank(talk: Talk) -> Iterator[Violation]:
    """Words are one blank apart, with none around them; a password or user name may have blanks."""
    for connection in talk.connections:
        for sent in connection.commands():
            if sent.verb not in ("PASS", "USER") and sent.text != b" ".join(sent.text.split()):
                yield Violation(sent, "the command has a blank too many", "single blanks")


def smtp_blanks(talk: Talk) -> Iterator[Violation]:
    """Words are one blank apart, with none around them; a quoted string may have blanks."""
    for connection in talk.connections:
        for sent in connection.commands():
            text = _QUOTED.sub(b"x", sent.text)
            if text != b" ".join(text.split()):
                yield Violation(sent, "the command has a blank too many", "single blanks")


def arguments(talk: Talk) -> Iterator[Violation]:
    """A POP3 command has the arguments that its RFC gives it."""
    for connection in talk.connections:
        for sent in connection.commands():
            if sent.verb not in _ARGUMENTS:
                continue
            least, most = _ARGUMENTS[sent.verb]
            count = len(sent.text.split()) - 1
            if most is None and sent.argument:
                continue  # a password of blanks
            if count < least:
                yield Violation(sent, f"{sent.verb} lacks its argument", f"{sent.verb} argument")
            elif most is not None and count > most:
                wanted = f"{sent.verb} n" if most else sent.verb
                yield Violation(sent, f"{sent.verb} has an argument too many", wanted)


def message_number(talk: Talk) -> Iterator[Violation]:
    """A message number is a decimal number from 1."""
    shape = re.compile(rb"[1-9]\d*")
    for connection in talk.connections:
        for sent in connection.commands():
            words = sent.argument.split()
            if sent.verb in ("RETR", "DELE", "TOP", "LIST", "UIDL") and words:
                if not shape.fullmatch(words[0]):
                    yield Violation(
                        sent, "the message number is not a number from 1", "a decimal number from 1"
                    )


def top_arguments(talk: Talk) -> Iterator[Violation]:
    """TOP has a message number and a line count."""
    for connection in talk.connections:
        for sent in connection.commands():
            if sent.verb == "TOP" and not re.fullmatch(rb"\d+ +\d+", sent.argument):
                yield Violation(sent, "TOP does not have two numbers", "TOP n lines")


def pop3_length(talk: Talk) -> Iterator[Violation]:
    """A command has at most 255 octets, CRLF included; a response in AUTH may be longer."""
    for connection in talk.connections:
        for sent in _lines(connection):
            response = sent.kind is FrameKind.RESPONSE
            limit = AUTH_LINE_MAX if response else POP3_LINE_MAX
            if len(sent.octets) > limit:
                yield Violation(sent, f"the line has {len(sent.octets)} octets", f"at most {limit}")


def _smtp_limit(connection: Connection, sent: Frame) -> int:
    if sent.kind is FrameKind.RESPONSE:
        return AUTH_LINE_MAX
    increments = _INCREMENTS.get(sent.verb, {})
    offered = connection.offers(sent) or {}
    return SMTP_LINE_MAX + sum(more for name, more in increments.items() if name in offered)


def smtp_length(talk: Talk) -> Iterator[Violation]:
    """A command has at most 512 octets, CRLF included, and what the extensions in use add."""
    for connection in talk.connections:
        for sent in _lines(connection):
            limit = _smtp_limit(connection, sent)
            if sent.verb != "AUTH" and len(sent.octets) > limit:
                yield Violation(sent, f"the line has {len(sent.octets)} octets", f"at most {limit}")


def auth_length(talk: Talk) -> Iterator[Violation]:
    """AUTH with its initial response has at most 512 octets, a response at most 12288."""
    for connection in talk.connections:
        for sent in _lines(connection):
            limit = _smtp_limit(connection, sent)
            if sent.verb == "AUTH" and len(sent.octets) > limit:
                yield Violation(sent, f"the line has {len(sent.octets)} octets", f"at most {limit}")


def bare_verb(talk: Talk) -> Iterator[Violation]:
    """RSET, DATA, QUIT and STARTTLS have no parameters."""
    for connection in talk.connections:
        for sent in connection.commands():
            if sent.verb in ("RSET", "DATA", "QUIT", "STARTTLS") and sent.argument:
                yield Violation(sent, f"{sent.verb} has a parameter", sent.verb)


MONITORS = (
    Monitor(
        "line.ends-in-crlf",
        "A command or response is one line that ends in CRLF",
        BOTH,
        ("RFC1939-3-CMD-01", "RFC5321-2.3.8-LINES-01"),
        ends_in_crlf,
    ),
    Monitor(
        "line.no-cr-lf-nul",
        "A command or response has no bare CR, no bare LF and no NUL",
        BOTH,
        ("RFC1939-3-CMD-02", "RFC5321-2.3.8-LINES-01"),
        one_line,
    ),
    Monitor(
        "line.smtp-ascii",
        "Without SMTPUTF8 a command is ASCII",
        SMTP,
        ("RFC5321-2.4-7BIT-02",),
        ascii_only,
    ),
    Monitor(
        "line.pop3-single-blanks",
        "Words of a command are one blank apart",
        POP3,
        ("RFC1939-3-CMD-03",),
        one_blank,
    ),
    Monitor(
        "line.smtp-single-blanks",
        "Words of a command are one blank apart",
        SMTP,
        ("RFC5321-4.1.1-CMD-01",),
        smtp_blanks,
    ),
    Monitor(
        "line.pop3-arguments",
        "A command has the arguments that its RFC gives it",
        POP3,
        ("RFC1939-5-ARGS-01",),
        arguments,
    ),
    Monitor(
        "line.pop3-message-number",
        "A message number is a decimal number from 1",
        POP3,
        ("RFC1939-4-NUM-01",),
        message_number,
    ),
    Monitor(
        "line.pop3-top-arguments",
        "TOP has a message number and a line count",
        POP3,
        ("RFC1939-7-TOP-01",),
        top_arguments,
    ),
    Monitor(
        "line.pop3-length",
        "A command has at most 255 octets",
        POP3,
        ("RFC2449-4-LEN-01",),
        pop3_length,
    ),
    Monitor(
        "line.smtp-length",
        "A command has at most 512 octets, and what extensions add",
        SMTP,
        ("RFC5321-4.5.3.1.4-LIMIT-01",),
        smtp_length,
    ),
    Monitor(
        "line.smtp-auth-length",
        "AUTH has at most 512 octets, a response at most 12288",
        SMTP,
        ("RFC4954-4-IR-03", "RFC4954-4-CHAL-04"),
        auth_length,
    ),
    Monitor(
        "line.smtp-bare-verb",
        "RSET, DATA, QUIT and STARTTLS have no parameters",
        SMTP,
        ("RFC5321-4.1.1-PARAM-01",),
        bare_verb,
    ),
)
