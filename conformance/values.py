"""The values of a trace as Python values, and in the notation of traces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fake_servers.trace.notation import show
from fake_servers.trace.syntax import Value
from fake_servers.trace.template import Bindings

NOT_TEXT = frozenset(
    {
        "n",
        "lines",
        "port",
        "timeout_ms",
        "deadline_ms",
        "cancel_at",
        "chunk",
        "fail_after",
        "pieces",
        "lmtp",
        "delete",
        "ops",
    }
)


def as_arguments(args: Mapping[str, Value], bindings: Bindings) -> dict[str, Any]:
    """Arguments of a trace as Python values; a bare number becomes text if text is needed."""
    found = {name: bindings.value(value) for name, value in args.items()}
    return {n: v if n in NOT_TEXT else _as_text(v) for n, v in found.items()}


def octets_of(value: Any) -> bytes:
    """A string of an answer as octets."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogateescape")


def notation(value: Any) -> str:
    """A value as `R:` has it."""
    if isinstance(value, list):
        return "[" + ", ".join(notation(item) for item in value) + "]"
    if value is None:
        return "(nothing)"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    text = show(octets_of(value))
    bare = text and not any(c in text for c in ' ,[]"=|\\')
    return text if bare else f'"{text}"'


def _as_text(value: Any) -> Any:
    if isinstance(value, list):
        return [_as_text(item) for item in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else value
