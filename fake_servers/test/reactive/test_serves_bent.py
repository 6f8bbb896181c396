"""The points of a conversation at which a case may bend the extensions of the servers."""

from __future__ import annotations

import pytest

from fake_servers.test.reactive.peer import Peer, hello, house, pop3, smtp

USERS = "users=[[mrose, tanstaaf]] sasl=[PLAIN]"
PLAIN = b"AG1yb3NlAHRhbnN0YWFm"


@pytest.mark.parametrize("reply", ["-ERR [SYS/TEMP] later", "-ERR [AUTH] no"])
def test_the_reply_to_a_response_in_pop3(reply: str) -> None:
    with pop3(USERS, f'on RESPONSE#1: reply "{reply}"\n') as peer:
        assert peer.ask(b"AUTH PLAIN", PLAIN) == reply.encode() + b"\r\n"
        assert peer.ask(b"AUTH PLAIN", PLAIN).startswith(b"+OK ")


def test_the_reply_to_a_response_in_smtp() -> None:
    with hello(USERS, 'on RESPONSE#1: reply "454 4.7.0 later"\n') as peer:
        assert peer.ask(b"AUTH PLAIN", PLAIN) == b"454 4.7.0 later\r\n"
        assert peer.ask(b"AUTH PLAIN", PLAIN).startswith(b"235 ")


def test_a_challenge_more_than_the_mechanism_has() -> None:
    with hello(USERS, 'on RESPONSE#1: reply "334 eA=="\n') as peer:
        assert peer.ask(b"AUTH PLAIN", PLAIN) == b"334 eA==\r\n"
        assert peer.ask(b"*").startswith(b"501 ")


LOGIN = b"AUTH LOGIN bXJvc2U="
SECRET = b"dGFuc3RhYWY="


@pytest.mark.parametrize(
    "point, lines",
    [
        ("INITIAL#1", [b"AUTH PLAIN"]),
        ("INITIAL#1", [b"AUTH LOGIN"]),
        ("INITIAL#2", [b"AUTH LOGIN", b"*", b"AUTH PLAIN"]),
        ("CHALLENGE#1", [b"AUTH LOGIN", b"bXJvc2U="]),
        ("CHALLENGE#1", [LOGIN]),
        ("CHALLENGE#1", [b"AUTH CRAM-MD5"]),
        ("OUTCOME#1", [b"AUTH PLAIN " + PLAIN]),
        ("OUTCOME#1", [b"AUTH PLAIN", PLAIN]),
        ("OUTCOME#1", [LOGIN, b"eA=="]),
        ("OUTCOME#1", [b"AUTH X-NOBODY", b"AUTH PLAIN", b"*", LOGIN, SECRET]),
    ],
)
@pytest.mark.parametrize("protocol", ["pop3", "smtp"])
def test_stages_of_a_login(protocol: str, point: str, lines: list[bytes]) -> None:
    offer = "users=[[mrose, tanstaaf]] sasl=[PLAIN, LOGIN, CRAM-MD5]"
    reply = "-ERR bent" if protocol == "pop3" else "454 bent"
    with house(protocol, offer, f'on {point}: reply "{reply}"\n') as made:
        peer = made.peer()
        before = [b"EHLO c"] if protocol == "smtp" else []
        for line in [*before, *lines[:-1]]:
            assert b"bent" not in peer.ask(line)
        assert peer.ask(lines[-1]) == reply.encode() + b"\r\n"


@pytest.mark.parametrize(
    "point, lines",
    [
        ("EXPN", [b"EXPN staff"]),
        ("HELP", [b"HELP"]),
        ("VRFY", [b"VRFY a"]),
        ("STARTTLS", [b"STARTTLS"]),
        ("BDAT", [b"MAIL FROM:<a@b>", b"RCPT TO:<c@d>", b"BDAT 0"]),
    ],
)
def test_points_of_smtp(point: str, lines: list[bytes]) -> None:
    with hello("caps=[HELP, CHUNKING] tls=starttls", f'on {point}#1: reply "454 later"\n') as peer:
        assert peer.ask(*lines) == b"454 later\r\n"
        assert peer.ask(b"NOOP").startswith(b"250 ")


@pytest.mark.parametrize("point", ["UTF8", "LANG", "STLS", "CAPA"])
def test_points_of_pop3(point: str) -> None:
    with pop3("caps=[UTF8, LANG] tls=starttls", f'on {point}#1: reply "-ERR no"\n') as peer:
        assert peer.ask(point.encode()) == b"-ERR no\r\n"
        assert peer.ask(b"QUIT").startswith(b"+OK")


def test_lhlo_is_a_point() -> None:
    with smtp("caps=[] lmtp=yes", 'on LHLO#1: reply "451 later"\n') as peer:
        assert peer.ask(b"LHLO c") == b"451 later\r\n"
        assert peer.ask(b"LHLO c").startswith(b"250 ")


def test_octets_behind_the_reply_leave_with_it() -> None:
    with pop3("tls=starttls", 'on STLS#1: reply "+OK go\\r\\n+OK more"\n') as peer:
        peer.send(b"STLS\r\n")
        assert peer.segment() == b"+OK go\r\n+OK more\r\n"


@pytest.mark.parametrize("protocol, verb", [("pop3", "STLS"), ("smtp", "STARTTLS")])
@pytest.mark.parametrize("fault", ["expired", "wrong-name", "self-signed", "unknown-ca", "tls1.1"])
def test_the_handshake_may_have_a_fault(protocol: str, verb: str, fault: str) -> None:
    with house(protocol, "tls=starttls", f"on {verb}#1: starttls {fault}\n") as made:
        peer = made.peer()
        if protocol == "smtp":
            peer.ask(b"EHLO c")
        assert peer.ask(verb.encode())[:1] in (b"+", b"2")
        with pytest.raises(OSError, match="SSL"):
            peer.secure()
        again = made.peer()
        if protocol == "smtp":
            again.ask(b"EHLO c")
        again.ask(verb.encode())
        again.secure()
        assert again.tls_version


@pytest.mark.parametrize("protocol", ["pop3", "smtp"])
def test_implicit_tls_may_have_a_fault(protocol: str) -> None:
    with house(protocol, "tls=implicit cert=expired") as made:
        peer = Peer(made.server, protocol)
        made.peers.append(peer)
        with pytest.raises(OSError, match="expired"):
            peer.secure()


def test_a_deaf_server_reads_no_more_and_keeps_the_client_waiting() -> None:
    bent = 'on DATA#1: reply "354 go on\\r\\n552 too much", deaf\n'
    with hello("caps=[]", bent) as peer:
        assert peer.ask(b"MAIL FROM:<a@b>", b"RCPT TO:<c@d>", b"DATA") == b"354 go on\r\n"
        assert peer.is_stuck_within(400_000)
        assert peer.reply() == b"552 too much\r\n"
