"""Plays every member of a family and judges the family by the worst of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from conformance import families
from conformance.excerpt import shorten
from conformance.out_folder import file_name
from conformance.verdict import (
    FAMILY,
    GOES_ON,
    MEMBER,
    MEMBERS,
    MISSING,
    SEVERITY,
    CaseRun,
    Verdict,
)
from fake_servers.log import EventLog
from fake_servers.trace.syntax import Origin, Trace

FOLDER = "families"
REFUSED = "refused"
"""Key of `details`: the pairs of state and event that were tried and correctly refused."""

Play = Callable[[Trace, str], tuple[CaseRun, EventLog | None]]


@dataclass(frozen=True, slots=True)
class _Found:
    """The result of one member."""

    rank: int
    run: CaseRun
    log: EventLog | None
    member: families.Member


@dataclass(slots=True)
class _Tally:
    """The results so far.

    worst      the first of the worst
    unreached  members whose tested point the client did not reach
    missing    members that need a feature that the client does not claim, by feature
    dropped    members that the client cannot be asked: those, and others
    reason     why the first of the others cannot be asked
    """

    worst: _Found | None = None
    moves: list[tuple[str, str, str]] = field(default_factory=list)
    refused: set[families.Pair] = field(default_factory=set)
    count: int = 0
    verdicts: Counter[Verdict] = field(default_factory=Counter)
    unreached: int = 0
    missing: Counter[str] = field(default_factory=Counter)
    dropped: int = 0
    reason: str = ""

    def add(self, member: families.Member, run: CaseRun, log: EventLog | None) -> None:
        """Add the result of a member."""
        if _deviates_before(run, member):
            run = replace(run, verdict=Verdict.INFO)
        if run.verdict is Verdict.UNSUPPORTED:
            self._drop(run)
        elif _stumbled_before(run, member):
            self.unreached += 1
        else:
            self._judge(member, _in_file(run, member.trace), log)

    def _drop(self, run: CaseRun) -> None:
        self.dropped += 1
        missing = run.details.get(MISSING, ())
        self.missing.update(missing)
        if not missing:
            self.reason = self.reason or run.reason

    def _judge(self, member: families.Member, run: CaseRun, log: EventLog | None) -> None:
        rank = SEVERITY.index(run.verdict)
        self.count += 1
        self.moves += run.moves_taken
        if run.verdict is Verdict.PASS:
            self.refused.update(member.pairs)
        self.verdicts[run.verdict] += 1
        if self.worst is None or rank < self.worst.rank:
            self.worst = _Found(rank, run, log, member)

    @property
    def total(self) -> int:
        """All members."""
        return self.count + self.unreached + self.dropped

    def left_out(self) -> str:
        """How many members the client cannot be asked, and why; empty if there are none."""
        if not self.dropped:
            return ""
        number = "none" if self.dropped == self.total else f"{self.dropped} of {self.total}"
        verb = "can" if self.dropped == self.total else "cannot"
        features = [f"{count} need {name}" for name, count in sorted(self.missing.items())]
        why = ", ".join([*features, *([self.reason] if self.reason else [])])
        return f"{number} members {verb} be asked: {why}".replace("none members", "no member")

    def summary(self) -> dict[str, object]:
        """The counts, for results.json."""
        return {
            "total": self.total,
            "judged": self.count,
            "not_reached": self.unreached,
            "unsupported": self.dropped,
            "missing": dict(sorted(self.missing.items())),
        }


def run(
    trace: Trace, variant: str, play: Play, out_dir: Path | None
) -> tuple[CaseRun, EventLog | None]:
    """The family as one run, with the log of its worst member; or only the member that it names.

    A member that failed is written out as a trace.

    play     plays one member
    out_dir  where a failed member is written; with None it is not
    """
    tally = _Tally()
    family_id = trace.id.removesuffix(f"/{trace.member}") if trace.member else trace.id
    for member in families.of_case(trace):
        # Without its origin the member's lines are those of the case, as `member.at` is: in the
        # file all lines of a prelude are one.
        asked = replace(
            member.trace, id=f"{family_id}/{member.name}", proves=trace.proves, origin=Origin()
        )
        tally.add(member, *play(asked, variant))
    details: dict[str, Any] = {MEMBERS: tally.summary(), FAMILY: family_id}
    if tally.worst is None:
        verdict = Verdict.INCONCLUSIVE if tally.unreached else Verdict.UNSUPPORTED
        reached = "the client did not reach the tested point of any member"
        reason = "; ".join(filter(None, (reached if tally.unreached else "", tally.left_out())))
        undecided = CaseRun(trace.id, variant, verdict, reason=reason, title=trace.title)
        if not tally.unreached and tally.missing:
            details[MISSING] = sorted(tally.missing)
        return replace(undecided, details=details), None
    whole = _whole(trace, tally, tally.worst, out_dir)
    details[MEMBER] = f"{family_id}/{tally.worst.member.name}"
    return replace(whole, details={**whole.details, **details}), tally.worst.log


def _whole(trace: Trace, tally: _Tally, worst: _Found, out_dir: Path | None) -> CaseRun:
    reason = worst.run.reason
    if worst.run.verdict is not Verdict.PASS and not trace.member:
        bad, title = tally.verdicts[worst.run.verdict], worst.member.title
        reason = f"{bad} of {tally.count} members, the first: {title}: {reason}"
        reason += _written(trace, worst.member, out_dir)
    return replace(
        worst.run,
        id=trace.id,
        title=trace.title,
        reason=shorten("; ".join(filter(None, (reason, tally.left_out())))),
        requirements=tuple(dict.fromkeys((*trace.proves, *worst.run.requirements))),
        moves_taken=tuple(tally.moves),
        details={**worst.run.details, REFUSED: sorted(tally.refused)},
    )


def _deviates_before(found: CaseRun, member: families.Member) -> bool:
    """Whether the worst of a member is a deviation before its tested point, after which it went on.

    The cases of that command are charged with it.
    """
    has_line = found.difference is not None and found.difference.line < member.at
    return has_line and bool(found.details.get(GOES_ON))


def _stumbled_before(found: CaseRun, member: families.Member) -> bool:
    """Whether a finding is before the member's tested point. A free choice, such as the case of a
    verb, does not count: the client reaches the point all the same.
    """
    if found.difference is None or found.verdict is Verdict.INFO:
        return False
    return found.difference.line < member.at


def _in_file(found: CaseRun, trace: Trace) -> CaseRun:
    """The run with the line of its difference as the file has it."""
    if found.difference is None:
        return found
    line = trace.file_line(found.difference.line)
    return replace(found, difference=replace(found.difference, line=line))


def _written(trace: Trace, member: families.Member, out_dir: Path | None) -> str:
    """Write the member as a trace that `mailspec run FILE` repeats; returns where it is."""
    if out_dir is None:
        return ""
    folder = out_dir / FOLDER / trace.protocol
    file = folder / f"{file_name(trace.id)}.trace"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file.write_text(member.write(f"{trace.id}/{member.name}"), encoding="utf-8")
    except OSError as error:
        return f" (it cannot be written: {error.strerror})"
    return f" (it is in {FOLDER}/{trace.protocol}/{file.name} below the reports)"
