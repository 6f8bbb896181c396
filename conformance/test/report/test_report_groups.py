"""Failures by first cause, long values, and what must never reach a terminal."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conformance.cli import main
from conformance.excerpt import NOTATION_MAX, shorten, window, without_numbers
from conformance.report import html, junit, results, sarif, summary, terminal
from conformance.report.text import mark_column
from conformance.test.report import report_example as example
from conformance.test.small_cases import POP3_DRIVER
from conformance.verdict import AS_IN, CAUSE, CaseRun, Difference, Verdict

WIDEST = 2000
"""No line of a report is longer; a results.json has a line for each case."""


def failing(name: str, cause: str, verdict: Verdict = Verdict.FAIL, **more: Any) -> CaseRun:
    return CaseRun(
        f"smtp.{name}", "whole", verdict, reason=f"{cause} 7", details={CAUSE: cause, **more}
    )


def built(*runs: CaseRun) -> dict[str, Any]:
    unexpected = frozenset((run.id, run.variant) for run in runs if run.verdict is Verdict.FAIL)
    return results.build(runs, replace(example.context(), unexpected=unexpected))


def test_one_cause_is_one_group_and_the_plain_good_case_is_its_first() -> None:
    found = built(
        failing("a", "too long"),
        failing("goal.send", "an empty line"),
        failing("goal.other", "an empty line"),
        failing("goal.dots", "as in", Verdict.INFO, as_in="smtp.goal.send"),
        failing("free", "another case", Verdict.INFO),
        failing("z", "it dies", Verdict.CRASH),
        CaseRun("smtp.good", "whole", Verdict.PASS),
    )
    assert found["groups"] == [
        {"cause": "it dies", "first": "smtp.z", "cases": ["smtp.z"]},
        {
            "cause": "an empty line",
            "first": "smtp.goal.send",
            "cases": ["smtp.goal.dots", "smtp.goal.other", "smtp.goal.send"],
        },
        {"cause": "too long", "first": "smtp.a", "cases": ["smtp.a"]},
    ]
    assert AS_IN == "as_in"


def test_a_case_is_in_the_group_of_its_worst_variant() -> None:
    milder = replace(failing("a", "mild", Verdict.NON_STRICT), variant="crlf")
    (group,) = built(failing("a", "bad"), milder)["groups"]
    assert group["cause"] == "bad"


def test_each_report_has_the_groups(tmp_path: Path) -> None:
    found = built(*(failing(name, "one cause") for name in "abcde"), failing("x", "another"))
    printed = terminal.summary(found)
    assert "failures by first cause:\n  FAIL smtp.a and 4 more\n    one cause\n" in printed
    assert printed.count("again:") == 0 and printed.count("\nFAIL smtp.") == 2
    assert "4 failures more: -v shows each" in printed
    assert terminal.summary(found, verbose=True).count("\nFAIL smtp.") == 6
    assert "| one cause | smtp.a | 5 |" in summary.render(found)
    html.write(tmp_path, found)
    page = (tmp_path / "index.html").read_text("utf-8")
    assert page.index("Failures by first cause") < page.index("one cause") < page.index("<h2>Cases")


def test_a_run_that_passes_is_a_screen() -> None:
    found = built(*(CaseRun(f"smtp.case-{n}", "whole", Verdict.PASS) for n in range(500)))
    assert len(terminal.summary(found, out_dir="reports").splitlines()) < 12


def test_known_failures_among_many_are_told_by_cause_alone() -> None:
    runs = [failing(name, "as ever") for name in "abcdef"]
    context = replace(example.context(), expected={run.id: Verdict.FAIL for run in runs})
    printed = terminal.summary(results.build(runs, replace(context, unexpected=frozenset())))
    assert "FAIL smtp.a and 5 more, as expected" in printed
    assert "\nFAIL smtp." not in printed and "\n6 failures: -v shows each" in printed


def test_many_causes_are_bounded() -> None:
    found = built(*(failing(f"case-{n}", f"cause {n}") for n in range(300)))
    assert len(terminal.summary(found).splitlines()) < 60


@pytest.mark.parametrize(
    ("piece", "at", "odd"),
    [
        ("x", 69_000, r"\r\n"),
        (r"\\", 39_999, "y"),
        ("$$", 500, "(end)"),
        (r"\xff", 29_000, r"\x00" + "a" * 5000),
        ("e", 900, "f"),
        ("b", 0, "c" * 70_000),
    ],
    ids=["plain", "backslashes", "dollars", "escapes", "short", "at-once"],
)
def test_a_long_value_is_cut_around_the_octet_that_differs(piece: str, at: int, odd: str) -> None:
    expected, actual = piece * 70_000, piece * at + odd
    shown = window(expected, actual, at)
    assert max(len(shown.expected), len(shown.actual)) <= NOTATION_MAX + 100
    mark = at if shown.mark is None else shown.mark
    column = mark_column(shown.actual, mark)
    assert shown.actual[column : column + 4] == (odd + "[")[:4].split("[")[0]
    assert shown.actual[:column].endswith(piece * min(at, 20))
    assert "octets cut]" in shown.expected
    again = window(shown.expected, shown.actual, mark)
    assert (again.expected, again.actual) == (shown.expected, shown.actual)


def test_a_short_value_is_left_as_it_is() -> None:
    assert window("a" * 400, "b", 0) == window("a" * 400, "b", 0)
    assert window("a" * 400, "b", 0).expected == "a" * 400
    assert shorten("a" * 1000) == "a" * 1000
    assert re.fullmatch(r"a{75} \[900 characters cut\] b{25}", shorten("a" * 500 + "b" * 500, 100))
    assert len(shorten("a" * 70_000)) < 1100 and "[69000 characters cut]" in shorten("a" * 70_000)


LONG = """\
id:      pop3.capa.long
title:   A word of 70,000 octets
proves:  RFC1939-3-RESP-01
needs:   pop3 pop3.apop
variants: not octets crlf: it is long

A: pop3.connect
S: +OK <1@x>
R: ok
A: pop3.apop user=mrose secret=tanstaaf
C: APOP mrose ${apop <1@x> tanstaaf}
S: +OK
R: ok reply=${repeat a 70000}
"""


def reports(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".jsonl")


def test_no_report_prints_a_long_value_whole(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "long.trace"
    file.write_text(LONG, "utf-8")
    out = tmp_path / "out"
    words = ["run", "--subject", f"cmd:{shlex.join(POP3_DRIVER)}", "--out", str(out), str(file)]
    assert main(words) == 1
    printed = capsys.readouterr().out
    assert "octets cut]" in printed and max(map(len, printed.splitlines())) < WIDEST
    for path in reports(out):
        assert "a" * 1000 not in path.read_text("utf-8"), path.name


EVIL = "\x1b]0;mine\x07\x9b31m\u202e\udcff\x00\r\n<b>"
UNSAFE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]")


def test_no_report_passes_a_control_character_on(tmp_path: Path) -> None:
    run = CaseRun(
        "smtp.evil",
        "whole",
        Verdict.FAIL,
        reason=EVIL,
        difference=Difference(f"{EVIL}.trace", 3, 1, EVIL, EVIL),
        title=EVIL,
        file=f"{EVIL}.trace",
        rerun=EVIL,
        stderr=EVIL,
        details={CAUSE: EVIL},
    )
    context = replace(
        example.context(),
        subject_name=EVIL,
        subject_version=EVIL,
        variants_left_out={"ipv6": EVIL},
        unexpected=frozenset({("smtp.evil", "whole")}),
        table_error=EVIL,
    )
    found = json.loads(results.dumps(results.build([run, failing("b", "x")], context)))
    (tmp_path / "results.json").write_text(results.dumps(found), "utf-8")
    for name, render in (
        ("x.xml", junit.render),
        ("x.md", summary.render),
        ("x.sarif", sarif.render),
    ):
        (tmp_path / name).write_text(render(found), "utf-8")
    for verbose in (False, True):
        (tmp_path / f"{verbose}.txt").write_text(terminal.summary(found, verbose=verbose), "utf-8")
    html.write(tmp_path, found)
    for path in reports(tmp_path):
        text = path.read_bytes().decode("utf-8")
        assert not UNSAFE.search(text), (path.name, UNSAFE.search(text))


def test_no_unexpected_failure_hides_behind_an_expected_one() -> None:
    """It is shown though its cause has a first case that is as expected, and a larger group."""
    known = [
        failing(name, cause) for cause in ("one", "two") for name in (f"{cause}-a", f"{cause}-b")
    ]
    many = [failing(f"case-{n}-{m}", f"cause {n}") for n in range(7) for m in range(2)]
    news = [failing("one-z", "one"), failing("zzz", "a cause of its own")]
    expected = {run.id: Verdict.FAIL for run in (*known, *many)}
    unexpected = frozenset((run.id, run.variant) for run in news)
    context = replace(example.context(), expected=expected, unexpected=unexpected)
    found = results.build([*known, *many, *news], context)
    printed = terminal.summary(found)
    assert "\nFAIL smtp.one-z [whole]" in printed and "\nFAIL smtp.zzz [whole]" in printed
    assert "  FAIL smtp.one-z and 2 more, 2 as expected\n    one\n" in printed
    assert "  FAIL smtp.zzz\n" in printed and "FAIL smtp.two-a and 1 more, as expected" in printed
    assert printed.index("  FAIL smtp.zzz\n") < printed.index("as expected\n    two")


def test_a_number_in_a_cause_reads_as_one() -> None:
    """Names and references keep their digits."""
    run = CaseRun("smtp.a", "whole", Verdict.HANG, reason="did not finish within 12.5 s, twice 7")
    assert built(run)["groups"][0]["cause"] == "did not finish within N s, twice N"
    for kept in ("pop3.user gives unsupported", "RFC 1939 section 7", "no TLSv1.2", "id=a1"):
        assert without_numbers(f"at 3: {kept}") == f"at N: {kept}"
