"""mailc before a server that answers the handshake of TLS with records that never end."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from conformance.subject import load
from fake_servers.wire import certificates

LIMIT_S = 30
TIMEOUT_MS = 1000

REQUEST = b"\x16\x03\x03\x00\x04\x00\x00\x00\x00"
"""A HelloRequest in clear: OpenSSL passes over it, RFC 5246 section 7.4.1.1."""
WARNING = b"\x15\x03\x03\x00\x02\x01\x5a"
"""The alert user_canceled in clear: mbedTLS passes over it, RFC 5246 section 7.2.2."""

RECORDS = {"mailc": REQUEST, "mailc-mbedtls": WARNING}

SCRIPTS = {
    "pop3": (b"+OK ready\r\n", b"+OK\r\nSTLS\r\n.\r\n", b"+OK go\r\n"),
    "smtp": (b"220 ready\r\n", b"250-ready\r\n250 STARTTLS\r\n", b"220 go\r\n"),
}
OPS: dict[str, tuple[tuple[str, dict[str, object]], ...]] = {
    "pop3": (("pop3.capa", {}), ("pop3.stls", {})),
    "smtp": (("smtp.ehlo", {"name": "client.example"}), ("smtp.starttls", {})),
}

pytestmark = [
    pytest.mark.skipif(
        not (Path(__file__).parents[3] / "client").is_dir(), reason="mailc is in the clone only"
    ),
    pytest.mark.skipif(shutil.which("cmake") is None, reason="CMake is not installed"),
    pytest.mark.timeout(600),
    pytest.mark.xdist_group("mailc-flood"),
]


def _serve(listener: socket.socket, script: tuple[bytes, ...], record: bytes) -> None:
    """Say a line of the script for each line of the client's, then flood until it leaves."""
    wire, _ = listener.accept()
    wire.settimeout(LIMIT_S)
    with wire:
        for at, line in enumerate(script):
            if at == 0 or wire.recv(4096):
                wire.sendall(line)
        try:
            while True:
                wire.sendall(record * 1000)
        except OSError:
            return


@contextmanager
def _server(script: tuple[bytes, ...], record: bytes) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(LIMIT_S)
        thread = threading.Thread(target=_serve, args=(listener, script, record), daemon=True)
        thread.start()
        yield int(listener.getsockname()[1])
        thread.join(2 * LIMIT_S)
        assert not thread.is_alive(), "the client still holds the connection"


@pytest.mark.parametrize("protocol", sorted(SCRIPTS))
@pytest.mark.parametrize("name", sorted(RECORDS))
def test_a_flood_instead_of_a_handshake_does_not_hold_mailc(name: str, protocol: str) -> None:
    subject = load(name)
    try:
        subject.start()
        with _server(SCRIPTS[protocol], RECORDS[name]) as port:
            args = {"host": "127.0.0.1", "port": port, "tls": "none", "policy": "clear"}
            args |= {"timeout_ms": TIMEOUT_MS, "ca": str(certificates.ca_file())}
            ops = ((f"{protocol}.connect", args), *OPS[protocol])
            outcomes = [subject.call(op, given, LIMIT_S).outcome for op, given in ops]
            assert outcomes[:-1] == ["ok", "ok"]
            assert outcomes[-1] in ("protocol-error", "timeout")
            subject.call(f"{protocol}.close", {}, LIMIT_S)
    finally:
        subject.stop()
