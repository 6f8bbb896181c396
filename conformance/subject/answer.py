"""The answer of a client to one op or one goal, and how values are written in JSON."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

OUTCOMES = frozenset(
    {
        "ok",
        "refused",
        "auth-failed",
        "protocol-error",
        "io-error",
        "timeout",
        "policy",
        "rejected-locally",
        "unsupported",
        "failed",
    }
)

Move = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """How a call ended.

    outcome  one of OUTCOMES
    value    by name; octets are bytes, under the name without `_b64`
    moves    (state, event, next) since the last answer, in their order
    reason   why the subject could not be asked, where the suite knows it
    """

    outcome: str
    value: Mapping[str, Any] = field(default_factory=dict)
    moves: tuple[Move, ...] = ()
    reason: str = ""


def to_json(args: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments as JSON types: bytes under `x` become base64 under `x_b64`.

    If one string of a list is bytes, the whole list becomes `x_b64`, with every string in base64.
    """
    row: dict[str, Any] = {}
    for name, value in args.items():
        if _has_bytes(value):
            row[name + "_b64"] = _as_b64(value)
        else:
            row[name] = value
    return row


def _has_bytes(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(_has_bytes(item) for item in value)
    return isinstance(value, bytes)


def _as_b64(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_as_b64(item) for item in value]
    if isinstance(value, str):
        value = value.encode()
    return base64.b64encode(value).decode("ascii") if isinstance(value, bytes) else value


def from_json(value: Mapping[str, Any]) -> dict[str, Any]:
    """The values with `x_b64` decoded to bytes under `x`; raises ValueError if it is not base64."""
    row: dict[str, Any] = {}
    for name, item in value.items():
        if name.endswith("_b64"):
            row[name[:-4]] = _from_b64(name, item)
        else:
            row[name] = item
    return row


def _from_b64(name: str, value: Any) -> Any:
    if isinstance(value, list):
        return [_from_b64(name, item) for item in value]
    if not isinstance(value, str):
        return value
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise ValueError(f"{name} is not base64: {error}") from error
