"""What finds a bug in each grain, when the search stops, and what is printed."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.requirements import load as load_register
from conformance.run.select import by_id
from conformance.run.subject_run import SubjectRun
from conformance.test.small_cases import POP3_DRIVER
from conformance.verdict import CaseRun, Verdict
from fake_servers.trace.syntax import Trace
from strength import bug, bug_lines, search
from strength.search import Found, Request
from strength.seeded import Detection, Grain

DIGEST, POSITION = "RFC1939-7-APOP-02", "RFC1939-7-APOP-07"
STEP, GOAL = "pop3.apop.rfc1939-login", "pop3.goal.fetch-dots"
OTHER_STEP, OTHER_GOAL = "pop3.noop.reply-too-long", "pop3.goal.list-refused"
PLAIN = "pop3.goal.fetch-by-apop"
REGISTER = load_register()
BUG = bug.Bug("pop3-x", "A bug", REGISTER[DIGEST], "login", (), "", False, ())


class Played:
    """Takes the place of the runs: the verdict that each case has, and which were played."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.verdicts: dict[str, Verdict] = {}
        self.ids: list[str] = []
        monkeypatch.setattr(SubjectRun, "run_case", self.run_case)

    def run_case(self, trace: Trace, variant: str) -> CaseRun:
        self.ids.append(trace.id)
        verdict = self.verdicts.get(trace.id, Verdict.PASS)
        return CaseRun(trace.id, variant, verdict, requirements=trace.proves, reason="because")


@pytest.fixture(name="cases")
def _cases(monkeypatch: pytest.MonkeyPatch) -> dict[str, Trace]:
    """The cases that there are: two that prove DIGEST, one of them a goal, and two that do not."""
    made = {}
    for name, proves in ((STEP, DIGEST), (GOAL, DIGEST), (OTHER_STEP, ""), (OTHER_GOAL, POSITION)):
        made[name] = replace(by_id(name), proves=(proves,) if proves else ())
    monkeypatch.setattr(search, "_cases", lambda: tuple(reversed(made.values())))
    return made


def look(is_goals: bool = False, is_mild: bool = False) -> Found:
    return search.search(Request("mailc", (DIGEST,), ("pop3",), is_mild, is_goals))


def test_the_search_stops_after_two_cases(
    cases: dict[str, Trace], monkeypatch: pytest.MonkeyPatch
) -> None:
    played = Played(monkeypatch)
    played.verdicts = {name: Verdict.FAIL for name in cases}
    found = look()
    assert found.cases == {STEP: DIGEST, GOAL: DIGEST}
    assert played.ids == [STEP, GOAL]


def test_a_case_counts_once_whatever_its_variants(
    cases: dict[str, Trace], monkeypatch: pytest.MonkeyPatch
) -> None:
    played = Played(monkeypatch)
    played.verdicts = {STEP: Verdict.FAIL}
    assert look().cases == {STEP: DIGEST}
    assert played.ids.count(STEP) == 1 and played.ids.count(GOAL) == 3


def test_only_goals_are_played_in_goals_and_any_failure_counts(
    cases: dict[str, Trace], monkeypatch: pytest.MonkeyPatch
) -> None:
    played = Played(monkeypatch)
    played.verdicts = {name: Verdict.FAIL for name in (STEP, OTHER_STEP, OTHER_GOAL)}
    assert look(is_goals=True).cases == {OTHER_GOAL: POSITION}
    assert set(played.ids) == {GOAL, OTHER_GOAL}


def test_another_requirement_does_not_find_a_bug_in_steps(
    cases: dict[str, Trace], monkeypatch: pytest.MonkeyPatch
) -> None:
    played = Played(monkeypatch)
    played.verdicts = {OTHER_GOAL: Verdict.FAIL}
    found = look()
    assert not found.cases and found.others == [POSITION]


@pytest.mark.parametrize(
    ("verdict", "is_mild", "is_found"),
    [
        (Verdict.FAIL, False, True),
        (Verdict.CRASH, False, True),
        (Verdict.HANG, True, True),
        (Verdict.NON_STRICT, False, False),
        (Verdict.NON_STRICT, True, True),
        (Verdict.INFO, True, False),
        (Verdict.PASS, True, False),
        (Verdict.INCONCLUSIVE, True, False),
    ],
)
@pytest.mark.parametrize("is_goals", [False, True])
def test_what_finds_a_bug(
    cases: dict[str, Trace],
    monkeypatch: pytest.MonkeyPatch,
    verdict: Verdict,
    is_mild: bool,
    is_found: bool,
    is_goals: bool,
) -> None:
    played = Played(monkeypatch)
    played.verdicts = {GOAL: verdict}
    assert bool(look(is_goals, is_mild).cases) is is_found


def test_a_plain_good_case_is_played_in_steps_too(
    cases: dict[str, Trace], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What shows in every case is charged to it, with a requirement that it need not prove."""
    cases[PLAIN] = replace(by_id(PLAIN), proves=())
    played = Played(monkeypatch)
    look()
    assert played.ids.count(PLAIN) == 3


def test_a_case_without_verdict_ends_the_search(
    cases: dict[str, Trace], monkeypatch: pytest.MonkeyPatch
) -> None:
    played = Played(monkeypatch)
    played.verdicts = {STEP: Verdict.ERROR}
    assert look().fault == f"the case {STEP} has no verdict: because"


def test_a_client_is_played(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = tuple(by_id(name) for name in (STEP, PLAIN))
    monkeypatch.setattr(search, "_cases", lambda: made)
    client = f"cmd:{shlex.join(POP3_DRIVER)} upper-digest"
    request = Request(client, (DIGEST,), ("pop3",))
    assert search.search(request).cases == {STEP: DIGEST, PLAIN: DIGEST}
    assert search.search(replace(request, is_goals=True)).cases == {PLAIN: DIGEST}


def detection(steps: Found, goals: Found, hidden: str = "", fault: str = "") -> Detection:
    return Detection(replace(BUG, goals=hidden), {Grain.STEPS: steps, Grain.GOALS: goals}, fault)


TWO, ONE, NONE = Found({"a": DIGEST, "b": DIGEST}), Found({"a": DIGEST}), Found()


@pytest.mark.parametrize(
    ("found", "line"),
    [
        (detection(TWO, ONE), "found     pop3-x: steps a b; goals a alone"),
        (detection(TWO, NONE, "it is hidden"), "found     pop3-x: steps a b; goals cannot show it"),
        (detection(TWO, NONE), "goals: no case finds it"),
        (detection(NONE, TWO), "steps: no case finds it"),
        (detection(TWO, ONE, "it is hidden"), "it shows in a, so its line `goals` is wrong"),
        (detection(TWO, Found(fault="no time")), "goals: no time"),
        (detection(TWO, TWO, fault="the compiler notices it"), "the compiler notices it"),
    ],
)
def test_a_bug_is_one_sentence_or_says_what_is_missing(found: Detection, line: str) -> None:
    printed = bug_lines.sentence(found)
    assert line in printed
    is_right = all(found.is_right(grain) for grain in Grain)
    assert printed.startswith("found" if is_right else "NOT FOUND")
    assert is_right or printed.endswith("strength --bugs pop3-x")


def test_both_columns_and_thin_cover_end_the_output() -> None:
    found = [detection(TWO, ONE), detection(ONE, NONE, "it is hidden"), detection(TWO, NONE)]
    assert bug_lines.summary(found).splitlines() == [
        "strength: 3 seeded bugs: 3 login",
        "strength: steps: 3 of 3 bugs found; 1 by one case alone:",
        "  pop3-x: a",
        "strength: goals: 1 of 2 bugs found (1 cannot show in goals); 1 by one case alone:",
        "  pop3-x: a",
    ]


def test_the_results_are_plain() -> None:
    row = detection(ONE, NONE, "it is hidden").to_dict()
    assert row["steps"]["cases"] == [{"id": "a", "found_by": DIGEST}]
    assert row["goals"]["cases"] == [] and row["cannot_show_in_goals"] == "it is hidden"
