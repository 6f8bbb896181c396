"""One line of a driver as a JSON object, read strictly: leniency here causes riddles later."""

from __future__ import annotations

import json
from typing import Any

from conformance.subject.error import AdapterBroken

SHOWN = 80


def parse(line: bytes) -> dict[str, Any]:
    """The object of a line; raises AdapterBroken with what is wrong."""
    try:
        text = line.decode("utf-8")
        row = _DECODER.decode(text)
        if "\\ud" in text.lower():
            json.dumps(row, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as error:
        raise AdapterBroken(
            "the driver answered half of a surrogate pair, which is no character;"
            f" octets that are not UTF-8 go into a name with _b64: {shown(line)}"
        ) from error
    except (ValueError, RecursionError) as error:
        raise AdapterBroken(
            f"the driver answered with a line that is not JSON: {shown(line)} ({_reason(error)})"
        ) from error
    if not isinstance(row, dict):
        raise AdapterBroken(
            f"the driver answered with a line that is not a JSON object: {shown(line)}"
        )
    return row


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deep"
    return "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose names are all different."""
    row = dict(pairs)
    if len(row) < len(pairs):
        names = [name for name, _ in pairs]
        double = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{double!r} occurs in it twice")
    return row


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")


_DECODER = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_refuse)


def shown(line: bytes) -> str:
    """The start of a line for a message, printable and on one line."""
    return short(line.decode("utf-8", "backslashreplace"))


def short(text: str) -> str:
    """The start of a text, printable."""
    return printable(text[:SHOWN]) + ("..." if len(text) > SHOWN else "")


def printable(text: str) -> str:
    """The text with every control character as an escape."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
