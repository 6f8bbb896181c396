"""How one client stands, from the results.json of its run and its list of known failures."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.report import view
from conformance.report.text import plural
from conformance.run.expect import Expectations
from conformance.verdict import FAILURES, SEVERITY, Verdict

PROTOCOLS = ("pop3", "smtp")
_UNTOLD = "not explained yet"


@dataclass(frozen=True, slots=True)
class Cause:
    """Cases that end alike for one reason.

    reason   what the client does, with the RFC and its section
    ids      the cases, in their order
    """

    verdict: Verdict
    reason: str
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """One client.

    grain    whether the client was asked for whole sessions, for single steps, or for both
    judged   how many cases of each protocol were judged, in the order of PROTOCOLS
    counts   cases by verdict, each case by its worst variant
    causes   what is not PASS or INFO, the worst and the most frequent first
    unexpected  the cases that end otherwise than its list of known failures says
    changed  the cases whose verdict differed in a second run; None if there was none. What its list
             of known failures leaves to chance is not among them
    seconds  how long its first run took
    """

    name: str
    title: str
    version: str
    grain: str
    judged: tuple[int, ...]
    counts: Mapping[Verdict, int]
    causes: tuple[Cause, ...]
    unexpected: tuple[str, ...]
    changed: tuple[str, ...] | None
    seconds: float

    @property
    def total(self) -> int:
        """How many of the cases were judged."""
        return sum(self.judged)

    @property
    def bad(self) -> int:
        """How many of the judged cases are failures."""
        return sum(self.counts[verdict] for verdict in FAILURES)

    @property
    def sentence(self) -> str:
        """How many of the judged cases fail."""
        fail = "fails" if (self.bad or self.total) == 1 else "fail"
        return f"{self.bad} of {plural(self.total, 'judged case')} {fail}"


def read(
    results: Mapping[str, Any],
    known: Expectations,
    *,
    title: str,
    seconds: float,
    again: Mapping[str, Any] | None = None,
) -> Standing:
    """The standing by a run, and by a second one if `again` has its results."""
    cases = view.cases(results)
    judged = [case for case in cases if case.verdict not in _NOT_JUDGED]
    subject = results["subject"]
    return Standing(
        name=subject["name"],
        title=title,
        version=subject["version"],
        grain=_grain(judged),
        judged=tuple(sum(_protocol(case) == name for case in judged) for name in PROTOCOLS),
        counts=Counter(case.verdict for case in cases),
        causes=_causes(cases, known),
        unexpected=tuple(case.id for case in cases if case.unexpected),
        changed=None if again is None else _changed(cases, view.cases(again), known.by_chance()),
        seconds=seconds,
    )


_NOT_JUDGED = {Verdict.UNSUPPORTED, Verdict.INCONCLUSIVE, Verdict.ERROR}


def _grain(judged: Iterable[view.Case]) -> str:
    """By the ids; a family plays the cases that it is made from, of either kind."""
    kinds = {case.id.split(".")[1] for case in judged} - {"family"}
    asked = ["sessions"] * ("goal" in kinds) + ["steps"] * bool(kinds - {"goal"})
    return " and ".join(asked)


def _protocol(case: view.Case) -> str:
    return case.id.split(".", 1)[0]


def _changed(
    first: list[view.Case], second: list[view.Case], by_chance: set[str]
) -> tuple[str, ...]:
    """The cases that have another verdict in any variant, or that only one run has."""
    found = [{case.id: _verdicts(case) for case in cases} for cases in (first, second)]
    differ = {name for name, _ in set(found[0].items()) ^ set(found[1].items())}
    return tuple(sorted(differ - by_chance))


def _verdicts(case: view.Case) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((row["variant"], row["verdict"]) for row in case.rows))


def _causes(cases: Iterable[view.Case], known: Expectations) -> tuple[Cause, ...]:
    found: dict[tuple[Verdict, str], list[str]] = defaultdict(list)
    told = {(entry.id, entry.verdict): entry.reason for entry in known.entries}
    for case in cases:
        if case.verdict in FAILURES:
            reason = told.get((case.id, case.verdict), "")
            found[case.verdict, reason or _untold(case)].append(case.id)
    causes = [Cause(verdict, reason, tuple(ids)) for (verdict, reason), ids in found.items()]
    return tuple(sorted(causes, key=lambda each: (SEVERITY.index(each.verdict), -len(each.ids))))


def _untold(case: view.Case) -> str:
    """The words for a failure that nobody has explained: its finding, and that it is unexplained."""
    return f"{case.worst_row['reason']} ({case.section}; {_UNTOLD})"
