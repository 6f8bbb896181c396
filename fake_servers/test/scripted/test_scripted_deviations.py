"""A scripted server goes on after a line that can only mean the one that its trace expects."""

from __future__ import annotations

import time

import pytest

from fake_servers.test.scripted.scripted_client import (
    GREETING,
    NOOP,
    Act,
    Client,
    greeted,
    noop,
    play,
)

HEAD = "id: smtp.test.one\ntitle: one\ntimeout: 100\n"
ALT = "alt {\nC: STAT\nS: +OK 1 2\n} {\nC: LIST\nS: +OK\nS: .\n}\n"
OPT = "opt {\nC: CAPA\nS: +OK\nS: .\n}\nC: STAT\nS: +OK 1 2\n"
ANY = "any {\nC: STAT\nS: +OK 1 2\nC: LIST 1\nS: +OK 1 2\n}\n"


def says(*pairs: tuple[bytes, bytes]) -> Act:
    """What a client says and hears in one call."""

    def act(client: Client) -> None:
        for said, heard in pairs:
            client.say(said)
            client.hear(heard)

    return act


@pytest.mark.parametrize(
    ("group", "pairs", "line"),
    [
        (ALT, [(b"LIST \r\n", b"+OK\r\n.\r\n")], 13),
        (OPT, [(b"STAT x\r\n", b"+OK 1 2\r\n")], 14),
        (OPT, [(b"CAPA \r\n", b"+OK\r\n.\r\n"), (b"STAT\r\n", b"+OK 1 2\r\n")], 10),
        (ANY, [(b"LIST 01\r\n", b"+OK 1 2\r\n"), (b"STAT\r\n", b"+OK 1 2\r\n")], 12),
    ],
)
def test_a_group_takes_the_branch_that_is_meant(
    group: str, pairs: list[tuple[bytes, bytes]], line: int
) -> None:
    timeline = GREETING + f"A: pop3.stat\n{group}R: ok\n" + NOOP
    played = play(timeline, greeted, says(*pairs), noop)
    (finding,) = played.findings
    assert (finding.line, finding.goes_on, finding.info) == (line, True, False)


def test_a_line_that_comes_in_pieces_is_taken_whole() -> None:
    def slowly(client: Client) -> None:
        for octets in (b"NO", b"OP", b" ", b"\r", b"\n"):
            client.say(octets)
            time.sleep(0.01)
        client.hear(b"+OK\r\n")

    played = play(GREETING + NOOP + NOOP, greeted, slowly, noop)
    (finding,) = played.findings
    assert (finding.reason, finding.actual) == ("the client sends a blank too many", "NOOP \\r\\n")


def test_a_message_is_read_to_its_dot_whatever_is_in_it() -> None:
    def data(client: Client) -> None:
        client.say(b"DATA\r\n")
        client.hear(b"354 go\r\n")
        client.say(b"uno\r\ntwo\r\nthree\r\n.\r\n")
        client.hear(b"250 ok\r\n")

    message = "A: smtp.data\nC: DATA\nS: 354 go\nC: one\nC: two\nC: .\nS: 250 ok\nR: ok\n"
    more = "A: smtp.noop\nC: NOOP\nS: +OK\nR: ok\n"
    played = play(GREETING.replace("pop3", "smtp") + message + more, greeted, data, noop, head=HEAD)
    (finding,) = played.findings
    assert (finding.line, finding.actual, finding.octet) == (11, "uno\\r\\n", 0)


def test_a_line_that_never_ends_is_no_deviation() -> None:
    played = play(GREETING + NOOP, greeted, lambda client: client.say(b"NOOP "))
    (finding,) = played.findings
    assert not finding.goes_on and finding.actual == "NOOP "
