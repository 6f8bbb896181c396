"""Rules of the form of a command line."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.model.framer import Frame, FrameKind
from conformance.monitors.monitor import BOTH, POP3, SMTP, Monitor, Offence
from conformance.monitors.talk import Session, Talk

POP3_LINE_MAX = 255
SMTP_LINE_MAX = 512
AUTH_LINE_MAX = 12288
_MAIL_INCREMENTS = {"SIZE": 26, "8BITMIME": 17, "AUTH": 500, "SMTPUTF8": 10, "DSN": 110}
_RCPT_INCREMENTS = {"DSN": 528}
_CONTENT = frozenset({FrameKind.DATA, FrameKind.CHUNK})


def _lines(session: Session) -> Iterator[Frame]:
    """Commands and responses, also those that never ended."""
    for sent in [*session.sent(), *session.cut]:
        if sent.kind not in _CONTENT:
            yield sent


def _without_ends(octets: bytes) -> bytes:
    """Lines that were cut off, without their ends and without a last one that is none."""
    return octets.replace(b"\r\n", b"").rstrip(b"\r\n")


def ends_in_crlf(talk: Talk) -> Iterator[Offence]:
    """An end of line other than CRLF leaves the line unfinished, to a server that is strict.

    What was cut off may be whole lines: nobody knows what they are behind a DATA without reply.
    """
    for session in talk.sessions:
        for sent in session.cut:
            end = sent.octets.replace(b"\r\n", b"").rstrip(b" ")[-1:]
            if sent.kind not in _CONTENT and end in (b"\r", b"\n"):
                yield Offence(sent, "the line does not end in CRLF", "CRLF at the end")


def one_line(talk: Talk) -> Iterator[Offence]:
    """A bare CR, a bare LF or a NUL is no part of a command line."""
    for session in talk.sessions:
        for sent in _lines(session):
            text = sent.text if sent.complete else _without_ends(sent.octets)
            for octet, name in ((b"\r", "CR"), (b"\n", "LF"), (b"\0", "NUL")):
                if octet in text:
                    yield Offence(sent, f"a bare {name} stands in the line", "one line")
                    break


def ascii_only(talk: Talk) -> Iterator[Offence]:
    """Without SMTPUTF8 a command is ASCII."""
    for session in talk.sessions:
        for sent in session.commands():
            if not sent.octets.isascii() and "SMTPUTF8" not in (session.offers(sent) or {}):
                yield Offence(sent, "an octet above 127 stands in the command", "ASCII")


def one_blank(talk: Talk) -> Iterator[Offence]:
    """One blank between words, none around them; a password or user name may hold blanks."""
    for session in talk.sessions:
        for sent in session.commands():
            if sent.verb not in ("PASS", "USER") and sent.text != b" ".join(sent.text.split()):
                yield Offence(sent, "a blank too many stands in the command", "single blanks")


def message_number(talk: Talk) -> Iterator[Offence]:
    """A message number is decimal, from 1."""
    shape = re.compile(rb"[1-9]\d*")
    for session in talk.sessions:
        for sent in session.commands():
            words = sent.argument.split()
            if sent.verb in ("RETR", "DELE", "TOP", "LIST", "UIDL") and words:
                if not shape.fullmatch(words[0]):
                    yield Offence(sent, "the message number is none", "a decimal number from 1")


def top_arguments(talk: Talk) -> Iterator[Offence]:
    """TOP has a message number and a line count."""
    for session in talk.sessions:
        for sent in session.commands():
            if sent.verb == "TOP" and not re.fullmatch(rb"\d+ \d+", sent.argument):
                yield Offence(sent, "TOP has not its two numbers", "TOP n lines")


def pop3_length(talk: Talk) -> Iterator[Offence]:
    """255 octets a command, CRLF included; a response in AUTH may be longer."""
    for session in talk.sessions:
        for sent in _lines(session):
            response = sent.kind is FrameKind.RESPONSE
            limit = AUTH_LINE_MAX if response else POP3_LINE_MAX
            if len(sent.octets) > limit:
                yield Offence(sent, f"the line has {len(sent.octets)} octets", f"at most {limit}")


def _smtp_limit(session: Session, sent: Frame) -> int:
    if sent.kind is FrameKind.RESPONSE:
        return AUTH_LINE_MAX
    increments = {"MAIL": _MAIL_INCREMENTS, "RCPT": _RCPT_INCREMENTS}.get(sent.verb, {})
    offered = session.offers(sent) or {}
    return SMTP_LINE_MAX + sum(more for name, more in increments.items() if name in offered)


def smtp_length(talk: Talk) -> Iterator[Offence]:
    """512 octets a command, CRLF included, and what the extensions in use add."""
    for session in talk.sessions:
        for sent in _lines(session):
            limit = _smtp_limit(session, sent)
            if sent.verb != "AUTH" and len(sent.octets) > limit:
                yield Offence(sent, f"the line has {len(sent.octets)} octets", f"at most {limit}")


def auth_length(talk: Talk) -> Iterator[Offence]:
    """AUTH with its initial response keeps the limit of commands, a response its own."""
    for session in talk.sessions:
        for sent in _lines(session):
            limit = _smtp_limit(session, sent)
            if sent.verb == "AUTH" and len(sent.octets) > limit:
                yield Offence(sent, f"the line has {len(sent.octets)} octets", f"at most {limit}")


def bare_verb(talk: Talk) -> Iterator[Offence]:
    """RSET, DATA, QUIT and STARTTLS have no parameters."""
    for session in talk.sessions:
        for sent in session.commands():
            if sent.verb in ("RSET", "DATA", "QUIT", "STARTTLS") and sent.argument:
                yield Offence(sent, f"{sent.verb} has a parameter", sent.verb)


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
        "No bare CR, bare LF or NUL stands in a command or response",
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
        "line.pop3-message-number",
        "A message number is decimal, from 1",
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
        "A command has at most 512 octets and what extensions add",
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
