"""Plays every member of a family and judges the family by the worst of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from conformance import families
from conformance.verdict import SEVERITY, CaseRun, Verdict
from fake_servers.trace.syntax import Trace

FOLDER = "families"
REFUSED = "refused"
"""Key of `details`: the pairs of state and event that were tried and refused as they must be."""

Play = Callable[[Trace, str], CaseRun]


def run(trace: Trace, variant: str, play: Play, out_dir: Path | None) -> CaseRun:
    """The family as one run; a member that failed is written out as a trace, where it can be.

    play     plays one member
    out_dir  gets the member that failed; None gets nothing
    """
    worst: tuple[int, CaseRun, families.Member] | None = None
    moves: list[tuple[str, str, str]] = []
    refused: set[families.Pair] = set()
    count, bad = 0, 0
    for member in families.members(trace.family, trace.protocol):
        needs = tuple({*trace.needs, *member.trace.needs})
        asked = replace(member.trace, id=trace.id, proves=trace.proves, needs=needs)
        found = play(asked, variant)
        if found.difference is not None and found.difference.line < member.at:
            continue
        count += 1
        moves += found.moves_taken
        rank = SEVERITY.index(found.verdict)
        if found.verdict is Verdict.PASS:
            refused.update(member.pairs)
        elif rank < SEVERITY.index(Verdict.PASS):
            bad += 1
        if worst is None or rank < worst[0]:
            worst = (rank, found, member)
    if worst is None:
        reason = "the client did not reach the tested point of any member"
        return CaseRun(trace.id, variant, Verdict.INCONCLUSIVE, reason=reason, title=trace.title)
    _, found, member = worst
    reason = found.reason
    if bad:
        reason = f"{bad} of {count} members, the first: {member.title}: {reason}"
        reason += _written(trace, member, out_dir)
    return replace(
        found,
        id=trace.id,
        title=trace.title,
        reason=reason,
        requirements=tuple(dict.fromkeys((*trace.proves, *found.requirements))),
        moves_taken=tuple(moves),
        details={REFUSED: sorted(refused)},
    )


def _written(trace: Trace, member: families.Member, out_dir: Path | None) -> str:
    """Write the member as a trace that `mailspec run FILE` repeats; says where."""
    if out_dir is None or not member.text:
        return ""
    folder = out_dir / FOLDER / trace.protocol
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{trace.id}.trace"
    file.write_text(member.text, encoding="utf-8")
    return f" (it stands in {FOLDER}/{trace.protocol}/{file.name} below the reports)"
