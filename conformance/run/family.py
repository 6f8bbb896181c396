"""Plays every member of a family and judges the family by the worst of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from conformance import families
from conformance.out_folder import file_name
from conformance.verdict import SEVERITY, CaseRun, Verdict
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
    """The results so far; `worst` is the first of the worst."""

    worst: _Found | None = None
    moves: list[tuple[str, str, str]] = field(default_factory=list)
    refused: set[families.Pair] = field(default_factory=set)
    count: int = 0
    bad: int = 0

    def add(self, member: families.Member, run: CaseRun, log: EventLog | None) -> None:
        """Add a member that has reached its tested point."""
        rank = SEVERITY.index(run.verdict)
        self.count += 1
        self.moves += run.moves_taken
        if run.verdict is Verdict.PASS:
            self.refused.update(member.pairs)
        self.bad += rank < SEVERITY.index(Verdict.PASS)
        if self.worst is None or rank < self.worst.rank:
            self.worst = _Found(rank, run, log, member)


def run(
    trace: Trace, variant: str, play: Play, out_dir: Path | None
) -> tuple[CaseRun, EventLog | None]:
    """The family as one run, with the log of its worst member.

    A member that failed is written out as a trace, if it can be.

    play     plays one member
    out_dir  where a failed member is written; with None it is not
    """
    tally = _Tally()
    for member in families.members(trace.family, trace.protocol):
        needs = tuple(dict.fromkeys((*trace.needs, *member.trace.needs)))
        # Without its origin the member's lines are those of the case, as `member.at` is: in the
        # file all lines of a prelude are one.
        asked = replace(
            member.trace, id=trace.id, proves=trace.proves, needs=needs, origin=Origin()
        )
        found, log = play(asked, variant)
        if not _stumbled_before(found, member):
            tally.add(member, _in_file(found, member.trace), log)
    if tally.worst is None:
        reason = "the client did not reach the tested point of any member"
        verdict = Verdict.INCONCLUSIVE
        return CaseRun(trace.id, variant, verdict, reason=reason, title=trace.title), None
    return _whole(trace, tally, tally.worst, out_dir), tally.worst.log


def _whole(trace: Trace, tally: _Tally, worst: _Found, out_dir: Path | None) -> CaseRun:
    reason = worst.run.reason
    if tally.bad:
        title = worst.member.title
        reason = f"{tally.bad} of {tally.count} members, the first: {title}: {reason}"
        reason += _written(trace, worst.member, out_dir)
    return replace(
        worst.run,
        id=trace.id,
        title=trace.title,
        reason=reason,
        requirements=tuple(dict.fromkeys((*trace.proves, *worst.run.requirements))),
        moves_taken=tuple(tally.moves),
        details={**worst.run.details, REFUSED: sorted(tally.refused)},
    )


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
    if out_dir is None or not member.text:
        return ""
    folder = out_dir / FOLDER / trace.protocol
    file = folder / f"{file_name(trace.id)}.trace"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file.write_text(member.text, encoding="utf-8")
    except OSError as error:
        return f" (it cannot be written: {error.strerror})"
    return f" (it is in {FOLDER}/{trace.protocol}/{file.name} below the reports)"
