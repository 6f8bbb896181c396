"""A row that only the model or only the client has is named."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.model.agreement import compare
from conformance.model.table import PROTOCOLS, load


@dataclass(frozen=True)
class Row:
    """A row of a client's table."""

    state: str
    event: str
    next: str
    internal: bool = False


def same() -> dict[str, list[Row]]:
    """The table of a client that has just the model's rows."""
    return {p: [Row(r.state, r.event, r.next) for r in load(p).rows] for p in PROTOCOLS}


def test_the_same_rows_agree() -> None:
    assert compare(same()).whole


def test_rows_of_one_side_are_named() -> None:
    tables = same()
    tables["pop3"].remove(Row("WAIT_STAT", "REPLY_ERR", "TRANSACTION"))
    tables["smtp"].append(Row("READY", "CMD_TURN", "WAIT_TURN"))
    agreement = compare(tables)
    assert agreement.sentences() == [
        "only the model has: pop3 WAIT_STAT REPLY_ERR TRANSACTION",
        "only the client has: smtp READY CMD_TURN WAIT_TURN",
    ]
    assert not agreement.whole


def test_a_row_that_leads_elsewhere_is_named_on_both_sides() -> None:
    tables = same()
    tables["pop3"].remove(Row("WAIT_STAT", "REPLY_ERR", "TRANSACTION"))
    tables["pop3"].append(Row("WAIT_STAT", "REPLY_ERR", "FAILED"))
    agreement = compare(tables)
    assert (len(agreement.only_model), len(agreement.only_client)) == (1, 1)


def test_internal_rows_are_the_clients_own() -> None:
    tables = same()
    tables["smtp"].append(Row("X", "Y", "Z", internal=True))
    assert compare(tables).whole


def test_a_missing_protocol_is_missing_rows() -> None:
    tables = {"pop3": same()["pop3"]}
    assert {row[0] for row in compare(tables).only_model} == {"smtp"}
