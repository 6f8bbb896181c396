"""Verdicts and the result of one case in one delivery variant."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields, replace
from enum import StrEnum
from typing import Any


class Verdict(StrEnum):
    """The verdicts, the worst first."""

    ERROR = "ERROR"
    CRASH = "CRASH"
    HANG = "HANG"
    FAIL = "FAIL"
    NON_STRICT = "NON-STRICT"
    INFO = "INFO"
    PASS = "PASS"
    INCONCLUSIVE = "INCONCLUSIVE"
    UNSUPPORTED = "UNSUPPORTED"


SEVERITY: tuple[Verdict, ...] = tuple(Verdict)
FAILURES = frozenset({Verdict.FAIL, Verdict.CRASH, Verdict.HANG})
LOGS = "log"
"""The folder of the event logs, inside that of the reports."""
CAUSE, AS_IN = "cause", "as_in"
"""Keys of `details`: the cause of a verdict, in the same words in every case; the plain good case
that is charged with what is INFO here."""
MISSING = "missing"
"""Key of `details`, and of a case in results.json: the features that an UNSUPPORTED case lacks."""
GOES_ON = "goes_on"
"""Key of `details`: the worst that was found is a deviation after which the case went on."""
UNWRITTEN = "unwritten"
"""Key of `details`: why the event log of a run could not be written."""
MEMBERS, FAMILY, MEMBER = "members", "family", "member"
"""Keys of `details` of a family: the counts of its members, also in results.json; its own id, and
the id of the member that decided."""
UNDECIDED = frozenset({Verdict.INCONCLUSIVE, Verdict.UNSUPPORTED})


def worst(verdicts: list[Verdict]) -> Verdict:
    """The verdict of the whole from those of its parts, of which there must be at least one."""
    return min(verdicts, key=SEVERITY.index)


@dataclass(frozen=True, slots=True)
class Difference:
    """The difference between what was expected and what happened.

    file      name of the trace, relative to the traces folder
    line      its line, from 1
    row       the line of the table's row that the case is made from, 0 without a table
    octet     index of the first octet that differs, from 0, or None
    mark      where in `actual` that octet is, if the start of a long value was cut
    expected  in the notation of traces
    actual    in the notation of traces
    """

    file: str
    line: int
    octet: int | None
    expected: str
    actual: str
    mark: int | None = None
    row: int = 0


@dataclass(frozen=True, slots=True)
class CaseRun:
    """One case, run once in one variant. An axis that was not judged is None."""

    id: str
    variant: str
    verdict: Verdict
    wire: Verdict | None = None
    api: Verdict | None = None
    moves: Verdict | None = None
    reason: str = ""
    difference: Difference | None = None
    requirements: tuple[str, ...] = ()
    monitors: tuple[str, ...] = ()
    moves_taken: tuple[tuple[str, str, str], ...] = ()
    seconds: float = 0.0
    log: str | None = None
    file: str = ""
    title: str = ""
    rerun: str = ""
    stderr: str = ""
    details: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON types, for pytest-xdist's channel and for reports."""
        row: dict[str, Any] = {one.name: getattr(self, one.name) for one in fields(self)}
        if self.difference is not None:
            row["difference"] = asdict(self.difference)
        return row

    @classmethod
    def from_dict(cls, row: dict[str, Any]) -> CaseRun:
        """The inverse of to_dict, also for what went through JSON."""
        row = dict(row)
        for axis in ("verdict", "wire", "api", "moves"):
            row[axis] = None if row[axis] is None else Verdict(row[axis])
        if row["difference"] is not None:
            row["difference"] = Difference(**row["difference"])
        for name in ("requirements", "monitors"):
            row[name] = tuple(row[name])
        row["moves_taken"] = tuple((m[0], m[1], m[2]) for m in row["moves_taken"])
        return cls(**row)


def writable(run: CaseRun) -> CaseRun:
    """The run with texts that every report can contain: a lone surrogate is not a character."""
    difference = run.difference
    if difference is not None:
        expected, actual = _utf8(difference.expected), _utf8(difference.actual)
        difference = replace(difference, expected=expected, actual=actual)
    reason, stderr = _utf8(run.reason), _utf8(run.stderr)
    return replace(run, reason=reason, stderr=stderr, difference=difference)


def _utf8(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
