"""Free commands in groups, in their turn and at the end of a session."""

from __future__ import annotations

import socket
import time

import pytest

from fake_servers.finding import END
from fake_servers.scripted.extras.freedom import EXTRAS_MAX
from fake_servers.test.scripted.free_talk import (
    ANYWHERE,
    EHLO,
    NEXT,
    NOOP,
    SMTP_HEAD,
    STATES,
    VARIANTS,
    head,
    infos,
    lead_to,
    say,
    saying,
    timeline,
)
from fake_servers.test.scripted.scripted_client import Client, nothing, play


@pytest.mark.parametrize("strict", ["NOOP", "RSET NOOP", "all"])
def test_a_case_about_the_command_fails_by_it(strict: str) -> None:
    """In place of a line, and where no line expects anything; other commands stay free."""
    before = lead_to("smtp", "READY")
    act = saying(*before, ("VRFY b\r\n", ANYWHERE[3][1])) if strict != "all" else saying(*before)

    def late(client: Client) -> None:
        act(client)
        client.say(b"NOOP\r\n")

    played = play(timeline(before), late, head=head("smtp", strict))
    broken = [each for each in played.findings if not each.info]
    assert [(each.actual, each.reason) for each in broken] == [
        ("NOOP\\r\\n", "the client sends octets that no C: line expects")
    ]
    assert len(played.findings) == (1 if strict == "all" else 2)


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_reply_to_a_command_in_a_group_comes_in_its_turn(variant: str) -> None:
    """Replies to free commands go between the replies that the trace sends in one write."""
    group = (
        "C: MAIL FROM:<a@c.example>\nC: RCPT TO:<b@s.example>\nC: RCPT TO:<c@s.example>\n"
        "S: 250 mail\nS: 550-no\nS: 550 b\nS: 250 c\n"
    )
    text = timeline(lead_to("smtp", "READY")) + f"A: smtp.send\n{group}R: ok\n"

    def send(client: Client) -> None:
        client.say(
            b"RSET\r\nMAIL FROM:<a@c.example>\r\nRSET\r\nRCPT TO:<b@s.example>\r\n"
            b"RCPT TO:<c@s.example>\r\nNOOP\r\n"
        )
        client.hear(
            b"250 reset\r\n250 mail\r\n250 reset\r\n550-no\r\n550 b\r\n250 c\r\n250 done\r\n"
        )

    played = play(text, saying(*lead_to("smtp", "READY")), send, head=SMTP_HEAD, variant=variant)
    assert infos(played) == ["RSET", "RSET", "NOOP"]


def test_a_group_of_pop3_has_its_replies_in_order() -> None:
    """A listing is one reply, no matter what its lines are."""
    capa = ("CAPA\r\n", "+OK\r\nPIPELINING\r\n.\r\n")
    before = [*lead_to("pop3", "TRANSACTION"), capa]
    group = "A: pop3.batch\nC: LIST\nC: DELE 1\nS: +OK\nS: 1 10\nS: .\nS: -ERR x\nR: ok\n"

    def act(client: Client) -> None:
        client.say(b"LIST\r\nSTAT\r\nDELE 1\r\n")
        client.hear(b"+OK\r\n1 10\r\n.\r\n+OK 1 10\r\n-ERR x\r\n")

    assert infos(play(timeline(before) + group, saying(*before), act)) == ["STAT"]


def test_a_client_that_speaks_octet_by_octet_is_free_as_well() -> None:
    """The server waits for a command that is not complete."""

    def slowly(client: Client) -> None:
        saying(*lead_to("smtp", "READY"))(client)
        for octet in b"NOOP\r\n":
            client.say(bytes([octet]))
            time.sleep(0.01)
        client.hear(b"250 done\r\n")

    assert infos(play(timeline(lead_to("smtp", "READY")), slowly, head=SMTP_HEAD)) == ["NOOP"]


def test_who_waits_for_the_reply_before_its_call_ends_is_not_left_waiting() -> None:
    """A C: line follows an R: line, so that nothing is read before the call has returned."""
    text = timeline(lead_to("smtp", "READY")) + "opt {\nC: STARTTLS\n}\nC: QUIT\nS: 221 bye\n"
    acts = saying(*lead_to("smtp", "READY"), ("NOOP\r\n", "250 done\r\n"))

    def act(client: Client) -> None:
        acts(client)
        client.say(b"QUIT\r\n")

    started = time.monotonic()
    assert infos(play(text, act, head=SMTP_HEAD)) == ["NOOP"]
    assert time.monotonic() - started < 1.5


GROUPS = (
    "opt {\nC: RSET\nS: 250 mine\n}\nalt {\nC: MAIL FROM:<>\nS: 250 a\n} {\nC: NOOP\nS: 250 b\n}\n"
)


MINE, OTHER = ("RSET\r\n", "250 mine\r\n"), ("NOOP\r\n", "250 b\r\n")


@pytest.mark.parametrize(
    ("said", "noted"),
    [
        ([MINE, OTHER], []),
        ([OTHER], []),
        ([("VRFY b\r\n", ANYWHERE[3][1]), MINE, OTHER], ["VRFY b"]),
        ([MINE, MINE, OTHER], ["RSET"]),
        ([OTHER, OTHER], ["NOOP"]),
    ],
)
def test_the_lines_of_a_group_go_before_what_is_free(
    said: list[tuple[str, str]], noted: list[str]
) -> None:
    """A command that the trace names belongs to the trace."""
    before = lead_to("smtp", "READY")
    text = timeline(before) + f"A: smtp.rset\n{GROUPS}R: ok\n"
    played = play(text, saying(*before), saying(*said), head=SMTP_HEAD)
    assert infos(played) == noted


def test_a_client_that_never_stops_is_stopped() -> None:
    """Only EXTRAS_MAX commands are answered in one case."""

    def act(client: Client) -> None:
        saying(*lead_to("smtp", "READY"))(client)
        saying(*[("NOOP\r\n", "250 done\r\n")] * EXTRAS_MAX)(client)
        client.say(b"NOOP\r\n")
        client.hear_end()

    played = play(timeline(lead_to("smtp", "READY")), act, head=SMTP_HEAD)
    assert len(played.findings) == EXTRAS_MAX + 1
    last = played.findings[-1]
    assert not last.info and f"sent {EXTRAS_MAX} commands" in last.reason


@pytest.mark.parametrize("protocol, bye", [("smtp", "221 bye"), ("pop3", "+OK signing off")])
def test_quit_where_nothing_more_is_wanted_is_free(protocol: str, bye: str) -> None:
    """A client may send QUIT before it closes; the server closes after its answer."""
    state = "READY" if protocol == "smtp" else "TRANSACTION"
    text = timeline(lead_to(protocol, state)) + f"A: {protocol}.close\nR: ok\n"

    def leave(client: Client) -> None:
        saying(("QUIT\r\n", f"{bye}\r\n"))(client)
        client.hear_end()

    def leave_and_close(client: Client) -> None:
        leave(client)
        client.close()

    for end in ("", "= expect-eof\n", "= close\n"):
        acts = [saying(*lead_to(protocol, state)), leave]
        if end == "= expect-eof\n":
            acts[1] = leave_and_close
        assert infos(play(text + end, *acts, head=head(protocol))) == ["QUIT"]
    (finding,) = play(
        text,
        saying(*lead_to(protocol, state)),
        lambda c: c.say(b"QUIT\r\n"),
        head=head(protocol, "QUIT"),
    ).findings
    assert (finding.info, finding.actual) == (False, "QUIT\\r\\n")


def test_quit_before_the_end_is_answered_and_leaves_the_trace() -> None:
    """The client gets the right answer; that it left is judged elsewhere."""
    before = lead_to("smtp", "READY")
    text = timeline(before) + timeline([NEXT["READY"]])
    leave = saying(("QUIT\r\n", "221 bye\r\n"))
    (finding,) = play(text, saying(*before), leave, head=SMTP_HEAD).findings
    assert (finding.info, finding.actual) == (False, "QUIT\\r\\n")
    (finding,) = play(
        text, saying(*before, ("QUIT\r\n", "221 bye\r\n")), nothing, head=SMTP_HEAD
    ).findings
    assert (finding.info, finding.actual) == (False, "QUIT\\r\\n")


def test_nothing_is_free_after_quit() -> None:
    """QUIT is the last command."""

    def act(client: Client) -> None:
        saying(*lead_to("smtp", "READY"), ("QUIT\r\n", "221 bye\r\n"))(client)
        client.say(b"NOOP\r\n")

    played = play(timeline(lead_to("smtp", "READY")), act, head=SMTP_HEAD)
    assert [(each.info, each.actual) for each in played.findings] == [
        (True, "QUIT\\r\\n"),
        (False, "NOOP\\r\\n"),
    ]


def test_quit_is_free_before_another_connection() -> None:
    """The next connection is the next session."""
    text = (
        "A: smtp.connect\nS: 554 no\nR: refused\n= accept\nA: smtp.connect\nS: 220 s\nR: ok\n"
        "A: smtp.noop\nC: NOOP\nS: 250 ok\nR: ok\n"
    )

    def leave(client: Client) -> None:
        saying(("", "554 no\r\n"), ("QUIT\r\n", "221 bye\r\n"))(client)
        address = client.sock.getpeername()
        client.close()
        client.sock = socket.create_connection(address, 3.0)

    def again(client: Client) -> None:
        client.hear(b"220 s\r\n")

    played = play(text, leave, again, saying(("NOOP\r\n", "250 ok\r\n")), head=SMTP_HEAD)
    assert infos(played) == ["QUIT"]


def test_a_transaction_that_is_taken_back_may_end_the_trace() -> None:
    """RSET is legal in a transaction; then the rest of the transaction no longer applies."""
    before = lead_to("smtp", "MAIL")
    text = timeline(before) + timeline([NEXT["MAIL"]])
    for then in (nothing, lambda client: client.say(b"MAIL FROM:<a@c.example>\r\n")):
        played = play(text, saying(*before, ("RSET\r\n", "250 reset\r\n")), then, head=SMTP_HEAD)
        info, broken = played.findings
        assert info.info and broken.left == "the client took its transaction back with RSET"
    played = play(text, saying(*before, ("NOOP\r\n", "250 done\r\n")), nothing, head=SMTP_HEAD)
    assert played.findings[-1].left == ""


def test_ehlo_under_tls_has_to_come_first() -> None:
    """What was said before TLS is not said again under it."""
    text = (
        "A: smtp.starttls\nS: 220 s\nC: EHLO c\nS: 250-s\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 go\n"
        "= starttls\nR: ok\nA: smtp.ehlo\nC: EHLO d\nS: 250-s\nS: 250 AUTH PLAIN\nR: ok\n"
    )

    def secure(client: Client) -> None:
        saying(("", "220 s\r\n"), ("EHLO c\r\n", "250-s\r\n250 STARTTLS\r\n"))(client)
        saying(("STARTTLS\r\n", "220 go\r\n"))(client)
        client.secure()

    reply = "250-s\r\n250 AUTH PLAIN\r\n"
    hello = saying(("RSET\r\n", "250 reset\r\n"), ("EHLO d\r\n", reply), ("EHLO e\r\n", reply))
    assert infos(play(text, secure, hello, head=SMTP_HEAD)) == ["RSET", "EHLO e"]
    findings = play(text, secure, lambda client: client.say(b"EHLO e\r\n"), head=SMTP_HEAD).findings
    assert [(each.info, each.octet) for each in findings] == [(False, 5)]


def test_ehlo_may_follow_the_handshake_at_once() -> None:
    """A client that greets anew by itself gets the reply to come, and need not greet again."""
    text = (
        "A: smtp.starttls\nS: 220 s\nC: EHLO c\nS: 250-s\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 go\n"
        "= starttls\nR: ok\nA: smtp.ehlo\nC: EHLO c\nS: 250-s\nS: 250 AUTH PLAIN\nR: ok\n"
    )

    def secure(client: Client) -> None:
        saying(("", "220 s\r\n"), ("EHLO c\r\n", "250-s\r\n250 STARTTLS\r\n"))(client)
        saying(("STARTTLS\r\n", "220 go\r\n"))(client)
        client.secure()
        saying(("EHLO c\r\n", "250-s\r\n250 AUTH PLAIN\r\n"))(client)

    played = play(text, secure, nothing, head=SMTP_HEAD)
    info, broken = played.findings
    assert info.info and info.actual == "EHLO c\\r\\n"
    assert broken.left == "the client had sent EHLO before, by itself"


CAPA_LATER = "A: pop3.capa\nC: CAPA\nS: +OK\nS: TOP\nS: STLS\nS: .\nR: ok\n"
CAPA_ANSWER = "+OK\r\nTOP\r\nSTLS\r\n.\r\n"


def test_capa_gets_what_the_trace_says() -> None:
    """Before the CAPA of the trace, after it, and without STLS after the login."""
    ready, login = lead_to("pop3", "AUTHORIZATION"), STATES["pop3"]["TRANSACTION"]
    text = timeline(ready) + CAPA_LATER + timeline(login)
    ask = ("CAPA\r\n", CAPA_ANSWER)
    offered = CAPA_ANSWER.replace("STLS\r\n", "")
    acts = [saying(*ready, ask), saying(ask, ask), saying(ask, *login, ("CAPA\r\n", offered))]
    assert infos(play(text, *acts)) == ["CAPA"] * 4


@pytest.mark.parametrize(
    "reply, message",
    [
        ("S: -ERR no\n", "-ERR no\r\n"),
        ("S: what?\n", "+OK\r\n.\r\n"),
        ("S: +OK\n= close\n", "+OK\r\n.\r\n"),
    ],
)
def test_capa_is_not_told_what_the_trace_tries_on_it(reply: str, message: str) -> None:
    """A wrong reply belongs only to the trace's own command."""
    ready = lead_to("pop3", "AUTHORIZATION")
    text = timeline(ready) + f"A: pop3.capa\nC: CAPA\n{reply}R: ok\n"
    acts = [saying(*ready, ("CAPA\r\n", message)), lambda client: client.say(b"CAPA\r\n")]
    assert infos(play(text, *acts)) == ["CAPA"]


def test_the_maildrop_is_what_the_trace_makes_of_it() -> None:
    """Sizes, unique-ids and deletions agree with the rest of the trace."""
    ready = lead_to("pop3", "TRANSACTION")
    known = (
        "A: a.b\nC: RETR 2\nS: +OK\nS: ..a\nS: b\nS: .\nR: ok\nA: a.b\nC: DELE 2\nS: +OK\nR: ok\n"
        "A: a.b\nC: UIDL 1\nS: +OK 1 first\nR: ok\nA: a.b\nC: STAT\nS: +OK 1 94\nR: ok\n"
    )
    acts = [
        saying(
            *ready, ("LIST\r\n", "+OK\r\n1 94\r\n2 7\r\n.\r\n"), ("UIDL 1\r\n", "+OK 1 first\r\n")
        ),
        saying(("RETR 2\r\n", "+OK\r\n..a\r\nb\r\n.\r\n")),
        saying(("DELE 2\r\n", "+OK\r\n"), ("LIST 2\r\n", "-ERR no such message\r\n")),
        saying(("LIST\r\n", "+OK\r\n1 94\r\n.\r\n"), ("UIDL 1\r\n", "+OK 1 first\r\n")),
        saying(("STAT\r\n", "+OK 1 94\r\n")),
    ]
    assert infos(play(timeline(ready) + known, *acts)) == ["LIST", "UIDL 1", "LIST 2", "LIST"]


def test_lmtp_says_lhlo_again() -> None:
    """And not EHLO; after a message each recipient has its reply."""
    talk = [
        ("", "220 s\r\n"),
        ("LHLO c\r\n", "250 s\r\n"),
        ("MAIL FROM:<>\r\n", "250 ok\r\n"),
        ("RCPT TO:<a@b>\r\n", "250 ok\r\n"),
        ("RCPT TO:<c@b>\r\n", "250 ok\r\n"),
        ("DATA\r\n", "354 go\r\n"),
        ("x\r\n.\r\n", "250 a\r\n450 c\r\n"),
    ]
    act = saying(*talk, ("LHLO c\r\n", "250 s\r\n"), ("NOOP\r\n", "250 done\r\n"))
    assert infos(play(timeline(talk), act, head=SMTP_HEAD)) == ["LHLO c", "NOOP"]


def test_a_client_that_is_gone_meanwhile_breaks_nothing() -> None:
    """It sends a free command and closes without waiting for the reply."""

    def act(client: Client) -> None:
        saying(*lead_to("smtp", "READY"))(client)
        client.say(b"NOOP\r\n")
        client.close()

    text = timeline(lead_to("smtp", "READY")) + timeline([NEXT["READY"]])
    played = play(text, act, nothing, head=SMTP_HEAD)
    assert [(each.info, each.actual) for each in played.findings] == [
        (True, "NOOP\\r\\n"),
        (False, END),
    ]


@pytest.mark.parametrize(
    "reply", ["S: -ERR [SYS/TEMP] try later\nR: refused\n", "= close\nR: io-error\n"]
)
def test_what_the_client_is_to_name_is_in_the_maildrop(reply: str) -> None:
    """A client that asks for the list first would name nothing that is not in it."""
    ready = lead_to("pop3", "TRANSACTION")
    act = saying(*ready, ("LIST\r\n", "+OK\r\n1 100\r\n2 100\r\n.\r\n"))
    text = timeline(ready) + f"A: a.b\nC: DELE 2\n{reply}"
    assert infos(play(text, act, lambda client: client.say(b"DELE 2\r\n"))) == ["LIST"]


def test_what_the_trace_lists_is_the_whole_maildrop() -> None:
    known = [*lead_to("pop3", "TRANSACTION"), ("LIST\r\n", "+OK\r\n1 120\r\n.\r\n")]
    act = saying(*known, ("STAT\r\n", "+OK 1 120\r\n"))
    text = timeline(known) + "A: a.b\nC: DELE 2\nS: -ERR no such message\nR: refused\n"
    assert infos(play(text, act, lambda client: client.say(b"DELE 2\r\n"))) == ["STAT"]


@pytest.mark.parametrize(
    ("exchange", "others"),
    [
        (("STAT\r\n", "+OK 2 20\r\n"), []),
        (("STAT\r\n", "+OK two\r\n"), []),
        (("LIST\r\n", "+OK\r\n1 120\r\n3 200\r\n.\r\n"), [("STAT\r\n", "+OK 3 420\r\n")]),
        (("NOOP\r\n", "-ERR not now\r\n"), []),
        (
            ("STAT\r\n", "+OK 2 20\r\n"),
            [("RSET\r\n", "+OK maildrop has 2 messages (20 octets)\r\n")],
        ),
    ],
)
def test_who_asks_again_hears_the_same_again(
    exchange: tuple[str, str], others: list[tuple[str, str]]
) -> None:
    """Otherwise the server would contradict its trace, and the client would be blamed."""
    said = [*lead_to("pop3", "TRANSACTION"), exchange]
    act = saying(*said, *others, exchange, *others)
    played = play(timeline(said) + "A: any.op\nR: ok\n", act, nothing, head=head("pop3"))
    assert infos(played) == [each[0].strip() for each in [*others, exchange, *others]]


def test_what_a_deletion_has_changed_is_not_said_again() -> None:
    """One message less."""
    said = [
        *lead_to("pop3", "TRANSACTION"),
        ("STAT\r\n", "+OK 2 20\r\n"),
        ("DELE 1\r\n", "+OK\r\n"),
    ]
    act = saying(*said, ("STAT\r\n", "+OK 1 10\r\n"))
    assert infos(play(timeline(said), act, head=head("pop3"))) == ["STAT"]


@pytest.mark.parametrize("strict", ["", "MAIL"])
@pytest.mark.parametrize("variant", VARIANTS)
def test_parameters_of_mail_that_are_offered_are_free(strict: str, variant: str) -> None:
    """RFC 1870 section 6, RFC 6152 section 2; not in a case about MAIL."""
    hello = ("EHLO c.example\r\n", "250-s.example\r\n250-SIZE 100\r\n250 8BITMIME\r\n")
    said = [*lead_to("smtp", "GREETED"), hello, *lead_to("smtp", "MAIL")[2:]]
    sent = ("MAIL FROM:<a@c.example> SIZE=9 BODY=7BIT\r\n", "250 ok\r\n")

    def act(client: Client) -> None:
        saying(*said[:2])(client)
        client.say(sent[0].encode())
        if not strict:
            client.hear(sent[1].encode())

    played = play(timeline(said), act, head=head("smtp", strict), variant=variant)
    assert [each.info for each in played.findings] == [not strict]
