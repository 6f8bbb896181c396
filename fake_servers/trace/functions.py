"""The functions of templates: how each is written and what it computes.

The digests and SASL messages themselves are computed by fake_servers.digests.
"""

from __future__ import annotations

import base64
import random
import string
from collections.abc import Callable
from dataclasses import dataclass

from fake_servers import digests
from fake_servers.trace.error import TemplateError

SIZE_LIMIT = 64 * 1024 * 1024
"""Most octets that one function may give."""

_ALPHABET = (string.ascii_letters + string.digits).encode()


@dataclass(frozen=True, slots=True)
class Signature:
    """How a function is written.

    arguments  what stands for each argument in messages and in traces/README.md
    draws      True where the first argument is the name that a drawn value is bound to
    """

    name: str
    arguments: tuple[str, ...]
    draws: bool = False

    @property
    def usage(self) -> str:
        """For messages: `${apop TIMESTAMP SECRET}`."""
        return "${" + " ".join((self.name, *self.arguments)) + "}"


SIGNATURES: dict[str, Signature] = {
    signature.name: signature
    for signature in (
        Signature("apop", ("TIMESTAMP", "SECRET")),
        Signature("b64", ("X",)),
        Signature("cram", ("USER", "SECRET", "CHALLENGE")),
        Signature("hex", ("X",)),
        Signature("plain", ("AUTHZID", "USER", "SECRET")),
        Signature("random", ("NAME", "N"), draws=True),
        Signature("repeat", ("X", "N")),
        Signature("timestamp", ("NAME",), draws=True),
    )
}


def apop(timestamp: bytes, secret: bytes) -> bytes:
    """The digest of RFC 1939 section 7: 32 lower-case hexadecimal digits."""
    return digests.apop(timestamp, secret)


def b64(octets: bytes) -> bytes:
    """Base64 with padding and without line breaks (RFC 4648 section 4)."""
    return base64.b64encode(octets)


def cram(user: bytes, secret: bytes, challenge: bytes) -> bytes:
    """The CRAM-MD5 response (RFC 2195 section 2) in base64; `challenge` is not in base64."""
    return base64.b64encode(digests.cram_md5(user, secret, challenge))


def hexadecimal(octets: bytes) -> bytes:
    """Two lower-case hexadecimal digits for each octet."""
    return octets.hex().encode()


def plain(authzid: bytes, user: bytes, secret: bytes) -> bytes:
    """The PLAIN message (RFC 4616 section 2) in base64."""
    return base64.b64encode(digests.plain(authzid, user, secret))


def repeat(octets: bytes, count: bytes) -> bytes:
    """`octets`, `count` times."""
    times = _number(count)
    if times * len(octets) > SIZE_LIMIT:
        raise TemplateError(f"repeat gives at most {SIZE_LIMIT} octets")
    return octets * times


COMPUTED: dict[str, Callable[..., bytes]] = {
    "apop": apop,
    "b64": b64,
    "cram": cram,
    "hex": hexadecimal,
    "plain": plain,
    "repeat": repeat,
}
"""The functions that depend on their arguments only."""


def draw_random(rng: random.Random, count: bytes) -> bytes:
    """`count` ASCII letters and digits."""
    length = _number(count)
    if length > SIZE_LIMIT:
        raise TemplateError(f"random gives at most {SIZE_LIMIT} octets")
    return bytes(rng.choices(_ALPHABET, k=length))


def draw_timestamp(rng: random.Random) -> bytes:
    """A timestamp as RFC 1939 section 7 shows it: `<process-ID.clock@hostname>`."""
    process, clock = rng.randrange(1, 1 << 22), rng.randrange(1 << 30, 1 << 31)
    return f"<{process}.{clock}@pop.example.net>".encode()


def _number(octets: bytes) -> int:
    if not octets.isdigit():
        raise TemplateError(f"{octets!r} is not a number")
    return int(octets)
