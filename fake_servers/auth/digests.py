"""What a client must send to prove that it knows a secret, computed on the server's side.

Only hashlib and hmac are used, and a test compares each formula with the literal example of
its RFC. All arguments and results are octets. Nothing here is base64: that belongs to the
protocol that carries a response, not to the mechanism.
"""

from __future__ import annotations

import hashlib
import hmac


def apop(timestamp: bytes, secret: bytes) -> bytes:
    """The digest of APOP (RFC 1939 section 7): 32 lower-case hexadecimal digits.

    `timestamp` is that of the greeting, angle brackets included.
    """
    return hashlib.md5(timestamp + secret, usedforsecurity=False).hexdigest().encode("ascii")


def cram_md5(user: bytes, secret: bytes, challenge: bytes) -> bytes:
    """The response of CRAM-MD5 (RFC 2195 section 2): the user, a blank, 32 lower-case digits.

    `challenge` is the decoded one, angle brackets included.
    """
    return user + b" " + hmac.new(secret, challenge, "md5").hexdigest().encode("ascii")


def plain(authzid: bytes, user: bytes, secret: bytes) -> bytes:
    """The message of PLAIN (RFC 4616 section 2): three parts separated by NUL."""
    return authzid + b"\0" + user + b"\0" + secret


def oauthbearer(user: bytes, host: bytes, port: bytes, token: bytes) -> bytes:
    """The message of OAUTHBEARER (RFC 7628 section 3.1) with all its keys."""
    return b"n,a=%s,\x01host=%s\x01port=%s\x01auth=Bearer %s\x01\x01" % (user, host, port, token)


def xoauth2(user: bytes, token: bytes) -> bytes:
    """The message of XOAUTH2 as vendors define it; there is no RFC for it."""
    return b"user=%s\x01auth=Bearer %s\x01\x01" % (user, token)
