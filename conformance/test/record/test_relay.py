"""The recorder between a client and a server: it passes on all, ends TLS, and comes to an end."""

from __future__ import annotations

import poplib
import smtplib
import socket
import ssl
from collections.abc import Sequence
from typing import Any

import pytest

from conformance.cli import main
from conformance.plugin.fixtures import Servers
from conformance.record import recording as of_recording
from conformance.record import trace
from conformance.record.recording import Recording, Side
from conformance.record.relay import Recorder, RelayError, Tls
from conformance.run import exit_status
from conformance.test.record.sessions import Client, recorded, tls_of, told, written
from fake_servers.wire.certificates import ca_file, server_context

MAIL = b"Subject: $1 \\o/\r\n\r\n.dot\r\n"
USERS = {"mrose": "tanstaaftanstaaf"}
NO_TLS = Tls(ssl.create_default_context(), ssl.create_default_context(), "localhost")


def context() -> ssl.SSLContext:
    """What a client has that trusts our authority."""
    return ssl.create_default_context(cafile=str(ca_file()))


def fetch(client: poplib.POP3) -> None:
    assert client.retr(1)[1] == [rb"Subject: $1 \o/", b"", b".dot"]
    client.quit()


def by_apop(host: str, port: int) -> None:
    client = poplib.POP3(host, port, timeout=5)
    client.apop("mrose", "tanstaaftanstaaf")
    fetch(client)


def by_stls(host: str, port: int) -> None:
    client = poplib.POP3(host, port, timeout=5)
    client.capa()
    client.stls(context())
    by_password(client)


def by_pop3s(host: str, port: int) -> None:
    by_password(poplib.POP3_SSL(host, port, timeout=5, context=context()))


def by_password(client: poplib.POP3) -> None:
    client.user("mrose")
    client.pass_("tanstaaftanstaaf")
    fetch(client)


def send(client: smtplib.SMTP) -> None:
    client.login("mrose", "tanstaaftanstaaf")
    client.sendmail("a@example.org", ["b@example.com", "c@example.com"], MAIL)
    client.quit()


def by_submission(host: str, port: int) -> None:
    send(smtplib.SMTP(host, port, "client.example", timeout=5))


def by_starttls(host: str, port: int) -> None:
    client = smtplib.SMTP(host, port, "client.example", timeout=5)
    client.starttls(context=context())
    send(client)


def by_smtps(host: str, port: int) -> None:
    send(smtplib.SMTP_SSL(host, port, "client.example", timeout=5, context=context()))


@pytest.mark.parametrize(
    ("protocol", "client", "tls", "sasl"),
    [
        ("pop3", by_apop, "none", []),
        ("pop3", by_stls, "starttls", []),
        ("pop3", by_pop3s, "implicit", []),
        ("smtp", by_submission, "none", ["PLAIN"]),
        ("smtp", by_submission, "none", ["CRAM-MD5"]),
        ("smtp", by_starttls, "starttls", ["PLAIN"]),
        ("smtp", by_smtps, "implicit", ["PLAIN"]),
    ],
)
def test_a_recorded_session_is_a_case_that_passes(
    protocol: str,
    client: Client,
    tls: str,
    sasl: Sequence[str],
    pop3_server: Servers,
    smtp_server: Servers,
    tmp_path_factory: pytest.TempPathFactory,
    capsys: pytest.CaptureFixture[str],
) -> None:
    offers: dict[str, Any] = {
        "users": USERS,
        "sasl": sasl,
        **({} if tls == "none" else {"tls": tls}),
    }
    if protocol == "pop3":
        server = pop3_server(messages=[MAIL], **offers)
    else:
        server = smtp_server(**offers)
    text = written(recorded((server.host, server.port), tls_of(server), client))
    assert server.breaches() == []
    assert "tanstaaf" not in text and "= starttls" in text or tls == "none"
    folder = tmp_path_factory.mktemp("recorded")
    (folder / "one.trace").write_text(text, "utf-8")
    words = ["run", str(folder / "one.trace"), "--subject", "python-stdlib", "--variant", "octets"]
    assert main([*words, "--out", str(folder / "out")]) == exit_status.OK
    assert "PASS: 0 of 1 judged case fails" in capsys.readouterr().out


def test_a_certificate_that_is_not_good_is_a_sentence(pop3_server: Servers) -> None:
    server = pop3_server(tls="starttls", cert="self-signed")

    def client(host: str, port: int) -> None:
        pop3 = poplib.POP3(host, port, timeout=5)
        with pytest.raises((OSError, poplib.error_proto)):
            pop3.stls(context())
        pop3.close()

    with pytest.raises(RelayError, match="not good: self-signed certificate.*--server-ca"):
        recorded((server.host, server.port), tls_of(server), client)


def test_any_certificate_is_good_if_none_is_looked_at(pop3_server: Servers) -> None:
    server = pop3_server(users=USERS, messages=[MAIL], tls="implicit", cert="wrong-name")
    trusting = ssl.create_default_context()
    trusting.check_hostname = False
    trusting.verify_mode = ssl.CERT_NONE
    tls = Tls(server_context(), trusting, server.host, implicit=True)
    assert "tls=implicit" in written(recorded((server.host, server.port), tls, by_pop3s))


def test_a_client_that_does_not_trust_us_is_a_sentence(pop3_server: Servers) -> None:
    server = pop3_server(tls="implicit")

    def client(host: str, port: int) -> None:
        old = ssl.create_default_context()
        old.maximum_version = ssl.TLSVersion.TLSv1_2  # it says so within the handshake
        with pytest.raises(ssl.SSLError):
            poplib.POP3_SSL(host, port, timeout=5, context=old)

    with pytest.raises(RelayError, match="TLS with the client fails"):
        recorded((server.host, server.port), tls_of(server), client)


def test_a_session_without_end_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(of_recording, "MOST_OCTETS", 100)
    said = told("S: +OK", *["C: NOOP", "S: +OK"] * 50)
    with pytest.raises(trace.CannotWrite, match="record a shorter one"):
        written(said)
    assert said.frames == []


def test_a_server_that_is_not_there_is_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        target = listener.getsockname()[:2]

    def come(host: str, port: int) -> None:
        socket.create_connection((host, port), 5).close()

    with pytest.raises(RelayError, match="cannot be reached: Connection refused"):
        recorded(target, NO_TLS, come)
    with pytest.raises(RelayError, match="no client connected within 0.05 s"):
        Recorder(target, "127.0.0.1", NO_TLS).record(wait_s=0.05)


def test_a_silent_session_ends() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as client:
        stand = Recorder(server.getsockname()[:2], "127.0.0.1", NO_TLS)
        client.connect((stand.host, stand.port))
        found = stand.record(wait_s=0.2)
    assert found.notes == ["neither side sent anything for 0.2 s"]
    with pytest.raises(trace.CannotWrite, match="the server sent nothing"):
        written(found)


def test_what_a_client_says_before_the_greeting_is_kept() -> None:
    said = Recording()
    said.add(Side.CLIENT, b"CAPA\r\n")
    said.add(Side.SERVER, b"+OK\r\n+OK\r\n.\r\n")
    said.end()
    assert "C: CAPA\nS: +OK\nS: .\n" in written(said)
