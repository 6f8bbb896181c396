"""The server answers what an RFC lets a client send beyond its trace, and nothing else."""

from __future__ import annotations

import pytest

from fake_servers.finding import NOTHING
from fake_servers.log import Kind
from fake_servers.test.scripted.free_talk import (
    ANYWHERE,
    EHLO,
    HELLO_REPLY,
    HELP,
    MAILBOX,
    NEXT,
    NOOP,
    SMTP,
    head,
    infos,
    lead_to,
    say,
    saying,
    timeline,
)
from fake_servers.test.scripted.scripted_client import Act, Client, play

GUESSED_CAPA = ("CAPA\r\n", "+OK\r\nUSER\r\n.\r\n")
FREE = [
    *(("smtp", state, each) for state in SMTP for each in ANYWHERE),
    *(("smtp", state, each) for state in list(SMTP)[1:] for each in (HELP, EHLO)),
    ("smtp", "GREETED", ("HELP\r\n", "502 not implemented\r\n")),
    ("pop3", "AUTHORIZATION", GUESSED_CAPA),
    ("pop3", "TRANSACTION", GUESSED_CAPA),
    *(("pop3", "TRANSACTION", each) for each in MAILBOX),
]
MAILDROP = (
    "A: pop3.stat\nC: STAT\nS: +OK 2 320\nR: ok\nA: pop3.list\nC: LIST 1\nS: +OK 1 120\nR: ok\n"
)


@pytest.mark.parametrize("protocol, state, extra", FREE)
@pytest.mark.parametrize("variant", ["whole", "octets"])
def test_a_free_command_is_answered_noted_and_passed_over(
    protocol: str, state: str, extra: tuple[str, str], variant: str
) -> None:
    """In place of the next line, and within a call whose lines are all played."""
    before, after = lead_to(protocol, state), [NEXT[state]]
    mailbox = MAILDROP if protocol == "pop3" and state == "TRANSACTION" else ""
    more: list[Act] = []
    acts: list[Act] = [saying(*before, extra), saying(extra, *after)]
    if mailbox:
        more = [saying(("STAT\r\n", "+OK 2 320\r\n")), saying(("LIST 1\r\n", "+OK 1 120\r\n"))]
    played = play(
        timeline(before) + timeline(after)[:-6] + "R: ok\n" + mailbox,
        *acts,
        *more,
        variant=variant,
        head=head(protocol),
    )
    word = extra[0].removesuffix("\r\n")
    assert infos(played) == [word, word]
    notes = [each for each in played.log if each.kind is Kind.NOTE]
    assert [each.data["extra"] for each in notes] == [word.split()[0].upper()] * 2
    assert "section" in played.findings[0].reason
    assert {each.advice for each in played.findings} == {state == "GREETED"}


BAD = [
    ("smtp", "GREETED", "EHLO c.example\r\n"),  # no repetition, and not the name that is wanted
    ("smtp", "READY", "EHLO \r\n"),
    ("smtp", "READY", "EHLO a b\r\n"),
    ("smtp", "READY", "RSET now\r\n"),
    ("smtp", "READY", "NOOP\n"),
    ("smtp", "READY", "VRFY\r\n"),
    ("smtp", "READY", "LHLO c.example\r\n"),
    ("smtp", "READY", "HELO c.example\r\n"),
    ("smtp", "READY", "DATA\r\n"),
    ("smtp", "READY", "NOOP " + "x" * 600 + "\r\n"),
    ("smtp", "READY", "NOOP \x00\r\n"),
    ("pop3", "AUTHORIZATION", "NOOP\r\n"),
    ("pop3", "AUTHORIZATION", "STAT\r\n"),
    ("pop3", "AUTHORIZATION", "LIST\r\n"),
    ("pop3", "AUTHORIZATION", "RSET\r\n"),
    ("pop3", "TRANSACTION", "STAT \r\n"),
    ("pop3", "TRANSACTION", "RETR 1\r\n"),
    ("pop3", "TRANSACTION", "LIST 0\r\n"),
    ("pop3", "TRANSACTION", "NOOP x\r\n"),
    ("pop3", "TRANSACTION", "CAPA\n"),
]


@pytest.mark.parametrize("protocol, state, extra", BAD)
def test_what_is_not_free_is_a_difference(protocol: str, state: str, extra: str) -> None:
    """In place of a line, and where the trace has no line."""
    before, after = lead_to(protocol, state), [NEXT[state]]

    def late(client: Client) -> None:
        saying(*before)(client)
        client.say(extra.encode())
        client.hear_end()

    (finding,) = play(timeline(before), late, head=head(protocol)).findings
    assert (finding.info, finding.expected) == (False, NOTHING)
    whole = timeline(before) + timeline(after)
    wrong = [saying(*before), lambda client: client.say(extra.encode())]
    (finding,) = play(whole, *wrong, head=head(protocol)).findings
    assert not finding.info and finding.line > whole.count("\n", 0, whole.index("R: ok"))


PLACES: dict[str, tuple[str, str, list[str], str]] = {
    "before the greeting": ("smtp", "A: smtp.connect\nC: MAIL\nS: 220 ok\nR: ok\n", [], "NOOP"),
    "after a refused greeting": (
        "smtp",
        "A: smtp.connect\nS: 554 no\nR: refused\n",
        ["554 no"],
        "NOOP",
    ),
    "after a refused POP3 greeting": (
        "pop3",
        "A: x.y\nS: -ERR no\nR: refused\n",
        ["-ERR no"],
        "CAPA",
    ),
    "after 421": (
        "smtp",
        "A: x.y\nS: 220 s\nC: EHLO c\nS: 421 bye\nR: refused\n",
        ["220 s", "EHLO c", "421 bye"],
        "NOOP",
    ),
    "in AUTH": (
        "smtp",
        "A: x.y\nS: 220 s\nC: AUTH LOGIN\nS: 334 x\nC: YQ==\nS: 235 ok\nR: ok\n",
        ["220 s", "AUTH LOGIN", "334 x"],
        "NOOP",
    ),
    "in AUTH of POP3": (
        "pop3",
        "A: x.y\nS: +OK\nC: AUTH LOGIN\nS: + x\nC: YQ==\nS: +OK\nR: ok\n",
        ["+OK", "AUTH LOGIN", "+ x"],
        "CAPA",
    ),
    "in a message": (
        "smtp",
        "A: x.y\nS: 220 s\nC: DATA\nS: 354 go\nC: one\nC: .\nS: 250 ok\nR: ok\n",
        ["220 s", "DATA", "354 go"],
        "RSET",
    ),
    "in a chunk": (
        "smtp",
        "A: x.y\nS: 220 s\nC: BDAT 20\nC| 01234567890123456789\nS: 250 ok\nR: ok\n",
        ["220 s", "BDAT 20"],
        "RSET",
    ),
    "where TLS begins": (
        "smtp",
        "A: x.y\nS: 220 s\nC: STARTTLS\nS: 220 go\n= starttls\nR: ok\n",
        ["220 s", "STARTTLS", "220 go"],
        "NOOP",
    ),
    "in place of the handshake": (
        "smtp",
        "A: x.y\nS: 220 s\nC: STARTTLS\nS: 220 go\n= starttls expired\nR: protocol-error\n",
        ["220 s", "STARTTLS", "220 go"],
        "QUIT",
    ),
    "in one group with AUTH": (
        "smtp",
        "A: x.y\nS: 220 s\nC: AUTH LOGIN\nC: YQ==\nS: 334 x\nR: ok\n",
        ["220 s", "AUTH LOGIN"],
        "NOOP",
    ),
    "before a reply, without PIPELINING": (
        "smtp",
        "A: x.y\nS: 220 s\nC: MAIL FROM:<>\nC: RCPT TO:<a@b>\nS: 250 ok\nS: 250 ok\nR: ok\n",
        ["220 s", "MAIL FROM:<>"],
        "NOOP",
    ),
    "with marks to delete": (
        "pop3",
        "A: x.y\nS: +OK\nC: APOP a b\nS: +OK\nC: DELE 1\nS: +OK\nC: QUIT\nS: +OK\nR: ok\n",
        ["+OK", "APOP a b", "+OK", "DELE 1", "+OK"],
        "RSET",
    ),
    "after a refused chunk": (
        "smtp",
        "A: x.y\nS: 220 s\nC: BDAT 2\nC| 12\nS: 552 no\nR: refused\n",
        ["220 s", "BDAT 2"],
        "NOOP",
    ),
    "after the server's silence": (
        "smtp",
        "A: x.y\nS: 220 s\nC: NOOP\n= silence\nR: timeout\n",
        ["220 s", "NOOP"],
        "RSET",
    ),
}


@pytest.mark.parametrize("place", PLACES)
def test_nothing_is_free_in_this_place(place: str) -> None:
    """The same command is free at other points."""
    protocol, text, lines, extra = PLACES[place]

    def act(client: Client) -> None:
        for line in lines:
            if line[:3].isdigit() or line[0] in "+-":
                client.hear(f"{line}\r\n".encode())
            else:
                client.say(f"{line}\r\n".encode())
        client.say(f"{extra}\r\n".encode())

    findings = play(text, act, head=head(protocol)).findings
    assert [(each.info, each.actual[: len(extra)]) for each in findings] == [(False, extra)]
