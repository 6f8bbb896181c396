"""Converts arguments and values between the suite's JSON and the libraries' types."""

from __future__ import annotations

import base64
import ssl
from collections.abc import Callable, Sequence
from typing import Any

from conformance.drivers.python.outcome import Unreadable, Unsupported, Value


def textual(name: str, octets: bytes) -> Value:
    """Octets as `name`, or as `name_b64` where they are not UTF-8."""
    try:
        return {name: octets.decode()}
    except UnicodeDecodeError:
        return {name + "_b64": base64.b64encode(octets).decode()}


def message_of(lines: list[bytes]) -> Value:
    """A message as poplib returns it, in lines without their line endings."""
    octets = b"".join(line + b"\r\n" for line in lines)
    return {"data_b64": base64.b64encode(octets).decode()}


def listed(lines: list[bytes], read: Callable[[bytes], Any]) -> Value:
    """Lines of LIST or UIDL as items; raises Unreadable for a line without number and value."""
    items = []
    for line in lines:
        number, _, value = line.partition(b" ")
        if not number.isdigit() or not value.strip(b" "):
            raise Unreadable(line)
        items.append([int(number), read(value)])
    return {"items": items}


def size_of(value: bytes) -> int:
    """The size in a line of LIST, whatever stands behind it."""
    word = value.split(b" ")[0]
    if not word.isdigit():
        raise Unreadable(word)
    return int(word)


def arguments(row: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a request: `x_b64` decoded into `x`, nulls left out, keywords renamed."""
    args: dict[str, Any] = {}
    for name, value in row.items():
        if name in ("seq", "op", "goal") or value is None:
            continue
        if name.endswith("_b64"):
            name, value = name[:-4], decoded(value)
        args[{"from": "sender"}.get(name, name)] = value
    return args


def decoded(value: Any) -> Any:
    """Base64 as octets, also in lists."""
    if isinstance(value, list):
        return [decoded(item) for item in value]
    return base64.b64decode(value, validate=True) if isinstance(value, str) else value


def text_of(value: Any) -> str:
    """An argument for the libraries, which take text; raises Unsupported if it is not UTF-8."""
    if not isinstance(value, bytes):
        return str(value)
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise Unsupported("octets that are not UTF-8") from error


def octets_of(value: Any) -> bytes:
    """A message as octets."""
    return value if isinstance(value, bytes) else str(value).encode()


def check_connect(tls: str, policy: str) -> bool:
    """Whether TLS begins with the connection. Neither library has a policy of its own."""
    if tls not in ("none", "implicit") or (policy == "tls" and tls == "none"):
        raise Unsupported("a session that refuses to go on without TLS")
    return tls == "implicit"


def trusting(ca: Any) -> ssl.SSLContext:
    """The context that the manual of ssl recommends, which trusts this authority."""
    return ssl.create_default_context(cafile=None if ca is None else text_of(ca))
