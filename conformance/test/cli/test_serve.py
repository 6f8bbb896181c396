"""`serve`: the server of one case for a client that is called by hand."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
LOGIN = "pop3.apop.rfc1939-login"


@pytest.mark.parametrize(
    ("digest", "status"),
    [("c4c9334bac560ecc979e58001b3e22fb", 0), ("C4C9334BAC560ECC979E58001B3E22FB", 1)],
)
def test_a_session_by_hand_is_shown_and_compared(digest: str, status: int) -> None:
    command = [sys.executable, "-P", "-m", "conformance", "serve", LOGIN]
    with subprocess.Popen(
        command, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        found = re.search(r"port (\d+)", first)
        assert found is not None, first
        with socket.create_connection(("127.0.0.1", int(found.group(1))), 10) as client:
            greeting = client.recv(100)
            client.sendall(f"APOP mrose {digest}\r\n".encode())
            reply = client.recv(100)
        output, _ = process.communicate(timeout=20)
    assert greeting.startswith(b"+OK POP3 server ready <1896.")
    assert reply.startswith(b"+OK mrose" if status == 0 else b"")
    assert f"C: APOP mrose {digest}" in output
    assert ("apop.trace:13" in output) is (status == 1)
    assert process.returncode == status
