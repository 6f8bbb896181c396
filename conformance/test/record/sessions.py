"""Sessions for the tests of the recorder: told line by line, or had between a client and a server."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable
from pathlib import Path

from conformance.lint.files import check
from conformance.plugin.server_for_tests import TestServer
from conformance.record import trace
from conformance.record.recording import Recording, Side
from conformance.record.relay import Recorder, Tls
from fake_servers.trace.layout import formatted
from fake_servers.trace.parser import parse_text
from fake_servers.wire.certificates import ca_file, server_context

HERE = Path("here.trace")
Client = Callable[[str, int], None]


def told(*lines: str, closed: Side | None = Side.SERVER, has_tls: bool = False) -> Recording:
    """A session from lines such as `C: QUIT` and `S: +OK`; `tls` begins TLS."""
    recording = Recording(has_tls)
    for line in lines:
        if line == "tls":
            recording.secured()
            continue
        side = Side.CLIENT if line.startswith("C:") else Side.SERVER
        recording.add(side, line[3:].encode("latin-1") + b"\r\n")
    recording.closed = closed
    recording.end()
    return recording


def written(recording: Recording, secret: bytes = b"") -> str:
    """Its trace, which must be in the layout of fmt and without fault for the linter."""
    text = trace.text(recording, f"{recording.protocol}.recorded", "A recorded session", secret)
    assert formatted(text, HERE) == text
    assert [str(problem) for problem in check(parse_text(text, HERE))] == []
    return text


def tls_of(server: TestServer) -> Tls:
    """TLS between our own certificates, implicit if the server has it so."""
    to_server = ssl.create_default_context(cafile=str(ca_file()))
    implicit = getattr(server.server, "_config").options.tls == "implicit"
    return Tls(server_context(), to_server, server.host, implicit)


def recorded(target: tuple[str, int], tls: Tls, client: Client, wait_s: float = 5) -> Recording:
    """The recording of a session between this client and that server."""
    stand = Recorder(target, "127.0.0.1", tls)
    thread = threading.Thread(target=client, args=(stand.host, stand.port))
    thread.start()
    try:
        return stand.record(wait_s)
    finally:
        thread.join(5)
