"""The hard messages, and the proxy, without any server."""

from __future__ import annotations

import random
import socket
import threading

import pytest

from real_servers.mail import BODIES, as_sent, messages, number_of, without_added
from real_servers.proxy import CuttingProxy


def test_the_same_seed_gives_the_same_messages() -> None:
    first, again, other = (list(messages(60, seed, big=5000)) for seed in (1, 1, 2))
    assert first == again != other
    assert [number_of(each) for each in first] == list(range(60))
    assert [each.partition(b"\r\n\r\n")[2] for each in first[: len(BODIES)]] == list(BODIES)
    assert len(first[len(BODIES)]) >= 5000


def test_no_message_breaks_a_rule() -> None:
    for message in messages(200, 3, big=5000):
        assert b"\0" not in message
        assert b"\r" not in message.replace(b"\r\n", b"") and b"\n" not in message.replace(
            b"\r\n", b""
        )
        assert max(map(len, message.split(b"\r\n"))) <= 998


def test_only_what_servers_add_is_cut_off() -> None:
    message = b"X-Number: 1\r\n\r\nReceived: is a word of the text\r\n"
    added = b"Return-Path: <a@b.example>\r\nReceived: from x\r\n\tby y; Mon\r\nDelivered-To: c\r\n"
    assert without_added(added + message) == message == without_added(message)
    assert without_added(added) == b""
    assert as_sent(b"x") == b"x\r\n" and as_sent(b"") == b"" and as_sent(b"x\r\n") == b"x\r\n"
    with pytest.raises(ValueError, match="begins with b'Received'"):
        number_of(b"Received")


def test_the_proxy_changes_no_octet_in_either_direction() -> None:
    octets = random.Random(1).randbytes(300_000)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        echo = threading.Thread(target=_echo, args=(listener,), daemon=True)
        echo.start()
        with CuttingProxy(listener.getsockname()[1], seed=5) as proxy:
            with socket.create_connection((proxy.host, proxy.port), 10) as sock:
                sender = threading.Thread(target=_send, args=(sock, octets), daemon=True)
                sender.start()
                received = b"".join(iter(lambda: sock.recv(65536), b""))
                sender.join(10)
            assert proxy.connections == 1
        echo.join(10)
    assert received == octets


def _send(sock: socket.socket, octets: bytes) -> None:
    sock.sendall(octets)
    sock.shutdown(socket.SHUT_WR)


def _echo(listener: socket.socket) -> None:
    sock, _ = listener.accept()
    with sock:
        while octets := sock.recv(65536):
            sock.sendall(octets)
