"""The log of a case as a file: bounded, and it says where it was cut."""

from __future__ import annotations

import json

import pytest

from fake_servers.log import FILE_LIMIT, LONG, EventLog, Kind


def test_a_log_within_the_bound_is_whole() -> None:
    log = EventLog()
    log.append(Kind.RX, connection=1, octets=b"x" * LONG * 4)
    (row,) = map(json.loads, log.to_lines().splitlines())
    assert row["octets"] == "x" * LONG * 4


@pytest.mark.parametrize("octets", [b"x" * 40_000, b"\x01" * 700, b"\xff" * 65_536])
def test_a_long_log_keeps_its_ends_and_says_what_is_missing(octets: bytes) -> None:
    log = EventLog()
    for _ in range(2000):
        log.append(Kind.RX, connection=1, octets=octets)
    log.append(Kind.RETURN, data={"outcome": "ok", "value": {"data_b64": "A" * 4_000_000}})
    text = log.to_lines()
    assert FILE_LIMIT // 2 < len(text) <= FILE_LIMIT
    rows = [json.loads(line) for line in text.splitlines()]
    assert rows[0]["seq"] == 0 and rows[-1]["seq"] == 2000
    (note,) = [row for row in rows if row["kind"] == "note"]
    assert note["data"]["text"].startswith("the log is cut here: ")
    assert rows[-1]["data"]["outcome"] == "ok"


def test_half_a_surrogate_pair_breaks_no_log() -> None:
    log = EventLog()
    log.append(Kind.NOTE, data={"text": "\ud800"})
    assert json.loads(log.to_lines())["data"]["text"] == "\ud800"
