"""Plays every member of a family and judges the family by the worst of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from conformance import families
from conformance.verdict import SEVERITY, CaseRun, Verdict
from fake_servers.log import EventLog
from fake_servers.trace.syntax import Trace

FOLDER = "families"
REFUSED = "refused"
"""Key of `details`: the pairs of state and event that were tried and refused as they must be."""

Play = Callable[[Trace, str], tuple[CaseRun, EventLog | None]]


@dataclass(frozen=True, slots=True)
class _Found:
    """What came of one member."""

    rank: int
    run: CaseRun
    log: EventLog | None
    member: families.Member


def run(
    trace: Trace, variant: str, play: Play, out_dir: Path | None
) -> tuple[CaseRun, EventLog | None]:
    """The family as one run, with the log of its worst member.

    A member that failed is written out as a trace, where it can be.

    play     plays one member
    out_dir  gets the member that failed; None gets nothing
    """
    worst: _Found | None = None
    moves: list[tuple[str, str, str]] = []
    refused: set[families.Pair] = set()
    count, bad = 0, 0
    for member in families.members(trace.family, trace.protocol):
        needs = tuple(dict.fromkeys((*trace.needs, *member.trace.needs)))
        asked = replace(member.trace, id=trace.id, proves=trace.proves, needs=needs)
        found, log = play(asked, variant)
        if _stumbled_before(found, member):
            continue
        count += 1
        moves += found.moves_taken
        rank = SEVERITY.index(found.verdict)
        if found.verdict is Verdict.PASS:
            refused.update(member.pairs)
        elif rank < SEVERITY.index(Verdict.PASS):
            bad += 1
        if worst is None or rank < worst.rank:
            worst = _Found(rank, found, log, member)
    if worst is None:
        reason = "the client did not reach the tested point of any member"
        verdict = Verdict.INCONCLUSIVE
        return CaseRun(trace.id, variant, verdict, reason=reason, title=trace.title), None
    reason = worst.run.reason
    if bad:
        reason = f"{bad} of {count} members, the first: {worst.member.title}: {reason}"
        reason += _written(trace, worst.member, out_dir)
    judged = replace(
        worst.run,
        id=trace.id,
        title=trace.title,
        reason=reason,
        requirements=tuple(dict.fromkeys((*trace.proves, *worst.run.requirements))),
        moves_taken=tuple(moves),
        details={REFUSED: sorted(refused)},
    )
    return judged, worst.log


def _stumbled_before(found: CaseRun, member: families.Member) -> bool:
    """Whether what is held against the client lies before the point of the member; a free choice
    such as the case of a verb does not keep it from there.
    """
    if found.difference is None or found.verdict is Verdict.INFO:
        return False
    return found.difference.line < member.at


def _written(trace: Trace, member: families.Member, out_dir: Path | None) -> str:
    """Write the member as a trace that `mailspec run FILE` repeats; says where."""
    if out_dir is None or not member.text:
        return ""
    folder = out_dir / FOLDER / trace.protocol
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{trace.id}.trace"
    file.write_text(member.text, encoding="utf-8")
    return f" (it stands in {FOLDER}/{trace.protocol}/{file.name} below the reports)"
