"""The failures of a run grouped by their first cause, so that one reads each cause once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from conformance.excerpt import shorten, without_numbers
from conformance.verdict import AS_IN, CAUSE, FAILURES, SEVERITY, CaseRun, Verdict


def build(runs: Iterable[CaseRun], unexpected: Collection[tuple[str, str]]) -> list[dict[str, Any]]:
    """The element `groups` of results.json: the worst first, then the largest.

    A case belongs to the cause of its worst variant. A case that is only "as in" another belongs
    to the group of that one, which comes first in it.

    runs        sorted by id and variant
    unexpected  id and variant of each run whose verdict is not as expected
    """
    by_case: dict[str, list[CaseRun]] = defaultdict(list)
    for run in runs:
        by_case[run.id].append(run)
    worst = {name: min(found, key=_severity) for name, found in by_case.items()}
    failed = {
        name: run
        for name, run in worst.items()
        if _is_failure(run.verdict)
        or any((name, each.variant) in unexpected for each in by_case[name])
    }
    causes: dict[str, list[str]] = defaultdict(list)
    for name, run in failed.items():
        causes[cause_of(run)].append(name)
    likewise = _likewise(worst)
    groups = [_group(cause, names, likewise) for cause, names in causes.items()]
    groups.sort(key=lambda g: (_severity(failed[g["first"]]), -len(g["cases"]), g["cause"]))
    return groups


def cause_of(run: CaseRun) -> str:
    """The cause of a failure, in the same words for each case that has this cause."""
    return shorten(str(run.details.get(CAUSE) or without_numbers(run.reason) or run.verdict))


def _group(cause: str, names: list[str], likewise: Mapping[str, list[str]]) -> dict[str, Any]:
    first = next((name for name in names if name in likewise), names[0])
    more = [other for name in names for other in likewise.get(name, ())]
    return {"cause": cause, "first": first, "cases": sorted({*names, *more})}


def _likewise(worst: Mapping[str, CaseRun]) -> dict[str, list[str]]:
    """By id of a plain good case, the cases that only deviate as it does."""
    found: dict[str, list[str]] = defaultdict(list)
    for name, run in worst.items():
        if AS_IN in run.details and not _is_failure(run.verdict):
            found[run.details[AS_IN]].append(name)
    return found


def _is_failure(verdict: Verdict) -> bool:
    return verdict in FAILURES or verdict is Verdict.ERROR


def _severity(run: CaseRun) -> int:
    return SEVERITY.index(run.verdict)
