"""What a reply means in a state: the event of the model, or a bad reply.

Some replies are neither clearly right nor clearly wrong: an overlong line, a blank too many, a
digit outside the ABNF, a number larger than a client can hold, a reply about another message
than the requested one. The RFC leaves the choice to the reader. They are `doubtful`: the observer
sees from the outcome of the call which choice the client made.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import dropwhile

from conformance.model.framer import FrameKind

BAD = "BAD_REPLY"
_LINE_MAX = 512
_REPLY_MAX = 8192
_LINES_MAX = 64
_LISTING_MAX = 65536
_DIGITS = rb"\d{1,18}"
_MESSAGES_MAX = 2**31 - 1
"""RFC 1939 does not limit message numbers; a client may have a limit of its own above this one."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The event that a reply is, and whether a client may treat it as malformed instead."""

    event: str
    doubtful: bool = False


def _pattern(text: bytes) -> re.Pattern[bytes]:
    return re.compile(text, re.DOTALL)


_NUMBER_PAIR = (
    _pattern(rb"([1-9]\d{0,17}) " + _DIGITS + rb"(?: .*)?"),
    _pattern(rb"\s*\d+\s+\d+.*"),
)
_NUMBER_AND_UID = (
    _pattern(rb"([1-9]\d{0,17}) [\x21-\x7e]{1,70}"),
    _pattern(rb"\s*\d+.*"),
)
_STAT = (
    _pattern(rb"\+OK (" + _DIGITS + rb") " + _DIGITS + rb"(?: .*)?"),
    _pattern(rb"\+OK\s+\d+\s+\d+.*"),
)
_STATUS = (
    _pattern(rb"(?:\+OK|-ERR)(?: .*)?"),
    _pattern(rb"(?i:\+OK|-ERR).*"),
)
_CAPABILITY = (_pattern(rb"[\x21-\x7e][\x20-\x7e]*"), _pattern(rb".*"))
_LANGUAGE = (_pattern(rb"[A-Za-z0-9]{1,8}(?:-[A-Za-z0-9]{1,8})* .+"), _pattern(rb".*"))
_CHALLENGE = (_pattern(rb"\+ .*"), _pattern(rb"\+(?: .*)?"))
_CODE = (_pattern(rb"[2-5][0-5]\d(?:[ -].*)?"), _pattern(rb"[2-5]\d\d.*"))

_VALUES = {"WAIT_STAT": _STAT}
_ONE_LINE_ITEM = {"WAIT_LIST_ONE": _NUMBER_PAIR, "WAIT_UIDL_ONE": _NUMBER_AND_UID}
_LISTING = {
    "IN_LIST": _NUMBER_PAIR,
    "IN_UIDL": _NUMBER_AND_UID,
    "IN_CAPA": _CAPABILITY,
    "IN_CAPA_AGAIN": _CAPABILITY,
    "IN_LANG": _LANGUAGE,
    "IN_LANG_AGAIN": _LANGUAGE,
}
_NUMBERED = frozenset({"IN_LIST", "IN_UIDL"})


def _judge(text: bytes, patterns: tuple[re.Pattern[bytes], re.Pattern[bytes]]) -> bool | None:
    """True if it fits, None if it fits only the loose pattern, False if it does not fit.

    A group of the clean pattern is a message number or the count of messages.
    """
    clean, loose = patterns
    fits = clean.fullmatch(text)
    if fits and not _odd(text) and all(int(n) <= _MESSAGES_MAX for n in fits.groups()):
        return True
    return None if loose.fullmatch(text) else False


def _odd(text: bytes) -> bool:
    """Whether a line has octets that no reply line can have, or more octets than a reply line."""
    return len(text) > _LINE_MAX - 2 or any(octet in text for octet in (b"\r", b"\n", b"\0"))


def _together(event: str, verdicts: Sequence[bool | None]) -> Reading:
    if False in verdicts:
        return Reading(BAD)
    return Reading(event, doubtful=None in verdicts)


def read(
    protocol: str, state: str, kind: FrameKind, octets: bytes, question: bytes = b""
) -> Reading:
    """What the whole reply or body `octets` means to a client that waits in `state`.

    question  the argument of the command that it answers
    """
    if kind is FrameKind.BODY:
        return _read_body(state, octets)
    every = octets.removesuffix(b"\r\n").split(b"\r\n")
    lines = list(dropwhile(lambda line: not line, every)) or every
    is_smtp = protocol == "smtp"
    reading = _read_smtp(state, lines) if is_smtp else _read_pop3(state, lines[0], question)
    is_doubtful = reading.doubtful or (reading.event != BAD and len(lines) < len(every))
    return Reading(reading.event, is_doubtful)


def _read_body(state: str, octets: bytes) -> Reading:
    if state not in _LISTING:
        return Reading("TERMINATOR")
    lines = listing_lines(octets)
    verdicts = [_judge(line, _LISTING[state]) for line in lines]
    if len(octets) > _LISTING_MAX or _names_one_twice(state, lines):
        verdicts.append(None)
    return _together("TERMINATOR", verdicts)


def listing_lines(octets: bytes) -> list[bytes]:
    """The whole lines of a body, unstuffed, without the terminator."""
    lines = octets.split(b"\r\n")[:-1]
    if lines and lines[-1] == b".":
        lines.pop()
    return [line[1:] if line.startswith(b".") else line for line in lines]


def _names_one_twice(state: str, lines: Sequence[bytes]) -> bool:
    """Whether LIST or UIDL has two lines for one message (RFC 1939 sections 5 and 7: one each)."""
    numbers = [_number(line) for line in lines] if state in _NUMBERED else []
    return len(set(numbers)) < len(numbers)


def _number(text: bytes) -> bytes:
    """The message number at the start of a line, without zeros before it."""
    return b"".join(text.split()[:1]).lstrip(b"0")


def _read_pop3(state: str, text: bytes, question: bytes) -> Reading:
    if state == "WAIT_AUTH" and _CHALLENGE[1].fullmatch(text):
        return _together("REPLY_CONTINUE", [_judge(text, _CHALLENGE)])
    verdict = _judge(text, _STATUS)
    if verdict is False:
        return Reading(BAD)
    positive = text[:1] == b"+"
    if state == "WAIT_GREETING":
        return _together("GREETING_OK" if positive else "GREETING_REFUSED", [verdict])
    verdicts: list[bool | None] = [verdict]
    if positive and state in _VALUES:
        verdicts.append(_judge(text, _VALUES[state]))
    if positive and state in _ONE_LINE_ITEM:
        verdicts.append(_judge(text[4:], _ONE_LINE_ITEM[state]))
        verdicts.append(_number(text[4:]) == _number(question) or None)
    return _together("REPLY_OK" if positive else "REPLY_ERR", verdicts)


_PROPER = {
    ("WAIT_AUTH", b"2"): b"235",
    ("WAIT_AUTH", b"3"): b"334",
    ("WAIT_DATA", b"3"): b"354",
    ("WAIT_LOST_DATA", b"3"): b"354",
    ("WAIT_EMPTY_DATA", b"3"): b"354",
    ("WAIT_STARTTLS", b"2"): b"220",
}
"""Where only one code is right; clients differ in how they treat others of its class."""


def _read_smtp(state: str, lines: list[bytes]) -> Reading:
    verdicts = [_judge(line, _CODE) for line in lines]
    code = lines[-1][:3]
    is_long = len(lines) > _LINES_MAX or sum(map(len, lines)) > _REPLY_MAX
    if is_long or any(line[:3] != code for line in lines):
        verdicts.append(None)
    if code == b"421":
        return _together("REPLY_421", verdicts)
    if code != _PROPER.get((state, code[:1]), code):
        verdicts.append(None)
    if state == "WAIT_GREETING":
        return _together(_GREETINGS.get(code[:1], BAD), verdicts)
    return _together(f"REPLY_{code[:1].decode('ascii', 'replace')}YZ", verdicts)


_GREETINGS = {b"2": "GREETING_OK", b"4": "GREETING_REFUSED", b"5": "GREETING_REFUSED"}


def is_421(octets: bytes) -> bool:
    """Whether unsolicited octets are the 421 with which an SMTP server closes."""
    return octets.endswith(b"\r\n") and octets.startswith(b"421")


def may_be_bad(protocol: str, state: str, octets: bytes) -> bool:
    """Whether a client may give up on this start of a reply before the rest has come."""
    if state.startswith("IN_"):
        return _body_may_be_bad(state, octets)
    if len(octets) > (_LINE_MAX if protocol == "pop3" else _REPLY_MAX):
        return True
    if octets.count(b"\r\n") > _LINES_MAX:
        return True
    *whole, part = octets.split(b"\r\n")
    if _odd(part.removesuffix(b"\r")) or any(not line or _odd(line) for line in whole):
        return True
    if protocol == "pop3":
        starts = (b"+OK".startswith(part[:3]), b"-ERR".startswith(part[:4]))
        return not any(starts) and not (state == "WAIT_AUTH" and part[:2] in (b"+", b"+ ", b"+\r"))
    return not re.fullmatch(rb"(?:[2-5](?:\d(?:\d(?:[ -].*)?)?)?)?\r?", part, re.DOTALL)


def _body_may_be_bad(state: str, octets: bytes) -> bool:
    if state not in _LISTING:
        return False
    part = octets.rpartition(b"\r\n")[2]
    if len(octets) > _LISTING_MAX or _odd(part.removesuffix(b"\r")):
        return True
    lines = listing_lines(octets)
    return _names_one_twice(state, lines) or any(
        _judge(line, _LISTING[state]) is not True for line in lines
    )
