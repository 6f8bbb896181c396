"""Delivery to aiosmtpd, octet by octet, and the log of its raw input."""

from __future__ import annotations

import smtplib
import socket

import pytest

from fake_servers.aiosmtpd_peer import AiosmtpdPeer
from fake_servers.grammar.dots import stuff
from fake_servers.log import Kind

SESSION = b"EHLO c\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n%s.\r\nQUIT\r\n"

MESSAGES = {
    "empty": b"",
    "one dot": b".\r\n",
    "dots": b".\r\n..\r\n.a\r\n\r\n.b.\r\n",
    "long line": b"x" * 998 + b"\r\n",
    "long line of a dot": b"." + b"x" * 997 + b"\r\n",
    "1 MiB": (b"." + b"0123456789" * 9 + b"\r\n") * 11276,
}


@pytest.mark.parametrize("message", MESSAGES.values(), ids=MESSAGES.keys())
def test_a_message_is_delivered_octet_by_octet(message: bytes) -> None:
    with AiosmtpdPeer() as peer:
        with socket.create_connection((peer.host, peer.port), timeout=5) as sock:
            sock.sendall(SESSION % stuff(message))
            with sock.makefile("rb") as replies:
                codes = [line[:3] for line in replies]
    assert codes[-2:] == [b"250", b"221"]
    assert [delivered.octets for delivered in peer.delivered] == [message]
    assert peer.delivered[0].mail_from == b"a@b.example"
    assert peer.delivered[0].rcpt_to == (b"c@d.example",)


def test_smtplib_over_several_connections() -> None:
    body = b"Subject: x\r\n\r\n.\r\n..\r\n"
    with AiosmtpdPeer(users={b"test": b"1234"}) as peer:
        for _ in range(2):
            client = smtplib.SMTP(peer.host, peer.port, timeout=5)
            client.login("test", "1234")
            client.sendmail("a@b.example", ["c@d.example"], body)
            client.quit()
        client = smtplib.SMTP(peer.host, peer.port, timeout=5)
        with pytest.raises(smtplib.SMTPAuthenticationError):
            client.login("test", "12345")
        client.close()
    assert [delivered.octets for delivered in peer.delivered] == [body, body]
    connections = [event.connection for event in peer.log if event.kind is Kind.CONNECT]
    assert connections == [1, 2, 3]


def test_what_aiosmtpd_forgives_is_in_the_log() -> None:
    with AiosmtpdPeer() as peer:
        with socket.create_connection((peer.host, peer.port), timeout=5) as sock:
            with sock.makefile("rb") as replies:
                replies.readline()
                sock.sendall(b"noop  \n")
                assert replies.readline().startswith(b"250")
                sock.shutdown(socket.SHUT_WR)
                assert replies.read() == b""
    events = [(event.kind, event.octets) for event in peer.log]
    assert (Kind.RX, b"noop  \n") in events
    assert events[0] == (Kind.CONNECT, b"")
    assert events[-1] == (Kind.EOF, b"")


def test_it_ends_with_a_connection_still_open() -> None:
    with AiosmtpdPeer() as peer:
        sock = socket.create_connection((peer.host, peer.port), timeout=5)
        with sock, sock.makefile("rb") as replies:
            assert replies.readline().startswith(b"220")
            peer.stop()
            assert replies.read() == b""
