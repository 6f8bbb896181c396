"""The functions of templates: how each is written and what it computes.

The digests and SASL messages themselves are computed by fake_servers.auth.digests.
"""

from __future__ import annotations

import base64
import binascii
import random
import string
from collections.abc import Callable
from dataclasses import dataclass

from fake_servers.auth import digests, scram
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
        Signature("oauthbearer", ("USER", "HOST", "PORT", "TOKEN")),
        Signature("plain", ("AUTHZID", "USER", "SECRET")),
        Signature("random", ("NAME", "N"), draws=True),
        Signature("repeat", ("X", "N")),
        Signature("scram_challenge", ("FIRST", "NONCE", "SALT", "COUNT")),
        Signature("scram_final", ("HASH", "SECRET", "FIRST", "CHALLENGE")),
        Signature("scram_verify", ("HASH", "SECRET", "FIRST", "CHALLENGE")),
        Signature("timestamp", ("NAME",), draws=True),
        Signature("xoauth2", ("USER", "TOKEN")),
        Signature("xtext", ("X",)),
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


def oauthbearer(user: bytes, host: bytes, port: bytes, token: bytes) -> bytes:
    """The message of RFC 7628 section 3.1 in base64, its keys in the order of the RFC."""
    return base64.b64encode(digests.oauthbearer(user, host, port, token))


def plain(authzid: bytes, user: bytes, secret: bytes) -> bytes:
    """The PLAIN message (RFC 4616 section 2) in base64."""
    return base64.b64encode(digests.plain(authzid, user, secret))


def repeat(octets: bytes, count: bytes) -> bytes:
    """`octets`, `count` times."""
    times = _number(count)
    if times * len(octets) > SIZE_LIMIT:
        raise TemplateError(f"repeat gives at most {SIZE_LIMIT} octets")
    return octets * times


def scram_challenge(first: bytes, nonce: bytes, salt: bytes, count: bytes) -> bytes:
    """The server's first message (RFC 5802) in base64 to FIRST, the client's in base64.

    NONCE is the server's part of the nonce; SALT is not in base64.
    """
    return base64.b64encode(_scram(scram.server_first, _unb64(first), nonce, salt, _number(count)))


def scram_final(hash_name: bytes, secret: bytes, first: bytes, challenge: bytes) -> bytes:
    """The client's final message (RFC 5802) in base64; HASH is sha-1 or sha-256."""
    exchange = _exchange(hash_name, first, challenge)
    proof = _scram(exchange.proof, secret)
    return base64.b64encode(_scram(exchange.without_proof) + b",p=" + proof)


def scram_verify(hash_name: bytes, secret: bytes, first: bytes, challenge: bytes) -> bytes:
    """The server's final message with its signature (RFC 5802) in base64."""
    exchange = _exchange(hash_name, first, challenge)
    return base64.b64encode(b"v=" + _scram(exchange.signature, secret))


def xoauth2(user: bytes, token: bytes) -> bytes:
    """The message of XOAUTH2 in base64."""
    return base64.b64encode(digests.xoauth2(user, token))


def xtext(octets: bytes) -> bytes:
    """`octets` with + and what is not printable ASCII as +XX (RFC 3461 section 4)."""
    return b"".join(
        bytes([octet]) if 0x21 <= octet <= 0x7E and octet not in b"+=" else b"+%02X" % octet
        for octet in octets
    )


COMPUTED: dict[str, Callable[..., bytes]] = {
    "apop": apop,
    "b64": b64,
    "cram": cram,
    "hex": hexadecimal,
    "oauthbearer": oauthbearer,
    "plain": plain,
    "repeat": repeat,
    "scram_challenge": scram_challenge,
    "scram_final": scram_final,
    "scram_verify": scram_verify,
    "xoauth2": xoauth2,
    "xtext": xtext,
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


def _exchange(hash_name: bytes, first: bytes, challenge: bytes) -> scram.ScramExchange:
    mechanism = b"SCRAM-" + hash_name.upper()
    if mechanism not in scram.HASHES:
        raise TemplateError(f"the hash is sha-1 or sha-256, not {hash_name!r}")
    return scram.ScramExchange(scram.HASHES[mechanism], _unb64(first), _unb64(challenge))


def _scram(compute: Callable[..., bytes], *args: bytes | int) -> bytes:
    try:
        return compute(*args)
    except scram.BadMessage as error:
        raise TemplateError(str(error)) from None


def _unb64(octets: bytes) -> bytes:
    try:
        return base64.b64decode(octets, validate=True)
    except binascii.Error:
        raise TemplateError(f"{octets!r} is not base64") from None


def _number(octets: bytes) -> int:
    if not octets.isdigit():
        raise TemplateError(f"{octets!r} is not a number")
    return int(octets)
