"""Linear traces as JSON vectors: what a replay reads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from conformance import cli, paths
from conformance.catalogue import everything
from conformance.run import exit_status
from conformance.vectors import vectors
from fake_servers.trace.parser import parse_text
from fake_servers.trace.syntax import Trace

HEAD = "id: pop3.noop.example\ntitle: An example\n"


def _trace(text: str) -> Trace:
    return parse_text(HEAD + "\n" + text, Path("example.trace"))


def _vector(text: str, seed: int = 1) -> dict[str, Any]:
    made = vectors([_trace(text)], seed)
    assert made["left_out"] == []
    vector: dict[str, Any] = made["vectors"][0]
    return vector


def _steps(text: str, seed: int = 1) -> list[dict[str, Any]]:
    steps: list[dict[str, Any]] = _vector(text, seed)["paths"][0]["steps"]
    return steps


def test_every_linear_trace_fits_the_schema() -> None:
    """All of the suite's own linear traces are exported, and the file is what the schema says."""
    schema = json.loads((paths.PACKAGE / "vectors.schema.json").read_text("utf-8"))
    made = vectors(everything(), 7)
    jsonschema.Draft202012Validator(schema).validate(made)
    linear = {trace.id for trace in everything() if trace.items}
    named = [each["id"] for each in (*made["vectors"], *made["left_out"])]
    assert set(named) == linear and len(named) == len(linear)


def test_the_commands_that_a_case_is_about_are_told() -> None:
    """A replay that leaves other commands to the client knows which not to."""
    talk = "A: pop3.noop\nC: NOOP\nS: +OK\nR: ok\n"
    assert _vector(talk)["strict"] == []
    made = vectors([parse_text(HEAD + "strict: RSET NOOP\n\n" + talk, Path("one.trace"))], 1)
    assert made["vectors"][0]["strict"] == ["RSET", "NOOP"]


def test_a_number_from_2_to_63_goes_as_its_digits() -> None:
    """As a driver answers it: a reader in C may have no larger integer."""
    stat = "A: pop3.stat\nC: STAT\nS: +OK 1 {0}\nR: ok octets={0} items=[[1, {0}]]\n"
    for number, shown in ((2**63 - 1, 2**63 - 1), (2**63, "9223372036854775808")):
        result = _steps(stat.format(number))[-1]["result"]
        assert result["value"] == {"octets": shown, "items": [[1, shown]]}


def test_a_call_and_its_result_are_lines_of_the_driver_protocol() -> None:
    """Arguments are typed as the driver gets them, octets that are no text go as base64."""
    steps = _steps('A: pop3.user user=7 secret="\\xff"\nC: USER 7\nS: +OK\nR: refused n=2\n')
    assert steps[0] == {"call": {"op": "pop3.user", "user": "7", "secret_b64": "/w=="}}
    assert steps[1:3] == [{"expect": "USER 7\r\n"}, {"send": "+OK\r\n"}]
    assert steps[3] == {"result": {"outcomes": ["auth-failed", "refused"], "value": {"n": 2}}}


def test_values_of_one_outcome_are_told_apart() -> None:
    """`outcomes` still has all of them; the values stand with theirs."""
    steps = _steps("A: pop3.stat\nC: STAT\nS: +OK 1 2\nR: ok count=1 | failed|timeout\n")
    assert steps[3]["result"] == {
        "outcomes": ["failed", "ok", "timeout"],
        "value": {},
        "alternatives": [
            {"outcomes": ["ok"], "value": {"count": 1}},
            {"outcomes": ["failed", "timeout"], "value": {}},
        ],
    }


def test_a_cut_shortens_the_next_line_only() -> None:
    """`= cut N` is resolved: what the server sends is what stands in the vector."""
    steps = _steps("A: pop3.noop\nC: NOOP\n= cut 2\nS: +OK\nS: +OK\n= close\nR: ok\n")
    assert steps[2:5] == [{"send": "+O"}, {"send": "+OK\r\n"}, {"end": "close"}]


def test_octets_that_time_parts_are_not_cuttable() -> None:
    """Where a pause stood, a cut would decide what the client does first."""
    talk = "A: pop3.noop\nC: NOOP\nS: +OK\n{}S: +OK\nR: ok\n"
    assert _vector(talk.format(""))["cuttable"] is True
    assert _vector(talk.format("= pause 50\n"))["cuttable"] is False


def test_groups_become_ways() -> None:
    """Each branch of `alt`, with and without `opt`, and each order of `any` is a path."""
    alternatives = "alt {\nC: A\nT: X Y Z\n} {\nC: B\n}\nopt {\nC: C\n}\n"
    ways = _vector("A: pop3.noop\n" + alternatives + "R: ok\n")["paths"]
    sent = [[s["expect"] for s in way["steps"] if "expect" in s] for way in ways]
    assert sent == [["A\r\n", "C\r\n"], ["A\r\n"], ["B\r\n", "C\r\n"], ["B\r\n"]]
    assert [way["moves"] for way in ways] == [[["X", "Y", "Z"]], [["X", "Y", "Z"]], [], []]
    orders = _vector("A: pop3.noop\nany {\nC: A\nS: 1\nC: B\nS: 2\n}\nR: ok\n")["paths"]
    assert [way["steps"][1] for way in orders] == [{"expect": "A\r\n"}, {"expect": "B\r\n"}]


GREETED = "A: pop3.connect\nS: +OK ready\nR: ok\n"
AUTHORIZED = ["START CONNECTED WAIT_GREETING", "WAIT_GREETING GREETING_OK AUTHORIZATION"]


def _moves(text: str) -> tuple[bool, list[str]]:
    made = _vector(text)
    return made["moves_all"], [" ".join(move) for move in made["paths"][0]["moves"]]


def test_moves_that_no_line_lists_are_predicted() -> None:
    assert _moves(GREETED) == (True, AUTHORIZED)


def test_moves_on_which_the_outcomes_part_are_left_out() -> None:
    """The octets leave the client its choice: only what it does in either case is promised."""
    text = GREETED + "A: pop3.quit\nC: QUIT\n= close\nR: ok|protocol-error|timeout\n"
    assert _moves(text.replace("|protocol-error|timeout", "")) == (
        True,
        [*AUTHORIZED, "AUTHORIZATION CMD_QUIT WAIT_QUIT", "WAIT_QUIT EOF FAILED"],
    )
    late = "A: pop3.connect\nS: +ok ready\nR: ok|protocol-error\n"
    assert _moves(late) == (False, AUTHORIZED[:1])


def test_lines_that_say_more_than_the_model_stand() -> None:
    text = (
        "A: pop3.connect\nT: START CONNECTED WAIT_GREETING\nS: +ok ready\n{}R: ok|protocol-error\n"
    )
    listed = "WAIT_GREETING BAD_REPLY FAILED"
    assert _moves(text.format(f"T: {listed}\n")) == (False, [AUTHORIZED[0], listed])


def test_a_move_that_the_model_forbids_is_not_promised() -> None:
    text = GREETED + "A: pop3.stat\nC: STAT\nS: -ERR no\nR: refused\n"
    assert _moves(text) == (False, AUTHORIZED)


def test_drawn_values_depend_on_the_seed_alone() -> None:
    """The same seed gives the same vectors, another seed other drawn values."""
    text = "A: pop3.noop\nC: NOOP\nS: +OK ${random X 20}\nR: ok\n"
    assert _steps(text, 1) == _steps(text, 1)
    assert _steps(text, 1) != _steps(text, 2)


def test_a_value_that_only_the_client_knows_leaves_the_trace_out() -> None:
    """What the client chooses cannot stand in a vector; the reason is given."""
    made = vectors([_trace("A: pop3.noop\nC: NOOP $word\nS: +OK\nR: ok\n")], 1)
    assert made["vectors"] == []
    assert made["left_out"] == [{"id": "pop3.noop.example", "reason": "$word has no value yet"}]


def test_the_command_writes_the_same_file_twice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`mailspec export` is deterministic and says what it wrote."""
    first, second = tmp_path / "1.json", tmp_path / "2.json"
    for path in (first, second):
        command = ["export", "pop3.apop.*", "--seed", "3", "--out", str(path)]
        assert cli.main(command) == exit_status.OK
        assert " vectors, 0 traces left out, seed 3" in capsys.readouterr().out
    assert first.read_bytes() == second.read_bytes()
    assert json.loads(first.read_bytes())["seed"] == 3
