"""junit.xml, summary.md, results.sarif and the end of a run on a terminal."""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest

from conformance.report import junit, results, sarif, summary, terminal
from conformance.report.text import location, mark_column, printable
from conformance.test.report import report_example as example

ROOT = Path(__file__).parents[3]


@pytest.fixture(name="found")
def _found() -> dict[str, Any]:
    return results.build(example.runs(), example.context())


def xmllint(*args: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("xmllint")
    assert program is not None, "xmllint is missing: install libxml2-utils"
    command = [program, "--noout", *args]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


def test_the_junit_schema_accepts_it(found: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "junit.xml"
    file.write_text(junit.render(found), encoding="utf-8")
    done = xmllint("--schema", str(Path(__file__).parent / "junit.xsd"), str(file))
    assert done.returncode == 0, done.stderr


def test_the_junit_schema_refuses_a_test_with_two_results(tmp_path: Path) -> None:
    file = tmp_path / "junit.xml"
    file.write_text(
        "<testsuites><testsuite id='0' package='p' name='n' timestamp='2026-01-01T00:00:00'"
        " hostname='h' tests='1' failures='1' errors='1' skipped='0' time='0'><properties/>"
        "<testcase classname='c' name='n' time='0'><error type='t'/><failure type='t'/></testcase>"
        "<system-out/><system-err/></testsuite></testsuites>",
        encoding="utf-8",
    )
    assert xmllint("--schema", str(Path(__file__).parent / "junit.xsd"), str(file)).returncode != 0


def test_junit_counts_as_pytest_does(found: dict[str, Any]) -> None:
    root = ElementTree.fromstring(junit.render(found))
    outcomes = {
        test.get("name"): [child.tag for child in test] for test in root.iterfind(".//testcase")
    }
    assert outcomes["pop3.good[whole]"] == []
    assert outcomes["pop3.digest[octets]"] == ["failure"]
    assert outcomes["smtp.known[whole]"] == ["skipped"]
    assert outcomes["smtp.untold/rcpt/251[whole]"] == ["skipped"]
    assert outcomes["smtp.broken[whole]"] == ["error"]
    totals = {
        name: sum(int(suite.get(name, "")) for suite in root)
        for name in ("tests", "failures", "errors", "skipped")
    }
    assert totals == {"tests": 9, "failures": 2, "errors": 1, "skipped": 2}


def test_junit_tells_where_and_what(found: dict[str, Any]) -> None:
    root = ElementTree.fromstring(junit.render(found))
    failure = root.find(".//testcase[@name='pop3.digest[octets]']/failure")
    assert failure is not None and failure.text is not None
    assert "pop3/example.trace:12" in failure.text
    assert "RFC1939-7-APOP-01" in failure.text


def test_the_terminal_marks_the_octet_and_names_the_command(found: dict[str, Any]) -> None:
    lines = terminal.summary(found).split("\n")
    at = lines.index("    pop3/example.trace:12".removeprefix("  "))
    assert lines[at + 1 : at + 4] == [
        r"  expected  APOP a 0f\r\n",
        r"  actual    APOP a 0F\r\n",
        "                   ^ octet 7",
    ]
    assert "  again: ./mailspec run pop3.digest --variant octets --seed 7" in lines


def test_the_terminal_ends_with_counts_and_the_verdict(found: dict[str, Any]) -> None:
    counted = [
        "6 cases in 8 runs: 1 ERROR, 1 CRASH, 2 FAIL, 1 NON-STRICT, 1 PASS",
        "2 requirements: 1 FAIL, 1 NON-STRICT",
        "moves: 2 of 4 rows of the state machines taken",
    ]
    states = (
        "states: 0 pairs of state and event refused, 1 pair of moves in succession,"
        " moves as on the wire in 0 of 0 runs"
    )
    for verbose in (False, True):
        printed = terminal.summary(found, out_dir="reports", verbose=verbose).splitlines()
        wanted = [*counted, *([states] if verbose else []), "report: reports/index.html", ""]
        assert printed[-1 - len(wanted) : -1] == wanted
        assert printed[-1].startswith("ERROR: 3 of 5 judged cases fail (1 known), ")


def test_the_terminal_lists_failures_behind_the_tree_and_the_worst_first(
    found: dict[str, Any],
) -> None:
    text = terminal.summary(found, verbose=True)
    places = [text.index(f"\n{head}") for head in ("RFC 1939", "ERROR smtp", "CRASH smtp", "FAIL")]
    assert places == sorted(places)
    assert "FAIL 1/2 pop3.digest [octets]" in text


def test_only_a_terminal_gets_colours(found: dict[str, Any]) -> None:
    assert "\x1b" not in terminal.summary(found)
    assert "\x1b[31mCRASH\x1b[0m" in terminal.summary(found, colour=True)
    assert "\x1b[31m\r" not in terminal.summary(found, colour=True)


def test_markdown_takes_nothing_from_the_wire_as_its_own(found: dict[str, Any]) -> None:
    text = summary.render(found)
    assert "<script" not in text.replace(r"\<script", "")
    assert "| all | 6 |" in text and "UNSUPPORTED" not in text
    seconds = [row["seconds"] for row in found["cases"]]
    assert f"; median {statistics.median(seconds) * 1000:.1f} ms a case and variant" in text
    assert "### FAIL 1/2: pop3.digest" in text
    assert "smtp.legal" not in text


def test_sarif_has_the_failures_alone(found: dict[str, Any]) -> None:
    log = json.loads(sarif.render(found))
    (run,) = log["runs"]
    rows = {row["partialFingerprints"]["mailspecCase/v1"]: row for row in run["results"]}
    assert sorted(rows) == ["pop3.digest", "smtp.broken", "smtp.evil", "smtp.known"]
    digest = rows["pop3.digest"]
    assert run["tool"]["driver"]["rules"][digest["ruleIndex"]]["id"] == "RFC1939-7-APOP-01"
    place = digest["locations"][0]["physicalLocation"]
    assert place["region"] == {"startLine": 12}
    assert place["artifactLocation"] == {"uri": "pop3/example.trace"}


@pytest.mark.parametrize(
    ("notation", "octet", "column"),
    [
        ("APOP", 0, 0),
        ("APOP", 4, 4),
        ("APOP", 9, 4),
        (r"a\x00b", 1, 1),
        (r"a\x00b", 2, 5),
        (r"\r\nb", 2, 4),
        ("äb", 1, 0),
        ("äb", 2, 1),
        ("$$b", 1, 2),
    ],
)
def test_the_mark_counts_octets_and_not_characters(notation: str, octet: int, column: int) -> None:
    assert mark_column(notation, octet) == column


def test_printable_keeps_text_and_takes_control_characters() -> None:
    assert printable("a\n\x1b[1mé\x00\u2028") == "a\n\\x1B[1mé\\x00\\u2028"


def test_a_trace_is_named_so_that_an_editor_opens_it() -> None:
    file = next((ROOT / "traces").rglob("*.trace")).relative_to(ROOT / "traces").as_posix()
    assert location(file, 12) == f"traces/{file}:12"
    assert location("mine.trace", 12) == "mine.trace:12"
    assert location(f"../traces/{file}", 3) == f"../traces/{file}:3"
    assert location("/elsewhere/mine.trace", 0) == "/elsewhere/mine.trace"
