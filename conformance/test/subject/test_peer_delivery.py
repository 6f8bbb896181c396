"""Real clients deliver to somebody else's server, and every octet arrives."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from conformance.subject import Answer, Subject, compose, load
from fake_servers.aiosmtpd_peer import AiosmtpdPeer

MESSAGES = {
    "empty": b"",
    "one-dot": b".\r\n",
    "dots": b".\r\n..\r\n.a line\r\n...\r\n",
    "998-octets": b"x" * 998 + b"\r\n",
    "1-mib": (b"." + b"0123456789" * 9 + b"\r\n") * 11276,
}
LIMIT_S = 30.0


def deliver(subject: Subject, message: bytes, folder: Path) -> tuple[Answer, list[bytes]]:
    """One submission by the goal smtp.send; gives its answer and the octets that arrived."""
    with AiosmtpdPeer() as peer:
        args: dict[str, Any] = {
            "host": peer.host,
            "port": peer.port,
            "tls": "none",
            "policy": "clear",
            "timeout_ms": 5000,
            "name": "client.example.com",
            "login": "none",
            "from": "a@b.example",
            "to": ["c@d.example"],
            "message": message,
        }
        if subject.has_goals:
            answer = subject.goal("smtp.send", args, LIMIT_S, folder)
        else:
            answer = compose.play(
                "smtp.send",
                args,
                subject.features,
                lambda op, given: subject.call(op, given, LIMIT_S),
            )
        return answer, [delivered.octets for delivered in peer.delivered]


@pytest.mark.parametrize("message", MESSAGES.values(), ids=MESSAGES.keys())
@pytest.mark.parametrize("name", ["mailc", "curl", "python-stdlib"])
def test_a_message_arrives_octet_by_octet(name: str, message: bytes, tmp_path: Path) -> None:
    if name == "curl" and shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    subject = load(name)
    subject.start()
    try:
        answer, arrived = deliver(subject, message, tmp_path)
    finally:
        subject.stop()
    assert answer.outcome == "ok"
    # smtplib ends every message with a line, also one that has none.
    smtplib_adds = name == "python-stdlib" and not message
    assert arrived == [b"\r\n" if smtplib_adds else message]
