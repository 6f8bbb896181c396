"""results.json: its schema, its order, its counts, its moves."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import jsonschema
import pytest

from conformance.report import results
from conformance.subject.table import parse_table
from conformance.test.report import report_example as example
from conformance.verdict import CaseRun, Verdict

SCHEMA = json.loads((Path(__file__).parents[2] / "results.schema.json").read_text("utf-8"))


def test_the_schema_accepts_it_and_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    found = json.loads(results.dumps(results.build(example.runs(), example.context())))
    jsonschema.Draft202012Validator(SCHEMA).validate(found)


@pytest.mark.parametrize("bad", [{"log": "/tmp/x.jsonl"}, {"verdict": "OK"}, {"seconds": -1}])
def test_the_schema_refuses(bad: dict[str, object]) -> None:
    found = results.build(example.runs(), example.context())
    found["cases"][0].update(bad)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(SCHEMA).validate(found)


def test_the_order_of_the_runs_does_not_matter() -> None:
    forth = results.dumps(results.build(example.runs(), example.context()))
    back = results.dumps(results.build(example.runs()[::-1], example.context()))
    assert forth == back


def test_a_case_counts_once_by_its_worst_variant() -> None:
    counts = results.build(example.runs(), example.context())["counts"]
    judged = {verdict: count for verdict, count in counts.items() if count}
    assert judged == {
        "ERROR": 1,
        "CRASH": 1,
        "FAIL": 2,
        "NON-STRICT": 1,
        "PASS": 1,
        "UNSUPPORTED": 1,
    }


def test_a_requirement_has_the_worst_verdict_of_its_cases() -> None:
    rows = results.build(example.runs(), example.context())["requirements"]
    judged = [(row["id"], row["verdict"], row["cases"]) for row in rows]
    assert judged == [
        ("RFC1939-3-CMD-01", "NON-STRICT", ["smtp.legal"]),
        ("RFC1939-7-APOP-01", "FAIL", ["pop3.digest"]),
    ]


def test_a_move_takes_its_own_row_or_that_of_any_state() -> None:
    machines = results.build(example.runs(), example.context())["transitions"]
    assert machines["pop3"]["hit"] == [0, 2]
    assert machines["pop3"]["rows"][2]["cases"] == ["pop3.good"]
    assert machines["pop3"]["pairs"]["taken"] == [["START", "CONNECTED"], ["WAIT_GREETING", "EOF"]]
    assert machines["smtp"]["hit"] == []


def test_without_a_table_there_are_no_transitions() -> None:
    context = dataclasses.replace(example.context(), tables=None)
    assert results.build(example.runs(), context)["transitions"] == {}


def test_what_is_known_and_what_is_unexpected_stands_with_the_case() -> None:
    cases = results.build(example.runs(), example.context())["cases"]
    judged = {(c["id"], c["variant"]): (c["expected"], c["unexpected"]) for c in cases}
    assert judged["smtp.known", "whole"] == ("FAIL", False)
    assert judged["pop3.digest", "octets"] == (None, True)
    assert judged["pop3.digest", "whole"] == (None, False)


def test_no_path_of_this_machine_gets_in(tmp_path: Path) -> None:
    context = dataclasses.replace(example.context(), out_dir_name=tmp_path)
    here = Path(__file__).resolve()
    run = CaseRun(
        "pop3.x", "whole", Verdict.ERROR, reason=f"{here} said no", stderr=f"{tmp_path}/a: no"
    )
    text = results.dumps(results.build([run], context))
    assert str(here.parent) not in text and str(tmp_path) not in text
    assert "conformance/test/report/test_report_results.py said no" in text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1"),
        ("state\tevent", "line 1"),
        (example.TABLE + "\npop3\tA\tB", "line 6"),
        (example.TABLE[:-1] + "2", "line 5"),
    ],
)
def test_a_table_that_is_none_is_refused_with_its_line(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_table(text)


def test_the_version_is_that_of_the_project() -> None:
    project = (Path(__file__).parents[3] / "pyproject.toml").read_text("utf-8")
    assert f'version = "{results.suite_version()}"' in project
