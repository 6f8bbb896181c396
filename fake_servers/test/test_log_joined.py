"""Pieces of one write become one event again, and nothing else changes."""

from __future__ import annotations

import json

from fake_servers.log import EventLog, Kind, joined


def log_of(*events: tuple[Kind, int, bytes]) -> EventLog:
    log = EventLog()
    for kind, connection, octets in events:
        log.append(kind, connection=connection, octets=octets, line=3)
    return log


def test_only_neighbours_of_one_connection_are_joined() -> None:
    log = log_of(
        (Kind.TX, 1, b"+"),
        (Kind.TX, 1, b"OK\r\n"),
        (Kind.RX, 1, b"QUIT"),
        (Kind.RX, 1, b"\r\n"),
        (Kind.TX, 1, b"a"),
        (Kind.TX, 2, b"b"),
        (Kind.TX, 1, b"c"),
        (Kind.NOTE, 1, b""),
        (Kind.TX, 1, b"d"),
    )
    found = [(event.seq, event.connection, event.octets) for event in joined(log)]
    assert found == [
        (1, 1, b"+OK\r\n"),
        (2, 1, b"QUIT"),
        (3, 1, b"\r\n"),
        (4, 1, b"a"),
        (5, 2, b"b"),
        (6, 1, b"c"),
        (7, 1, b""),
        (8, 1, b"d"),
    ]


def test_each_event_is_one_line_of_json_by_either_way() -> None:
    log = log_of((Kind.TX, 1, b'"\\\r\n\x00\x7f'), (Kind.TX, 1, b"\xff"), (Kind.RX, 1, b"\x00\r\n"))
    rows = [json.loads(event.to_json()) for event in log]
    assert [row.get("octets") for row in rows] == ['"\\\r\n\x00\x7f', None, "\x00\r\n"]
    assert rows[1]["octets_b64"] == "/w=="
    assert all((row["line"], row["connection"]) == (3, 1) for row in rows)
    assert [list(row) for row in rows] == [sorted(row) for row in rows]
