"""The content of results.json as the reports show it: cases with their variants, by RFC section."""

from __future__ import annotations

import re
import statistics
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conformance.verdict import FAILURES, SEVERITY, UNDECIDED, Verdict, worst

_GOOD = frozenset({Verdict.PASS, Verdict.INFO, Verdict.NON_STRICT})
_NUMBERS = re.compile(r"(\d+)")
NO_SECTION = "No section"


@dataclass(frozen=True, slots=True)
class Case:
    """One case with all its variants.

    rows     its elements of `cases`, by variant
    verdict  the worst of its variants
    """

    id: str
    title: str
    file: str
    section: str
    verdict: Verdict
    rows: tuple[Mapping[str, Any], ...]

    @property
    def worst_row(self) -> Mapping[str, Any]:
        """The first variant that has the case's verdict."""
        return next(row for row in self.rows if row["verdict"] == self.verdict.value)

    @property
    def label(self) -> str:
        """The verdict, with `k/n` if only k of its n variants have it."""
        same = sum(row["verdict"] == self.verdict.value for row in self.rows)
        bad = self.verdict in FAILURES or self.verdict is Verdict.ERROR
        return (
            f"{self.verdict} {same}/{len(self.rows)}"
            if bad and same < len(self.rows)
            else self.verdict
        )

    @property
    def unexpected(self) -> bool:
        """Whether it makes the run fail."""
        return any(row["unexpected"] for row in self.rows)

    @property
    def expected(self) -> str | None:
        """The verdict that the subject's expectations name, if any."""
        value = self.rows[0]["expected"]
        return None if value is None else str(value)

    @property
    def failed(self) -> bool:
        """Whether reports list it among the failures."""
        return self.unexpected or self.verdict in FAILURES or self.verdict is Verdict.ERROR


def cases(results: Mapping[str, Any]) -> list[Case]:
    """The cases by id."""
    rows: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in results["cases"]:
        rows[row["id"]].append(row)
    return [
        Case(
            id=name,
            title=found[0]["title"],
            file=found[0]["file"],
            section=found[0]["section"] or NO_SECTION,
            verdict=worst([Verdict(row["verdict"]) for row in found]),
            rows=tuple(found),
        )
        for name, found in sorted(rows.items())
    ]


def by_section(found: list[Case]) -> dict[str, list[Case]]:
    """The cases by RFC section, numbers in their natural order."""
    sections: dict[str, list[Case]] = defaultdict(list)
    for case in found:
        sections[case.section].append(case)
    return {name: sections[name] for name in sorted(sections, key=natural)}


def natural(text: str) -> list[tuple[int, str]]:
    """A key that sorts `section 4` before `section 10`."""
    parts = _NUMBERS.split(text)
    return [(int(part), "") if part.isdigit() else (-1, part) for part in parts]


def failures(found: list[Case]) -> list[Case]:
    """What failed or was not expected, the worst first."""
    return sorted(
        (case for case in found if case.failed), key=lambda c: (SEVERITY.index(c.verdict), c.id)
    )


def is_bad(results: Mapping[str, Any], case: Case) -> bool:
    """Whether a judged case counts as not good in the score."""
    is_strict = results["suite"]["strict"]
    return case.verdict in FAILURES or (is_strict and case.verdict is Verdict.NON_STRICT)


def supported(found: list[Case]) -> list[Case]:
    """The cases without those that the client does not support."""
    return [case for case in found if case.verdict is not Verdict.UNSUPPORTED]


def good(found: list[Case]) -> int:
    """How many of the cases are legal at least."""
    return sum(case.verdict in _GOOD for case in found)


def requirements(results: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The requirements by id."""
    return {row["id"]: row for row in results["requirements"]}


def requirements_passed(results: Mapping[str, Any]) -> tuple[int, int]:
    """How many requirements are PASS, and how many were judged."""
    verdicts = [Verdict(row["verdict"]) for row in results["requirements"]]
    return verdicts.count(Verdict.PASS), sum(verdict not in UNDECIDED for verdict in verdicts)


def rows_taken(results: Mapping[str, Any]) -> tuple[int, int]:
    """How many rows of the subject's tables were taken, and how many there are."""
    machines = results["transitions"].values()
    return sum(len(m["hit"]) for m in machines), sum(len(m["rows"]) for m in machines)


def median_ms(results: Mapping[str, Any]) -> float:
    """The median time of a case that was played, in one variant, in milliseconds; 0 without any."""
    seconds: list[float] = [
        row["seconds"] for row in results["cases"] if row["verdict"] != Verdict.UNSUPPORTED
    ]
    return statistics.median(seconds) * 1000 if seconds else 0.0
