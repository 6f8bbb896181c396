"""What the `server:` line of a goal case says about its server."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from fake_servers.auth.scram import MOST_ITERATIONS
from fake_servers.trace.timeline import FAULTS

Draw = Callable[[str], bytes]
"""Draws `<pid.clock@host>`, a new one at each call; the argument says what it is for."""

SCRAM_ITERATIONS = 4096
"""The lowest count that a server should announce (RFC 5802 section 5.1, RFC 7677 section 3)."""


@dataclass(frozen=True, slots=True)
class Options:
    """Who may log in, and what the server offers; it offers nothing else.

    users       name and secret; the secret is also the token of OAUTHBEARER and XOAUTH2
    caps        lines of CAPA or of the EHLO reply, without SASL, AUTH, STLS and STARTTLS
    sasl        mechanism names in upper case, in the order in which they are offered
    caps_tls, sasl_tls   the same under TLS; None if they are the same
    apop        whether the POP3 greeting has a timestamp
    tls         `none`, `starttls` (offered) or `implicit` (from the start)
    cert        `good`, or the fault of the server's TLS
    clear       whether the server accepts logins and mail without TLS
    login_first whether an SMTP server with users takes mail only after a login
    lmtp        whether an SMTP server speaks LMTP instead
    lists       the mailing lists that EXPN knows, by name, and their members
    iterations  the iteration count of SCRAM
    signature   SCRAM's server signature: `right`, `wrong` or `missing`
    scram       what is odd in SCRAM's first message of the server, or `right`
    """

    users: Mapping[bytes, bytes] = field(default_factory=dict)
    caps: tuple[bytes, ...] = ()
    sasl: tuple[bytes, ...] = ()
    caps_tls: tuple[bytes, ...] | None = None
    sasl_tls: tuple[bytes, ...] | None = None
    apop: bool = True
    tls: str = "none"
    cert: str = "good"
    clear: bool = True
    login_first: bool = True
    lmtp: bool = False
    lists: Mapping[bytes, tuple[bytes, ...]] = field(default_factory=dict)
    iterations: int = SCRAM_ITERATIONS
    signature: str = "right"
    scram: str = "right"

    def offers(self, keyword: bytes) -> bool:
        """Whether a capability of this name, in upper case, is among the lines."""
        return any(line.split(b" ")[0].upper() == keyword for line in self.caps)

    def parameters(self, keyword: bytes) -> list[bytes]:
        """The parameters of an offered capability, from all its lines."""
        lines = (line.split(b" ") for line in self.caps)
        return [word for name, *words in lines if name.upper() == keyword for word in words]

    def number(self, keyword: bytes) -> int:
        """The first parameter of an offered capability; 0 if it is not a number."""
        first = (self.parameters(keyword) or [b""])[0]
        return int(first) if first.isdigit() else 0

    def secured(self) -> Options:
        """The options that hold under TLS."""
        return replace(
            self,
            caps=self.caps if self.caps_tls is None else self.caps_tls,
            sasl=self.sasl if self.sasl_tls is None else self.sasl_tls,
        )

    @property
    def asks_client(self) -> bool:
        """Whether the server asks for a client's certificate: only EXTERNAL uses one."""
        return b"EXTERNAL" in self.secured().sasl


class BadOptions(Exception):
    """The `server:` line is wrong; the text says why, `key` says where."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(f"server: {message}")
        self.key = key


_DEFAULT_CAPS = {"pop3": (b"TOP", b"UIDL", b"USER"), "smtp": ()}
_COMMON = frozenset(
    "users caps sasl caps_tls sasl_tls tls cert clear iterations signature scram".split()
)
_KEYS = {"pop3": _COMMON | {"apop"}, "smtp": _COMMON | {"lmtp", "lists"}}
_CHOICES = {
    "tls": ("none", "starttls", "implicit"),
    "cert": ("good", *FAULTS),
    "signature": ("right", "wrong", "missing"),
    "scram": ("right", "extension", "demand", "foreign-nonce", "empty-salt"),
}


def read_options(protocol: str, values: Mapping[str, Any]) -> Options:
    """Read the keys of `server:`; raises BadOptions.

    A POP3 server without `caps` offers TOP, UIDL and USER.
    """
    unknown = sorted(set(values) - _KEYS[protocol])
    if unknown:
        known = ", ".join(sorted(_KEYS[protocol]))
        message = f"unknown key {unknown[0]!r} for {protocol}; known keys are {known}"
        raise BadOptions(unknown[0], message)
    read: dict[str, Any] = {
        "caps": _DEFAULT_CAPS[protocol],
        **{key: _READERS[key](key, value) for key, value in values.items()},
    }
    options = Options(**read)
    if options.cert != "good" and options.tls == "none":
        raise BadOptions("cert", "cert needs tls=starttls or tls=implicit")
    return options


def _items(key: str, value: object) -> list[object]:
    if not isinstance(value, list):
        raise BadOptions(key, f"{key} must be a list, such as {key}=[a, b]")
    return value


def _list(key: str, value: object) -> tuple[bytes, ...]:
    return tuple(_octets(item) for item in _items(key, value))


def _mechanisms(key: str, value: object) -> tuple[bytes, ...]:
    return tuple(name.upper() for name in _list(key, value))


def _users(key: str, value: object) -> dict[bytes, bytes]:
    return dict(_pair(user) for user in _items(key, value))


def _pair(value: object) -> tuple[bytes, bytes]:
    if not isinstance(value, list) or len(value) != 2:
        raise BadOptions("users", "each item of users must be [name, secret]")
    return _octets(value[0]), _octets(value[1])


def _mailing_lists(key: str, value: object) -> dict[bytes, tuple[bytes, ...]]:
    rows = [_list(key, row) for row in _items(key, value)]
    if not all(len(row) > 1 for row in rows):
        raise BadOptions(key, "each item of lists must be [name, member, ...]")
    return {row[0].lower(): row[1:] for row in rows}


def _octets(value: object) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, (str, int)):
        return str(value).encode("utf-8")
    raise BadOptions("", "a list contains a list; write a word instead")


def _yes_or_no(key: str, value: object) -> bool:
    if value in (True, "yes"):
        return True
    if value in (False, "no"):
        return False
    raise BadOptions(key, f"{key} must be yes or no")


def _choice(key: str, value: object) -> str:
    if value not in _CHOICES[key]:
        raise BadOptions(key, f"{key} must be one of {', '.join(_CHOICES[key])}")
    return str(value)


def _count(key: str, value: object) -> int:
    if not isinstance(value, int) or not 0 < value <= MOST_ITERATIONS:
        raise BadOptions(key, f"{key} must be a number from 1 to {MOST_ITERATIONS}")
    return value


_READERS: dict[str, Callable[[str, object], object]] = {
    "users": _users,
    "caps": _list,
    "sasl": _mechanisms,
    "caps_tls": _list,
    "sasl_tls": _mechanisms,
    "apop": _yes_or_no,
    "tls": _choice,
    "cert": _choice,
    "clear": _yes_or_no,
    "lmtp": _yes_or_no,
    "lists": _mailing_lists,
    "iterations": _count,
    "signature": _choice,
    "scram": _choice,
}
