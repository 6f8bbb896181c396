"""Whether EHLO had the name that the caller of a goal gave, or one that is not made of it.

RFC 5321 section 4.1.4 lets a client without a meaningful name send another one, such as its address
literal. The rest of a name that lost its end, or octets in its midst, is the name of somebody else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from conformance.finding import Axis, JudgedFinding
from conformance.model.framer import FrameKind, frame
from conformance.run.context import CaseContext
from conformance.values import octets_of
from fake_servers.log import joined
from fake_servers.trace.notation import show

_HELLOS = ("EHLO", "HELO", "LHLO")
_CONTROLS = re.compile(rb"[\0-\x20\x7f]")


def cut(context: CaseContext, args: Mapping[str, Any]) -> JudgedFinding | None:
    """The first EHLO, HELO or LHLO with a name that is what is left of the caller's."""
    if context.trace.protocol != "smtp":
        return None
    given = octets_of(args.get("name", "")).rstrip(b".").lower()
    for each in frame("smtp", joined(context.log)):
        if (
            each.kind is FrameKind.COMMAND
            and each.verb in _HELLOS
            and _is_left_of(each.argument.rstrip(b".").lower(), given)
        ):
            return JudgedFinding(
                "the name of the caller was cut", each.line or context.caller.line,
                "the whole name, or another one", show(each.octets), axis=Axis.WIRE,
                verdict=context.breach,
            )  # fmt: skip
    return None


def _is_left_of(name: bytes, given: bytes) -> bool:
    if not name or name == given:
        return False
    return given.startswith(name) or name == _CONTROLS.sub(b"", given)
