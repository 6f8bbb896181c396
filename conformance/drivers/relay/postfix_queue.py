"""A message as a file of Postfix's queue.

The file holds records: a letter for the type, a length in groups of seven bits, the data. Of the
records that cleanup(8) writes, the SMTP client reads those of the text and marks those of the
recipients (postfix/src/global/rec_type.h, record(3)).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from conformance.drivers.relay.lines import Mail, Unsupported

QUEUE_ID = "1F0AC0DE"
PATH = Path("active") / QUEUE_ID
LINE_LIMIT = 2048
"""line_length_limit: cleanup(8) writes a longer line as several records."""
_SUBMITTED = rb'(?:(?:"(?:[^"\\\r\n\0]|\\[^\r\n\0])*"|[^"<>,;:\\\r\n\0 ][^"<>,;:\\\r\n\0]*)(?:@[^<>,\r\n\0@]*)?)?'
"""An address that stays the same when it is submitted."""


@dataclass(frozen=True, slots=True)
class Queued:
    """Where the text begins in the file, how long it is, and the places of the recipients."""

    offset: int
    size: int
    recipients: tuple[int, ...]


def write(mail: Mail) -> Queued:
    """Write the file; raises Unsupported for what it cannot hold.

    A line of the text that does not end yet is ended, as cleanup(8) ends it.
    """
    if re.search(rb"\r(?!\n)|(?<!\r)\n", mail.message) or b"\0" in mail.message:
        raise Unsupported("a bare CR, a bare LF or a NUL")
    if not all(re.fullmatch(_SUBMITTED, address) for address in (mail.sender, *mail.to)):
        raise Unsupported("what sendmail(1) reads as another address, or as several")
    lines = mail.message.split(b"\r\n")
    if not lines[-1]:
        lines.pop()
    octets = _record(b"S", internal(mail.sender))
    places = []
    for recipient in mail.to:
        places.append(len(octets))
        octets += _record(b"R", internal(recipient))
    octets += _record(b"M", b"")
    begin = len(octets)
    octets += b"".join(map(_line, lines)) + _record(b"X", b"") + _record(b"E", b"")
    PATH.unlink(missing_ok=True)
    PATH.write_bytes(octets)
    PATH.chmod(0o700)
    return Queued(begin, sum(len(line) + 2 for line in lines), tuple(places))


def is_done(place: int) -> bool:
    """Whether the recipient there was delivered or bounced, and is not to be tried again."""
    return PATH.read_bytes()[place : place + 1] == b"D"


def internal(address: bytes) -> bytes:
    """An address as the queue holds it, without the quotes around what is before the @."""
    quoted = re.fullmatch(rb'"((?:[^"\\]|\\.)*)"(@[^@]*)', address)
    return re.sub(rb"\\(.)", rb"\1", quoted[1]) + quoted[2] if quoted else address


def _line(line: bytes) -> bytes:
    pieces = [line[at : at + LINE_LIMIT] for at in range(0, len(line), LINE_LIMIT)] or [b""]
    parts = [_record(b"L", piece) for piece in pieces[:-1]]
    return b"".join(parts) + _record(b"N", pieces[-1])


def _record(kind: bytes, data: bytes) -> bytes:
    length, octets = len(data), bytearray(kind)
    while length > 0x7F:
        octets.append(length & 0x7F | 0x80)
        length >>= 7
    octets.append(length)
    return bytes(octets) + data
