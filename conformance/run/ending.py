"""What shows when the processes of a subject end: faults, and processes that they left behind.

A sanitizer looks for leaks, and valgrind sums up, when a driver ends. That is after many cases,
and no single one of them can be blamed. So such a fault is reported as a case of its own, which
exists only if there was a fault.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from conformance.subject import Subject, complaint
from conformance.verdict import CaseRun, Verdict

ID = "subject.end"
TITLE = "The client's processes end without a fault"
LOST = "the process that played this case died; its client may have killed it"
"""The reason of a case whose process of the run has died."""
STDERR_SHOWN = 4000


@dataclass(frozen=True, slots=True)
class Ending:
    """faults  for each process that ended with a fault: a sentence and the report
    left       command lines of the processes that were left behind and killed
    """

    faults: tuple[tuple[str, str], ...] = ()
    left: tuple[str, ...] = ()

    @classmethod
    def of(cls, subject: Subject) -> Ending:
        """End the subject."""
        fault = subject.stop()
        report = report_of(subject.take_stderr())
        return cls(((fault, report),) if fault else (), tuple(subject.left_behind))

    @classmethod
    def from_dict(cls, row: dict[str, Any]) -> Ending:
        """The inverse of to_dict."""
        return cls(tuple((f[0], f[1]) for f in row["faults"]), tuple(row["left"]))

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON types, for pytest-xdist's channel."""
        return {"faults": [list(fault) for fault in self.faults], "left": list(self.left)}

    def runs(self) -> list[CaseRun]:
        """The faults as one case; an empty list if there were no faults."""
        if not self.faults:
            return []
        fault, report = self.faults[0]
        reason = f"at the end of its process the client {fault}; any of the cases may be its cause"
        if len(self.faults) > 1:
            reason += f"; {len(self.faults)} processes ended with this fault or a similar one"
        crash = Verdict.CRASH
        return [CaseRun(ID, "whole", crash, api=crash, reason=reason, title=TITLE, stderr=report)]

    def remarks(self, name: str) -> list[str]:
        """Sentences about what is not a fault."""
        if not self.left:
            return []
        names = Counter(text.rpartition(" (process ")[0] for text in self.left)
        listed = ", ".join(text if n == 1 else f"{n} x {text}" for text, n in names.most_common(5))
        return [f"{name} left processes behind; the suite ended them: {listed}"]


def together(endings: Iterable[Ending]) -> Ending:
    """The endings of several processes as one."""
    found = list(endings)
    return Ending(
        tuple(fault for one in found for fault in one.faults),
        tuple(name for one in found for name in one.left),
    )


def report_of(stderr: str) -> str:
    """The part of a client's stderr that is shown: a tool's report from its start, or the end."""
    if complaint.complaint_in(stderr):
        return complaint.excerpt(stderr)[:STDERR_SHOWN]
    return stderr[-STDERR_SHOWN:]
