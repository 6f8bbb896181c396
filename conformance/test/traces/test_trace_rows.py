"""Cases that are made from rows and preludes: where a failure is said to be, and what runs it again."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from conformance import catalogue, paths
from conformance.cli import main
from conformance.lint import lint
from conformance.run import select
from conformance.test.small_cases import POP3_DRIVER

GOOD = f"cmd:{shlex.join(POP3_DRIVER)}"

TABLE = """\
id:      pop3.mine.stat-{id}
title:   STAT tells {count} messages
proves:  RFC1939-5-STAT-01
needs:   pop3 pop3.apop
begin:   greeted greeting="+OK ready <1896.697170952@dbc.mtview.ca.us>"

A: pop3.apop user=mrose secret=tanstaaf
C: APOP mrose c4c9334bac560ecc979e58001b3e22fb
S: +OK
R: ok
A: pop3.stat
C: STAT
S: +OK 2 320
R: ok count={count}

rows:
| id    | count |
| right | 2     |
| wrong | 3     |
"""


@pytest.fixture
def table(tmp_path: Path) -> str:
    file = tmp_path / "mine.trace"
    file.write_text(TABLE, "utf-8")
    return str(file)


def run(out: Path, *words: str) -> tuple[int, dict[str, Any]]:
    words = ("run", "--seed", "1", "--out", str(out), "--variant", "whole", *words)
    status = main([*words, "--subject", GOOD])
    results = json.loads((out / "results.json").read_text())
    schema = json.loads((paths.PACKAGE / "results.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator(schema).validate(results)
    return status, {row["id"]: row for row in results["cases"]}


def test_a_failure_names_the_line_of_the_timeline_and_that_of_the_row(
    table: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, cases = run(tmp_path / "out", table)
    assert status == 1
    assert cases["pop3.mine.stat-right"]["verdict"] == "PASS"
    wrong = cases["pop3.mine.stat-wrong"]
    assert (wrong["difference"]["line"], wrong["difference"]["row"]) == (14, 19)
    told = capsys.readouterr().out
    assert "mine.trace:14, row at line 19\n" in told
    assert "mine.trace::pop3.mine.stat-wrong --variant whole" in told
    for name in ("summary.md", "index.html", "results.sarif", "junit.xml"):
        assert (tmp_path / "out" / name).is_file()
    assert "row at line 19" in (tmp_path / "out" / "results.sarif").read_text("utf-8")
    page = tmp_path / "out" / "cases" / "pop3.mine.stat-wrong.html"
    assert "row at line 19" in page.read_text("utf-8")


def test_a_case_without_a_row_has_none_in_its_difference(tmp_path: Path) -> None:
    text = TABLE[: TABLE.index("rows:")].replace("{id}", "x").replace("{count}", "3")
    (tmp_path / "one.trace").write_text(text, "utf-8")
    _, cases = run(tmp_path / "out", str(tmp_path / "one.trace"))
    assert "row" not in cases["pop3.mine.stat-x"]["difference"]


def test_the_event_log_has_the_lines_of_the_file(table: str, tmp_path: Path) -> None:
    _, cases = run(tmp_path / "out", table)
    log = tmp_path / "out" / cases["pop3.mine.stat-wrong"]["log"]
    events = map(json.loads, log.read_text("utf-8").splitlines())
    lines = [event["line"] for event in events if "line" in event]
    assert set(lines) == {5, 7, 8, 9, 11, 12, 13}


def test_what_runs_it_again_runs_this_case_alone(table: str, tmp_path: Path) -> None:
    status, cases = run(tmp_path / "out", f"{table}::pop3.mine.stat-wrong")
    assert (status, list(cases)) == (1, ["pop3.mine.stat-wrong"])
    assert [trace.id for trace in select.select([f"{table}::*right"])] == ["pop3.mine.stat-right"]
    with pytest.raises(select.NothingSelected, match="has no case 'absent'; its cases are pop3"):
        select.select([f"{table}::absent"])


def test_cases_of_one_file_are_played_in_several_processes(table: str, tmp_path: Path) -> None:
    _, cases = run(tmp_path / "out", table, "-j", "2")
    assert [case["verdict"] for case in cases.values()] == ["PASS", "FAIL"]


def test_some_cases_of_a_file_are_played_in_several_processes(table: str, tmp_path: Path) -> None:
    _, cases = run(tmp_path / "out", f"{table}::*right", f"{table}::*wrong", "-j", "2")
    assert [case["verdict"] for case in cases.values()] == ["PASS", "FAIL"]


def test_list_names_the_row_of_a_case(table: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "--json", table]) == 0
    assert [case["line"] for case in json.loads(capsys.readouterr().out)["cases"]] == [18, 19]


def test_a_fault_that_all_rows_share_is_named_once(table: str) -> None:
    text = TABLE.replace("proves:  RFC1939-5-STAT-01", "proves:  ABSENT-1").replace("| 3 ", "| x")
    Path(table).write_text(text, "utf-8")
    assert [(problem.line, problem.message) for problem in lint([Path(table)])] == [
        (3, "the register has no such requirement; row at line 18"),
    ]


def test_a_file_of_ones_own_with_a_broken_row_is_refused(
    table: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(table).write_text(TABLE.replace("pop3.stat\n", "pop3.stats\n"), "utf-8")
    assert main(["run", table]) == 2
    assert "mine.trace:11: there is no such op; row at line 18" in capsys.readouterr().err


def test_a_broken_file_leaves_the_ids_of_all_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The completion of a shell has no place for a message."""
    (tmp_path / "good.trace").write_text(TABLE, "utf-8")
    (tmp_path / "bad.trace").write_text(TABLE.replace("| 3 ", ""), "utf-8")
    monkeypatch.setattr(paths, "traces", lambda: tmp_path)
    assert catalogue.ids() == ["pop3.mine.stat-right", "pop3.mine.stat-wrong"]


def test_an_id_is_found_without_reading_all_files() -> None:
    select.read.cache_clear()
    assert select.by_id("pop3.apop.rfc1939-login").id == "pop3.apop.rfc1939-login"
    assert select.read.cache_info().currsize < 5
