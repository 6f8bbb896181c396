"""The models load, are connected, and answer with the explicit row before the wildcard."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.model.table import ENDS, PROTOCOLS, ModelError, Row, load, read


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_state_can_be_reached_and_left(protocol: str) -> None:
    model = load(protocol)
    entered = {row.next for row in model.rows}
    left = {row.state for row in model.rows}
    assert model.states - entered == {"START"}
    assert model.states - left == ENDS


def test_successor_of_an_explicit_row() -> None:
    row = load("pop3").successor("WAIT_APOP", "REPLY_OK")
    assert row == Row("WAIT_APOP", "REPLY_OK", "TRANSACTION", "RFC 1939 section 7")


@pytest.mark.parametrize("state", ["WAIT_GREETING", "AUTHORIZATION", "IN_RETR"])
def test_a_wildcard_row_holds_in_every_live_state(state: str) -> None:
    row = load("pop3").successor(state, "EOF")
    assert row is not None
    assert row.next == "FAILED"


@pytest.mark.parametrize("state", ["START", "CLOSED", "FAILED", "NOWHERE"])
def test_no_wildcard_before_the_start_after_the_end_or_nowhere(state: str) -> None:
    assert load("smtp").successor(state, "REPLY_421") is None


def test_what_is_not_listed_has_no_successor() -> None:
    assert load("pop3").successor("AUTHORIZATION", "CMD_RETR") is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("state\tevent\n", "header"),
        ("state\tevent\tnext\trfc\nA\tB\tC\n", "x.tsv:2"),
        ("state\tevent\tnext\trfc\nA\tB\tC\tR\nA\tB\tD\tR\n", "A B has two rows"),
    ],
)
def test_a_broken_table_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "x.tsv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ModelError, match=message):
        read("x", path)
