"""Whether a line end in an argument of a goal began a line of its own on the wire."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from conformance.finding import Axis, JudgedFinding
from conformance.model.framer import FrameKind, frame
from conformance.run.context import CaseContext
from conformance.values import octets_of
from conformance.verdict import Verdict
from fake_servers.log import joined
from fake_servers.trace.notation import show

_TEXTS = ("user", "secret", "name", "from", "to", "params")
_LINE_END = re.compile(rb"[\r\n]+")
_LINES = frozenset({FrameKind.COMMAND, FrameKind.RESPONSE})


def found(context: CaseContext, args: Mapping[str, Any]) -> JudgedFinding | None:
    """The first line of the client that begins with what stands behind a line end in an argument.

    A verb alone does not count, for the client may have sent it for itself.
    """
    behind = dict(_behind_line_ends(args))
    if not behind:
        return None
    for each in frame(context.trace.protocol, joined(context.log)):
        if each.kind not in _LINES:
            continue
        for line in _LINE_END.split(each.octets):
            name = next((behind[part] for part in behind if line.startswith(part)), "")
            if name:
                reason = f"what stands behind a line end in {name} is a line of its own"
                return JudgedFinding(
                    reason, each.line or context.caller.line, f"{name} in one line, or nothing",
                    show(line), axis=Axis.WIRE, verdict=Verdict.FAIL,
                )  # fmt: skip
    return None


def _behind_line_ends(args: Mapping[str, Any]) -> Iterator[tuple[bytes, str]]:
    """Each part of an argument that stands behind a line end, and the name of the argument."""
    for name in _TEXTS:
        value = args.get(name, "")
        for item in value if isinstance(value, (list, tuple)) else [value]:
            for part in _LINE_END.split(octets_of(item))[1:]:
                if b" " in part or b":" in part:
                    yield part, name
