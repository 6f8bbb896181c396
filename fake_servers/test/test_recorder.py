"""The recorder: what two sides send becomes a trace that can be played."""

from __future__ import annotations

import poplib
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from fake_servers import recorder
from fake_servers.log import EventLog
from fake_servers.reactive import open_server
from fake_servers.recorder import CLIENT, SERVER, Recorder, Recording
from fake_servers.scripted.server import ScriptedServer
from fake_servers.trace.layout import formatted
from fake_servers.trace.parser import parse_text
from fake_servers.trace.template import Bindings
from fake_servers.wire.delivery import VARIANTS

HERE = Path("here.trace")
MAILDROP = """\
id: pop3.a.maildrop
title: A maildrop
goal: pop3.list
server: users=[[mrose, tanstaaf]]

M: 1
D: Subject: $$1 \\o/
D:
D: .dot
R: ok
"""
NAME = ("pop3.recorded", "A recorded session")


def recorded(target: tuple[str, int], client: Callable[[str, int], None]) -> Recording:
    """The recording of a session between this client and that server."""
    stand = Recorder(target, "127.0.0.1")
    thread = threading.Thread(target=client, args=(stand.host, stand.port))
    thread.start()
    try:
        return stand.record(wait_s=5)
    finally:
        thread.join(5)


def fetch(host: str, port: int) -> None:
    """A whole session of poplib."""
    client = poplib.POP3(host, port, timeout=5)
    client.apop("mrose", "tanstaaf")
    assert client.retr(1)[1] == [rb"Subject: $1 \o/", b"", b".dot"]
    client.quit()


def test_a_recorded_session_plays_again() -> None:
    trace = parse_text(MAILDROP, HERE)
    with open_server(trace, EventLog(), VARIANTS["whole"], Bindings(1, trace.id)) as server:
        text = recorded((server.host, server.port), fetch).trace(*NAME)
    lines = text.splitlines()
    assert r"S: Subject: $$1 \o/" in lines and "S:" in lines and "S: ..dot" in lines
    assert lines[-3:-1] == ["C: QUIT", "S: +OK signing off"]
    assert lines[-1] in ("= close", "= expect-eof")  # both ends close at once
    assert formatted(text, HERE) == text
    again = parse_text(text, HERE)
    played = ScriptedServer(
        again, EventLog(), VARIANTS["octets"], Bindings(1, again.id), paced=False
    )
    with played as server:
        fetch(server.host, server.port)
    assert played.findings == [] and played.failure is None


def test_octets_that_are_no_text_have_escapes() -> None:
    said = Recording()
    for side, octets in ((SERVER, b"220 a \r"), (SERVER, b"\n"), (CLIENT, b"\xff\x00\x00\nend ")):
        said.add(side, octets)
    said.closed = CLIENT
    text = said.trace("smtp.a.b", "Octets")
    assert text.splitlines()[3:] == [r"S| 220 a \r\n", r"C| \xff\x00\x00\nend\x20", "= expect-eof"]
    parse_text(text, HERE)
    assert said.protocol == "smtp"


def test_what_is_encrypted_is_not_recorded() -> None:
    said = Recording()
    for side, octets in ((SERVER, b"+OK\r\n"), (CLIENT, b"stls\r\n"), (SERVER, b"+OK go\r\n")):
        said.add(side, octets)
    said.add(CLIENT, b"\x16\x03\x01 secret")
    said.closed = CLIENT
    text = said.trace(*NAME)
    assert text.endswith("S: +OK go\n# from here on the session is encrypted and is not recorded\n")
    parse_text(text, HERE)


def test_a_session_without_end_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "MOST_OCTETS", 10)
    said = Recording()
    said.add(SERVER, b"+OK\r\n")
    for _ in range(100):
        said.add(CLIENT, b"NOOP\r\n")
    assert len(said.parts) == 1 and len(said.notes) == 1


def test_a_server_that_is_not_there_ends_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        target = listener.getsockname()[:2]

    def come(host: str, port: int) -> None:
        socket.create_connection((host, port), 5).close()

    with pytest.raises(OSError, match="refused"):
        recorded(target, come)
    with pytest.raises(TimeoutError):
        Recorder(target, "127.0.0.1").record(wait_s=0.05)


def test_a_silent_session_ends() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as client:
        stand = Recorder(server.getsockname()[:2], "127.0.0.1")
        client.connect((stand.host, stand.port))
        assert stand.record(wait_s=0.2).notes == ["neither side sent anything for 0.2 s"]
