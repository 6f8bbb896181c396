"""Which octets a scripted server accepts as the line that its trace expects."""

from __future__ import annotations

import pytest

from fake_servers.log import Kind
from fake_servers.test.scripted.scripted_client import (
    GREETING,
    HEAD,
    NOOP,
    Client,
    greeted,
    noop,
    play,
)


@pytest.mark.parametrize(
    "expected, sent, at",
    [
        ("NOOP", b"noop\r\n", 0),
        ("MAIL FROM:<a@b.c> SIZE=1", b"MAIL From:<a@b.c> SIZE=1\r\n", 6),
        ("RCPT TO:<a@b.c> NOTIFY=NEVER", b"RCPT TO:<a@b.c> Notify=NEVER\r\n", 17),
        ("AUTH PLAIN =", b"AUTH plain =\r\n", 5),
        ("EHLO Box.example", b"EHLO box.example\r\n", 5),
        ("MAIL FROM:<a@b.c>", b"MAIL FROM:<a@B.c>\r\n", 13),
        ("MAIL FROM:<a@bü.c> SIZE=1", b"MAIL FROM:<a@xn--b-eha.c> SIZE=1\r\n", 13),
        ('RCPT TO:<"a"@b.c>', b"RCPT TO:<a@b.c>\r\n", 9),
        ("MAIL FROM:<a@b.c> RET=FULL SIZE=1", b"MAIL FROM:<a@b.c> SIZE=1 RET=FULL\r\n", 18),
    ],
)
def test_case_of_a_keyword_is_info(expected: str, sent: bytes, at: int) -> None:
    """RFC 5321 section 2.4: the session goes on."""

    def act(client: Client) -> None:
        client.say(sent)
        client.hear(b"+OK\r\n")

    played = play(GREETING + f"A: pop3.noop\nC: {expected}\nS: +OK\nR: ok\n", greeted, act)
    (finding,) = played.findings
    assert (finding.info, finding.line, finding.octet) == (True, 9, at)


@pytest.mark.parametrize(
    "expected, sent, at",
    [
        ("MAIL FROM:<a@b.c>", b"MAIL FROM:<A@b.c>\r\n", 11),
        ("MAIL FROM:<a@bü.c>", b"MAIL FROM:<A@xn--b-eha.c>\r\n", 11),
        ('RCPT TO:<"a"@b.c>', b"RCPT TO:<b@b.c>\r\n", 9),
        ("MAIL FROM:<a@b.c> BODY=7BIT", b"MAIL FROM:<a@b.c> BODY=7bit\r\n", 24),
        ("AUTH PLAIN AbC=", b"AUTH PLAIN abC=\r\n", 11),
        ("APOP u c4c9", b"APOP u C4C9\r\n", 7),
        ("USER Joe", b"USER joe\r\n", 5),
    ],
)
def test_case_of_a_value_is_a_difference(expected: str, sent: bytes, at: int) -> None:
    """Lines compare octet by octet unless an RFC says that case does not matter."""
    timeline = GREETING + f"A: pop3.noop\nC: {expected}\nR: ok\n"
    (finding,) = play(timeline, greeted, lambda client: client.say(sent)).findings
    assert (finding.info, finding.line, finding.octet) == (False, 9, at)


def test_cuts_begin_at_a_place() -> None:
    again = NOOP.replace("A:", "= deliver octets\nA:")
    played = play(GREETING + NOOP + again, greeted, noop, noop)
    assert played.findings == []
    assert [len(e.octets) for e in played.log if e.kind is Kind.TX][1:] == [5, 1, 1, 1, 1, 1]


def test_message_and_response_lines_compare_octet_by_octet() -> None:
    """A message line that looks like a verb is not a command, nor is a response in base64."""

    def in_data(client: Client) -> None:
        client.say(b"DATA\r\n")
        client.hear(b"354 go\r\n")
        client.say(b"noop\r\n.\r\n")

    timeline = GREETING + "A: smtp.data\nC: DATA\nS: 354 go\nC: NOOP\nC: .\nS: 250 OK\nR: ok\n"
    (finding,) = play(timeline, greeted, in_data).findings
    assert (finding.info, finding.line, finding.octet) == (False, 11, 0)

    def challenged(client: Client) -> None:
        client.say(b"AUTH LOGIN\r\n")
        client.hear(b"334 x\r\n")
        client.say(b"noop\r\n")

    timeline = GREETING + "A: smtp.auth\nC: AUTH LOGIN\nS: 334 x\nC: NOOP\nS: 235 OK\nR: ok\n"
    (finding,) = play(timeline, greeted, challenged).findings
    assert (finding.info, finding.line) == (False, 11)


def test_a_free_name_is_bound_and_then_compared() -> None:
    """`$name` takes what comes first and expects the same afterwards."""
    timeline = (
        GREETING + "A: smtp.ehlo\nC: EHLO $me\nS: 250 hello $me\nR: ok\n"
        "A: smtp.helo\nC: HELO $me\nR: ok\n"
    )

    def ehlo(client: Client) -> None:
        client.say(b"EHLO box\r\n")
        client.hear(b"250 hello box\r\n")

    good = play(timeline, greeted, ehlo, lambda client: client.say(b"HELO box\r\n"))
    assert good.findings == []
    (finding,) = play(timeline, greeted, ehlo, lambda client: client.say(b"HELO bag\r\n")).findings
    assert (finding.line, finding.octet, finding.expected) == (13, 6, "HELO box\\r\\n")


OPTIONAL = GREETING + "A: pop3.quit\nopt {\n  C: NOOP\n  S: +OK\n}\nC: QUIT\nS: +OK bye\nR: ok\n"


def leave(client: Client) -> None:
    """QUIT and its answer."""
    client.say(b"QUIT\r\n")
    client.hear(b"+OK bye\r\n")


def test_opt_may_come_or_not() -> None:
    """Both branches are right; `taken` says which one the client took."""
    assert play(OPTIONAL, greeted, leave).server.taken == set()

    def both(client: Client) -> None:
        noop(client)
        leave(client)

    played = play(OPTIONAL, greeted, both)
    assert (played.findings, played.server.taken) == ([], {10})


def test_alt_takes_one_of_its_branches() -> None:
    """The branch is known by its first C: line; another line is a difference."""
    timeline = (
        GREETING + "A: pop3.stat\nalt {\n  C: STAT\n  S: +OK 0 0\n} {\n  C: LIST\n  S: +OK\n"
        "  S: .\n}\nR: ok\n"
    )

    def listing(client: Client) -> None:
        client.say(b"LIST\r\n")
        client.hear(b"+OK\r\n.\r\n")

    played = play(timeline, greeted, listing)
    assert (played.findings, played.server.taken) == ([], {13})
    (finding,) = play(timeline, greeted, lambda client: client.say(b"LAST\r\n")).findings
    assert (finding.line, finding.octet, finding.expected) == (13, 1, "LIST\\r\\n")


def test_any_takes_its_exchanges_in_each_order() -> None:
    """Each exchange once."""
    timeline = (
        GREETING + "A: smtp.send\nany {\n  C: RCPT TO:<a>\n  S: 250 a\n  C: RCPT TO:<b>\n"
        "  S: 250 b\n}\nR: ok\n"
    )

    def backwards(client: Client) -> None:
        for name in (b"b", b"a"):
            client.say(b"RCPT TO:<%s>\r\n" % name)
            client.hear(b"250 %s\r\n" % name)

    assert play(timeline, greeted, backwards).findings == []

    def twice(client: Client) -> None:
        client.say(b"RCPT TO:<a>\r\nRCPT TO:<a>\r\n")
        client.hear(b"250 a\r\n")

    (finding,) = play(timeline, greeted, twice).findings
    assert (finding.line, finding.octet) == (12, 9)


def test_replies_to_what_came_together_leave_together_where_the_variant_says_so() -> None:
    """What is held back leaves before the caller goes on, and before the server waits."""
    timeline = GREETING + "A: pop3.batch\nC: NOOP\nS: +OK 1\nC: NOOP\nS: +OK 2\nR: ok\n" + NOOP

    def batch(client: Client) -> None:
        client.say(b"NOOP\r\nNOOP\r\n")
        assert client.sock.recv(100) == b"+OK 1\r\n+OK 2\r\n"

    played = play(timeline, greeted, batch, noop, variant="coalesced")
    assert played.findings == []
    sent = [event for event in played.log if event.kind is Kind.TX]
    assert [event.line for event in sent] == [6, 10, 12, 16]


def test_the_verb_of_raw_octets_is_free_too() -> None:
    """In a `C|` line the case of the verb does not matter either; that of its argument does."""
    timeline = GREETING + "A: pop3.user\nC| PASS a\\x20\\r\\n\nR: ok\n"
    (finding,) = play(timeline, greeted, lambda client: client.say(b"pass a \r\n")).findings
    assert finding.info
    (finding,) = play(timeline, greeted, lambda client: client.say(b"PASS A \r\n")).findings
    assert not finding.info


def test_quotes_that_are_not_needed_are_against_a_should() -> None:
    """RFC 5321 section 4.1.2; a trace that names both forms takes the one that came."""
    timeline = GREETING + "A: smtp.rcpt\nC: RCPT TO:<a@b.c>\nR: ok\n"
    (finding,) = play(timeline, greeted, lambda c: c.say(b'RCPT TO:<"a"@b.c>\r\n')).findings
    assert finding.info and finding.advice
    both = 'alt {\nC: RCPT TO:<a@b.c>\nS: 250 OK\n} {\nC: RCPT TO:<"a"@b.c>\nS: 250 OK\n}\n'
    timeline = GREETING + f"A: smtp.rcpt\n{both}R: ok\n"
    (finding,) = play(timeline, greeted, lambda c: c.say(b'rcpt to:<"a"@b.c>\r\n')).findings
    assert finding.info and not finding.advice


@pytest.mark.parametrize("given, whole", [("", True), (' greeting="+OK ready"', False)])
def test_cuts_begin_behind_a_usual_prelude(given: str, whole: bool) -> None:
    octets = b"+OK ready\r\n" if given else b"+OK POP3 server ready\r\n"
    head = HEAD + f"begin: greeted{given}\n"
    played = play(NOOP, lambda client: client.hear(octets), noop, variant="octets", head=head)
    assert played.findings == []
    sent = [len(event.octets) for event in played.log if event.kind is Kind.TX]
    assert sent == ([len(octets)] if whole else [1] * len(octets)) + [1] * len("+OK\r\n")
