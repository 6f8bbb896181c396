"""The verdict of a run: one word, one sentence, and which features would add how many cases.

The score counts only what was judged. A case that the client does not support says nothing about
it, and one that is INCONCLUSIVE or an ERROR was not judged; the sentence tells how many there are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conformance.report import view
from conformance.report.text import plural
from conformance.verdict import FAILURES, MISSING, UNDECIDED, Verdict

_NOT_JUDGED = UNDECIDED | {Verdict.ERROR}


@dataclass(frozen=True, slots=True)
class Headline:
    """word      PASS, FAIL, or why it is neither
    likeness  the verdict whose colour the word has
    sentence  how many of the judged cases fail, and what was not judged
    """

    word: str
    likeness: Verdict
    sentence: str

    @property
    def text(self) -> str:
        """Both, as a line without colours."""
        return f"{self.word}: {self.sentence}"


@dataclass(frozen=True, slots=True)
class Unlock:
    """A feature that the client does not claim.

    alone   how many cases would be judged if it claimed this feature and no other
    needed  how many cases need it, some of them together with others
    """

    feature: str
    alone: int
    needed: int


def score(counts: Mapping[str, int], strict: bool) -> dict[str, int]:
    """The element `score` of results.json, from its `counts`.

    strict  NON-STRICT is not good
    """
    judged = sum(counts[verdict] for verdict in Verdict if verdict not in _NOT_JUDGED)
    bad = sum(counts[verdict] for verdict in FAILURES)
    return {"judged": judged, "good": judged - bad - strict * counts[Verdict.NON_STRICT]}


def of(results: Mapping[str, Any], worse: int | None = None) -> Headline:
    """The headline of a run.

    worse  how many verdicts are worse than in a baseline, if the run was compared with one: then
           this decides, and not what is expected of the subject
    """
    cases = view.cases(results)
    word, likeness = _word(results, cases, worse)
    sentence = ", ".join(_parts(results, cases, worse is None))
    if worse is not None:
        change = f"{plural(worse, 'change')} for the worse"
        sentence = f"{change if worse else 'nothing is worse than in the baseline'}; {sentence}"
    return Headline(word, likeness, sentence)


def _word(
    results: Mapping[str, Any], cases: list[view.Case], worse: int | None
) -> tuple[str, Verdict]:
    found = results["score"]
    if results["suite"]["interrupted"]:
        return "INTERRUPTED", Verdict.ERROR
    if results["counts"][Verdict.ERROR]:
        return "ERROR", Verdict.ERROR
    if any(case.unexpected for case in cases) if worse is None else worse:
        return "FAIL", Verdict.FAIL
    if not found["judged"]:
        return "NOTHING JUDGED", Verdict.UNSUPPORTED
    if worse is None and found["good"] < found["judged"]:
        return "AS EXPECTED", Verdict.NON_STRICT
    return "PASS", Verdict.PASS


def _parts(results: Mapping[str, Any], cases: list[view.Case], by_expectation: bool) -> list[str]:
    """The parts of the sentence: what fails, then what was not judged."""
    counts, found = results["counts"], results["score"]
    failed = found["judged"] - found["good"]
    fail = "fails" if (failed or found["judged"]) == 1 else "fail"
    parts = [f"{failed} of {plural(found['judged'], 'judged case')} {fail}"]
    if by_expectation:
        bad = [case for case in cases if view.is_bad(results, case)]
        known = sum(not case.unexpected for case in bad)
        parts[0] += _known(known, failed)
        others = sum(case.unexpected for case in cases) - (len(bad) - known) - counts[Verdict.ERROR]
        parts += _told(others, "differs", "differ", " from what was expected")
    lacking = count_lacking(cases)
    parts += _told(lacking, "needs", "need", " features that it does not claim")
    parts += _told(counts[Verdict.UNSUPPORTED] - lacking, "cannot", "cannot", " be put to it")
    parts += _told(counts[Verdict.INCONCLUSIVE], "is", "are", " inconclusive")
    return parts + _told(counts[Verdict.ERROR], "ends", "end", " in ERROR")


def _known(known: int, failed: int) -> str:
    """How many of the failures are as expected."""
    if not known:
        return ""
    if known < failed:
        return f" ({known} known)"
    return " (all known)" if failed > 1 else " (known)"


def _told(count: int, one: str, many: str, text: str) -> list[str]:
    """`1 needs ...`, `2 need ...`; empty for 0."""
    return [f"{count} {one if count == 1 else many}{text}"] if count else []


def count_lacking(cases: list[view.Case]) -> int:
    """How many of the cases need a feature that the client does not claim."""
    return sum(bool(missing) for missing in _missing(cases))


def unlocks(results: Mapping[str, Any]) -> list[Unlock]:
    """Each feature that a case needs and the client does not claim, what helps most first."""
    alone: Counter[str] = Counter()
    needed: Counter[str] = Counter()
    for missing in _missing(view.cases(results)):
        needed.update(missing)
        if len(missing) == 1:
            alone.update(missing)
    found = [Unlock(name, alone[name], count) for name, count in needed.items()]
    return sorted(found, key=lambda each: (-each.alone, -each.needed, each.feature))


def _missing(cases: list[view.Case]) -> list[list[str]]:
    """By case that is UNSUPPORTED, the features that it lacks."""
    unsupported = (case for case in cases if case.verdict is Verdict.UNSUPPORTED)
    return [list(case.rows[0].get(MISSING, ())) for case in unsupported]
