"""Messages that are hard to carry, and what servers add to them on their way."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

MIB = 1 << 20
ADDED = (b"return-path", b"delivered-to", b"received")
"""Fields that Postfix and Dovecot put before a message (RFC 5321 section 4.4, trace fields); no
message here begins with one.
"""
_FIELD = re.compile(rb"([!-9;-~]+):[^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*")

BODIES = (
    b"",
    b"\r\n",
    b".\r\n",
    b"..\r\n...\r\n.x\r\n. \r\n",
    b".\r\n.\r\n.\r\n",
    b"\r\n.\r\n\r\n.\r\n\r\n",
    b"x" * 998 + b"\r\n",
    (b"." * 998 + b"\r\n") * 3,
    (b"." + b"y" * 997 + b"\r\n" + b"z" * 998 + b"\r\n") * 20,
    b"From here on\r\n>From there\r\n",
    b"blanks at the end \t \r\n \r\n\t\r\n",
    bytes(range(128, 256)) + b"\r\n",
    "Grüße, 世界\r\n".encode("utf-8"),
    b"\x01\x02\x07\x08\x0b\x0c\x1b\x7f\r\n",
    b"no final line ending",
    b".no final line ending",
    b"two\r\n.",
)
"""Without NUL, bare CR and bare LF: RFC 5321 section 4.5.2 and 2.3.8 forbid these."""


def messages(count: int, seed: int, big: int = 10 * MIB) -> Iterator[bytes]:
    """So many messages, each with a field of its number: first BODIES, then one of `big` octets,
    then random ones.
    """
    drawn = random.Random(seed)
    pool = bytes(drawn.choices([n for n in range(1, 256) if n not in b"\r\n"], k=MIB // 4))
    for number in range(count):
        head = b"X-Number: %d\r\n\r\n" % number
        if number < len(BODIES):
            yield head + BODIES[number]
        elif number == len(BODIES):
            yield head + _random_body(drawn, pool, big)
        else:
            yield head + _random_body(drawn, pool, drawn.choice((0, 10, 100, 1000, 4096, 9000)))


def _random_body(drawn: random.Random, pool: bytes, least: int) -> bytes:
    """Lines of 0 to 998 octets, one in four with dots in front, until there are `least` octets."""
    lines = []
    size = 0
    while size < least:
        length = drawn.choice((0, 1, 40, 72, 997, 998))
        start = drawn.randrange(len(pool) - 998)
        dots = b"." * min(length, drawn.choice((0, 0, 0, 1, 2)) if length else 0)
        lines.append(dots + pool[start : start + length - len(dots)])
        size += length + 2
    return b"".join(line + b"\r\n" for line in lines)


def as_sent(message: bytes) -> bytes:
    """What arrives: the final dot needs a line of its own (RFC 5321 section 4.1.1.4)."""
    return message if message.endswith(b"\r\n") or not message else message + b"\r\n"


def without_added(fetched: bytes) -> bytes:
    """A message without the trace fields in front of it."""
    while (field := _FIELD.match(fetched)) and field.group(1).lower() in ADDED:
        fetched = fetched[field.end() :]
    return fetched


def number_of(message: bytes) -> int:
    """The number that messages() gave it."""
    found = re.match(rb"X-Number: (\d+)\r\n", message)
    if found is None:
        raise ValueError(f"the message begins with {message[:60]!r}")
    return int(found.group(1))
