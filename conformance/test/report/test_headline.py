"""The verdict of a run in one word and one sentence, and what is folded away below it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conformance.report import headline, html, results, summary, terminal
from conformance.test.report import report_example as example
from conformance.verdict import MISSING, CaseRun, Verdict


def run(name: str, verdict: Verdict, variant: str = "whole", *missing: str) -> CaseRun:
    details = {MISSING: list(missing)} if missing else {}
    return CaseRun(f"smtp.{name}", variant, verdict, reason="it does", details=details)


def lacking(name: str, *missing: str) -> CaseRun:
    return run(name, Verdict.UNSUPPORTED, "whole", *missing)


def built(*runs: CaseRun, known: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    """The results of runs of which those that fail are unexpected unless they are known."""
    bad = (Verdict.FAIL, Verdict.CRASH, Verdict.HANG, Verdict.ERROR)
    unexpected = frozenset(
        (each.id, each.variant)
        for each in runs
        if each.verdict in bad and each.id not in {f"smtp.{name}" for name in known}
    )
    return results.build(runs, replace(example.context(), unexpected=unexpected, **more))


FAILING = run("bad", Verdict.FAIL)
GOOD = run("good", Verdict.PASS)
CLAIMLESS = lacking("more", "smtp.dsn")


@pytest.mark.parametrize(
    ("runs", "known", "text"),
    [
        ((GOOD,), (), "PASS: 0 of 1 judged case fails"),
        ((GOOD, run("b", Verdict.INFO)), (), "PASS: 0 of 2 judged cases fail"),
        ((GOOD, run("b", Verdict.NON_STRICT)), (), "PASS: 0 of 2 judged cases fail"),
        (
            (GOOD, FAILING, CLAIMLESS),
            (),
            "FAIL: 1 of 2 judged cases fails, 1 needs features that it does not claim",
        ),
        (
            (FAILING, run("c", Verdict.HANG), CLAIMLESS, lacking("d", "steps")),
            (),
            "FAIL: 2 of 2 judged cases fail, 2 need features that it does not claim",
        ),
        ((GOOD, FAILING), ("bad",), "AS EXPECTED: 1 of 2 judged cases fails (known)"),
        (
            (FAILING, run("c", Verdict.CRASH)),
            ("bad", "c"),
            "AS EXPECTED: 2 of 2 judged cases fail (all known)",
        ),
        ((FAILING, run("c", Verdict.CRASH)), ("bad",), "FAIL: 2 of 2 judged cases fail (1 known)"),
        ((GOOD, run("c", Verdict.ERROR)), (), "ERROR: 0 of 1 judged case fails, 1 ends in ERROR"),
        (
            (GOOD, run("c", Verdict.INCONCLUSIVE), run("d", Verdict.UNSUPPORTED)),
            (),
            "PASS: 0 of 1 judged case fails, 1 cannot be put to it, 1 is inconclusive",
        ),
        (
            (CLAIMLESS,),
            (),
            "NOTHING JUDGED: 0 of 0 judged cases fail, 1 needs features that it does not claim",
        ),
    ],
)
def test_the_verdict_is_over_what_the_client_supports(
    runs: tuple[CaseRun, ...], known: tuple[str, ...], text: str
) -> None:
    found = built(*runs, known=known)
    assert headline.of(found).text == text
    assert terminal.summary(found).endswith(f"\n\n{text}\n")
    assert text.split(": ")[1] in summary.render(found)


def test_a_case_counts_once_by_the_worst_of_its_variants() -> None:
    found = built(replace(GOOD, variant="octets"), run("good", Verdict.FAIL), CLAIMLESS)
    assert found["score"] == {"judged": 1, "good": 0}


def test_strict_counts_what_is_legal_but_unwise() -> None:
    runs = (GOOD, run("b", Verdict.NON_STRICT))
    assert built(*runs)["score"] == {"judged": 2, "good": 2}
    assert built(*runs, strict=True)["score"] == {"judged": 2, "good": 1}


def test_a_run_that_was_ended_early_is_no_pass() -> None:
    found = built(GOOD, interrupted=True)
    assert headline.of(found).word == "INTERRUPTED"


def test_a_case_that_passes_against_expectation_is_told() -> None:
    context = replace(example.context(), unexpected=frozenset({(GOOD.id, "whole")}))
    text = headline.of(results.build([GOOD, CLAIMLESS], context)).text
    assert text == (
        "FAIL: 0 of 1 judged case fails, 1 differs from what was expected,"
        " 1 needs features that it does not claim"
    )


def test_a_baseline_decides_on_the_word() -> None:
    found = built(FAILING, GOOD)
    assert headline.of(found, worse=0).text == (
        "PASS: nothing is worse than in the baseline; 1 of 2 judged cases fails"
    )
    assert headline.of(found, worse=1).text == (
        "FAIL: 1 change for the worse; 1 of 2 judged cases fails"
    )


LACKING = (
    lacking("a", "steps"),
    lacking("b", "steps"),
    lacking("c", "steps", "smtp.dsn"),
    lacking("d", "smtp.dsn"),
    lacking("e", "smtp.dsn", "smtp.size"),
)


def test_features_are_told_by_what_each_would_unlock() -> None:
    found = [(each.feature, each.alone, each.needed) for each in headline.unlocks(built(*LACKING))]
    assert found == [("steps", 2, 3), ("smtp.dsn", 1, 3), ("smtp.size", 0, 1)]


def test_the_terminal_folds_what_the_client_does_not_claim(tmp_path: Path) -> None:
    found = built(GOOD, *LACKING)
    printed = terminal.summary(found, out_dir="reports").splitlines()
    assert printed[3:] == [
        "1 case in 1 run: 1 PASS",
        "features not claimed: steps would add 2 cases, smtp.dsn 1;"
        " 2 more cases need two or more of these features",
        "moves: 0 of 4 rows of the state machines taken",
        "report: reports/index.html",
        "",
        "PASS: 0 of 1 judged case fails, 5 need features that it does not claim",
    ]
    html.write(tmp_path, found)
    page = (tmp_path / "index.html").read_text("utf-8")
    listed, _, folded = page.partition('<details id="unsupported">')
    assert "smtp.<wbr>good" in listed and "smtp.<wbr>e" not in listed
    assert "5 cases that this client does not support" in folded and "smtp.<wbr>e" in folded
    assert "PASS</b>" in listed and "0 of 1 judged case fails" in listed


def test_many_features_are_one_line() -> None:
    found = built(GOOD, *(lacking(f"c{n}", f"smtp.f{n}") for n in range(40)))
    (line,) = [one for one in terminal.summary(found).splitlines() if "not claimed" in one]
    assert line.count("smtp.f") == 5 and line.endswith(", and 35 features more")


def test_only_a_terminal_gets_the_verdict_in_colour() -> None:
    text = terminal.summary(built(FAILING), colour=True).splitlines()[-1]
    assert text.startswith("\x1b[1;7;31m FAIL \x1b[0m 1 of 1 judged case fails")
