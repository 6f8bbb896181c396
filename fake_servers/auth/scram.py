"""The messages of SCRAM (RFC 5802, RFC 7677), computed on the server's side.

Only hashlib and hmac are used, and tests compare the formulas with the examples of both RFCs.
Messages are octets as the mechanism defines them, not in base64.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass

HASHES = {b"SCRAM-SHA-1": "sha1", b"SCRAM-SHA-256": "sha256"}
"""hashlib's name for the hash of each mechanism."""

MOST_ITERATIONS = 1_000_000
"""The highest iteration count that is computed here."""


class BadMessage(Exception):
    """A message that breaks the grammar of RFC 5802 section 7."""


@dataclass(frozen=True, slots=True)
class ScramExchange:
    """What both sides know once the server has answered the client's first message.

    hash_name     hashlib's name for the hash
    client_first  the client's first message, its GS2 header included
    server_first  the server's answer
    """

    hash_name: str
    client_first: bytes
    server_first: bytes

    @property
    def binding(self) -> bytes:
        """The value of `c`: the GS2 header in base64, without channel binding."""
        return base64.b64encode(gs2_header(self.client_first))

    def without_proof(self) -> bytes:
        """The client's final message without its proof."""
        nonce = attributes(self.server_first).get(b"r")
        if nonce is None:
            raise BadMessage("the server's first message has no nonce")
        return b"c=" + self.binding + b",r=" + nonce

    def proof(self, secret: bytes) -> bytes:
        """ClientProof of RFC 5802 section 3, in base64."""
        client_key = self._hmac(self._salted(secret), b"Client Key")
        stored_key = hashlib.new(self.hash_name, client_key).digest()
        signature = self._hmac(stored_key, self._auth_message())
        return base64.b64encode(bytes(a ^ b for a, b in zip(client_key, signature, strict=True)))

    def signature(self, secret: bytes) -> bytes:
        """ServerSignature of RFC 5802 section 3, in base64."""
        server_key = self._hmac(self._salted(secret), b"Server Key")
        return base64.b64encode(self._hmac(server_key, self._auth_message()))

    def _salted(self, secret: bytes) -> bytes:
        values = attributes(self.server_first)
        try:
            salt, count = base64.b64decode(values[b"s"], validate=True), int(values[b"i"])
        except (KeyError, ValueError, binascii.Error):
            raise BadMessage("the server's first message has no salt or iteration count") from None
        if not 0 < count <= MOST_ITERATIONS:
            raise BadMessage(f"the iteration count is not from 1 to {MOST_ITERATIONS}")
        return hashlib.pbkdf2_hmac(self.hash_name, secret, salt, count)

    def _auth_message(self) -> bytes:
        bare = self.client_first[len(gs2_header(self.client_first)) :]
        return b",".join((bare, self.server_first, self.without_proof()))

    def _hmac(self, key: bytes, octets: bytes) -> bytes:
        return hmac.new(key, octets, self.hash_name).digest()


def attributes(message: bytes) -> dict[bytes, bytes]:
    """The values of `x=value,y=value`, by letter; raises BadMessage."""
    found: dict[bytes, bytes] = {}
    for part in message.split(b","):
        if part[1:2] != b"=" or part[:1] in found or not part[:1].isalpha():
            raise BadMessage("a message must have the form x=value,y=value")
        found[part[:1]] = part[2:]
    return found


def gs2_header(client_first: bytes) -> bytes:
    """The channel binding flag and the authzid, with both commas; raises BadMessage."""
    parts = client_first.split(b",", 2)
    if len(parts) < 3:
        raise BadMessage("the GS2 header must have two commas")
    return parts[0] + b"," + parts[1] + b","


def server_first(client_first: bytes, nonce: bytes, salt: bytes, count: int) -> bytes:
    """The server's answer to the client's first message; `nonce` is the server's part."""
    bare = client_first[len(gs2_header(client_first)) :]
    theirs = attributes(bare).get(b"r")
    if not theirs:
        raise BadMessage("the client's first message has no nonce")
    return b"r=%s%s,s=%s,i=%d" % (theirs, nonce, base64.b64encode(salt), count)


def read_name(escaped: bytes) -> bytes:
    """A user name with its escapes decoded; raises BadMessage (RFC 5802 section 5.1, `n`)."""
    parts = escaped.split(b"=")
    if any(part[:2] not in (b"2C", b"3D") for part in parts[1:]):
        raise BadMessage("in a name, write = as =3D and a comma as =2C")
    return escaped.replace(b"=2C", b",").replace(b"=3D", b"=")
