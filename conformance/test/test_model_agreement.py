"""A row that only the model or only the client has is named."""

from __future__ import annotations

import pytest

from conformance.model.agreement import COLUMNS, TableError, compare, parse
from conformance.model.table import PROTOCOLS, load

HEADER = "\t".join(COLUMNS)


def printed() -> list[str]:
    """The model as a client with just these rows would print it."""
    return [
        "\t".join([protocol, row.state, row.event, "DO", row.next, row.rfc, "0"])
        for protocol in PROTOCOLS
        for row in load(protocol).rows
    ]


def test_the_same_rows_agree() -> None:
    assert compare(parse("\n".join([HEADER, *printed()]))).whole


def test_rows_of_one_side_are_named() -> None:
    rows = [row for row in printed() if not row.startswith("pop3\tWAIT_STAT\tREPLY_ERR")]
    rows.append("smtp\tREADY\tCMD_EXPN\tDO\tWAIT_EXPN\tRFC 5321\t0")
    agreement = compare(parse("\n".join([HEADER, *rows])))
    assert agreement.sentences() == [
        "only the model has: pop3 WAIT_STAT REPLY_ERR TRANSACTION",
        "only the client has: smtp READY CMD_EXPN WAIT_EXPN",
    ]
    assert not agreement.whole


def test_internal_rows_are_the_clients_own() -> None:
    rows = [*printed(), "pop3\tX\tY\tDO\tZ\tR\t1"]
    assert compare(parse("\n".join([HEADER, *rows]))).whole


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1"),
        ("a\tb", "line 1"),
        (HEADER + "\npop3\tA", "line 2: a row has 7 columns"),
        (HEADER + "\nimap\tA\tB\tC\tD\tE\t0", "line 2: unknown protocol"),
    ],
)
def test_what_is_no_table_is_refused(text: str, message: str) -> None:
    with pytest.raises(TableError, match=message):
        parse(text)
