"""What a goal case's `server:` line says of the server that the client meets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Draw = Callable[[str], bytes]
"""Draws `<pid.clock@host>`, another at each call; its argument says what it is for."""


@dataclass(frozen=True, slots=True)
class Options:
    """Who may log in, and what is offered; nothing else is.

    users  name and secret
    caps   lines of CAPA or of the EHLO reply, without SASL or AUTH
    sasl   mechanism names in upper case, in the order in which they are offered
    apop   whether the POP3 greeting has a timestamp
    """

    users: Mapping[bytes, bytes] = field(default_factory=dict)
    caps: tuple[bytes, ...] = ()
    sasl: tuple[bytes, ...] = ()
    apop: bool = True

    def offers(self, keyword: bytes) -> bool:
        """Whether a capability of this name, in upper case, is among the lines."""
        return any(line.split(b" ")[0].upper() == keyword for line in self.caps)

    def parameters(self, keyword: bytes) -> list[bytes]:
        """The parameters of an offered capability, empty where there are none."""
        for line in self.caps:
            name, *parameters = line.split(b" ")
            if name.upper() == keyword:
                return parameters
        return []


class BadOptions(Exception):
    """The `server:` line cannot be understood; the text says why."""


_DEFAULT_CAPS = {"pop3": (b"TOP", b"UIDL", b"USER"), "smtp": ()}
_KEYS = {"pop3": {"users", "caps", "sasl", "apop"}, "smtp": {"users", "caps", "sasl"}}


def read_options(protocol: str, values: Mapping[str, Any]) -> Options:
    """Read the keys of `server:`; raises BadOptions.

    A POP3 server whose `caps` are left out offers TOP, UIDL and USER.
    """
    unknown = sorted(set(values) - _KEYS[protocol])
    if unknown:
        raise BadOptions(f"server: has no key {unknown[0]} for {protocol}")
    caps = _list("caps", values["caps"]) if "caps" in values else _DEFAULT_CAPS[protocol]
    return Options(
        users=dict(_pair(user) for user in _items("users", values.get("users", []))),
        caps=tuple(caps),
        sasl=tuple(name.upper() for name in _list("sasl", values.get("sasl", []))),
        apop=_yes_or_no("apop", values.get("apop", "yes")),
    )


def _items(key: str, value: object) -> list[object]:
    if not isinstance(value, list):
        raise BadOptions(f"server: {key} must be a list, such as {key}=[a, b]")
    return value


def _list(key: str, value: object) -> list[bytes]:
    return [_octets(item) for item in _items(key, value)]


def _pair(value: object) -> tuple[bytes, bytes]:
    if not isinstance(value, list) or len(value) != 2:
        raise BadOptions("server: each of users must be [name, secret]")
    return _octets(value[0]), _octets(value[1])


def _octets(value: object) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, (str, int)):
        return str(value).encode("utf-8")
    raise BadOptions("server: a list holds a list where a word was expected")


def _yes_or_no(key: str, value: object) -> bool:
    if value in (True, "yes"):
        return True
    if value in (False, "no"):
        return False
    raise BadOptions(f"server: {key} must be yes or no")
