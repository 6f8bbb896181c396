"""How a message differs from the expected one, as changes that can be made to other messages.

A client that appends an empty line to every message does so in every case. As "CRLF is appended"
the fault can be recognised in another case; as "octet 74 differs" it cannot.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from fake_servers.trace.notation import show

_CRLF = b"\r\n"
_FIELD = re.compile(rb"([!-9;-~]+):")
APPENDED_MAX = 200
"""What is longer is not a trailer that a client appends, but another message."""


class Change(StrEnum):
    """What was done to the message."""

    LINE_ENDS = "line ends"
    FIELDS = "fields"
    APPENDED = "appended"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Deviation:
    """One change, which is the same in every message.

    octets  the line ending that is used, the names of the fields that are added (lower case,
            separated by commas), what is appended, or what is missing at the end
    """

    change: Change
    octets: bytes

    def __str__(self) -> str:
        text = show(self.octets)
        if self.change is Change.LINE_ENDS:
            return f"its lines end in {text}"
        if self.change is Change.FIELDS:
            return f"header fields are added ({text})"
        if self.change is Change.APPENDED:
            return f"{text} is appended"
        return f"the last {text} is missing"

    @property
    def appends_lines(self) -> bool:
        """Whether only empty lines are appended."""
        return self.change is Change.APPENDED and not self.octets.replace(_CRLF, b"")

    def requirements(self, protocol: str) -> tuple[str, ...]:
        """The requirements that this change breaks in every case."""
        if protocol == "pop3":
            return ("RFC1939-5-RETR-02",)
        if self.appends_lines:
            return ("RFC5321-4.1.1.4-EOD-01",)
        return ("RFC5321-4.5.2-DATA-01",)


@dataclass(frozen=True, slots=True)
class Fit:
    """How close changes lead from one message to another.

    found  the changes, in the order in which they are made
    best   the message after them
    """

    found: tuple[Deviation, ...]
    best: bytes


def fit(wanted: bytes, actual: bytes, known: Collection[Deviation] | None = None) -> Fit:
    """The changes that lead from `wanted` towards `actual`; only those in `known`, if given."""
    found: list[Deviation] = []
    best = wanted
    for step in (_line_ends, _fields, _end):
        made = step(best, actual)
        if made is not None and (known is None or made[0] in known):
            found.append(made[0])
            best = made[1]
    return Fit(tuple(found), best)


def deviations(wanted: bytes, actual: bytes) -> tuple[Deviation, ...]:
    """The changes that lead all the way from `wanted` to `actual`; empty if no changes do."""
    fitted = fit(wanted, actual)
    return fitted.found if fitted.best == actual else ()


def _line_ends(wanted: bytes, actual: bytes) -> tuple[Deviation, bytes] | None:
    if _CRLF not in wanted or _CRLF in actual:
        return None
    for end in (b"\n", b"\r"):
        if end in actual:
            return Deviation(Change.LINE_ENDS, end), wanted.replace(_CRLF, end)
    return None


def _fields(wanted: bytes, actual: bytes) -> tuple[Deviation, bytes] | None:
    """Fields that only the header of `actual` has; their values may differ each time."""
    end = _CRLF if _CRLF in actual else b"\n"
    head, blank, body = wanted.partition(end * 2)
    has, wants = _header(actual.partition(end * 2)[0], end), _header(head, end)
    if has is None or wants is None or not blank:
        return None
    added = list(has)
    for field in wants:
        if field not in added:
            return None
        added.remove(field)
    if not added:
        return None
    names = sorted({field.partition(b":")[0].lower() for field in added})
    return Deviation(Change.FIELDS, b", ".join(names)), end.join(has) + blank + body


def _header(text: bytes, end: bytes) -> list[bytes] | None:
    """The fields of a header, each with its folded lines; None if it is not a header."""
    fields: list[bytes] = []
    for line in text.split(end):
        if fields and line[:1] in (b" ", b"\t"):
            fields[-1] += end + line
        elif _FIELD.match(line):
            fields.append(line)
        else:
            return None
    return fields


def _end(wanted: bytes, actual: bytes) -> tuple[Deviation, bytes] | None:
    if actual.startswith(wanted) and 0 < len(actual) - len(wanted) <= APPENDED_MAX:
        return Deviation(Change.APPENDED, actual[len(wanted) :]), actual
    missing = wanted[len(actual) :]
    if wanted.startswith(actual) and missing in (_CRLF, b"\n"):
        return Deviation(Change.MISSING, missing), actual
    return None
