"""The well-behaved servers of `serve`, met by poplib and smtplib."""

from __future__ import annotations

import poplib
import signal
import smtplib
import ssl
from pathlib import Path

import pytest

from conformance.test.serve.served import MAIL, Served, served

HOST = "127.0.0.1"
FROM, TO = "a@example.org", ["b@example.com", "c@example.com"]
MOST_S = 20.0


def pop3(server: Served, name: str = "pop3") -> poplib.POP3:
    """Logged in with the usual account."""
    client = poplib.POP3(HOST, server.ports[name], timeout=MOST_S)
    client.user("test")
    client.pass_("test")
    return client


def send(server: Served, name: str = "smtp", mail: bytes = MAIL) -> None:
    """Send a message without a login."""
    kind = smtplib.LMTP if name == "lmtp" else smtplib.SMTP
    to = TO[:1] if name == "lmtp" else TO  # smtplib reads one reply, LMTP gives one each
    with kind(HOST, server.ports[name], timeout=MOST_S) as client:
        client.sendmail(FROM, to, mail)


def fetched(client: poplib.POP3, number: int) -> bytes:
    """The octets of a message."""
    return b"".join(line + b"\r\n" for line in client.retr(number)[1])


@pytest.mark.parametrize("name", ["smtp", "lmtp"])
def test_what_is_sent_can_be_fetched(name: str) -> None:
    with served(f"--{name}", "--pop3", count=2) as server:
        send(server, name)
        client = pop3(server)
        assert (client.stat()[0], fetched(client, 1)) == (1, MAIL)
        client.dele(1)
        client.quit()
        again = pop3(server)
        assert again.stat() == (0, 0)
        again.quit()
        output = server.end()
    assert f"#1 {name} from 127.0.0.1:" in output and "#1 C: ..a dot" in output
    assert f"#1 PASS {name}" in output and "#3 PASS pop3" in output
    assert server.process.returncode == 143


def test_each_mechanism_logs_in_over_tls() -> None:
    words = ("--pop3s", "--submission", "--smtps", "--starttls", "--require-tls")
    with served(*words, "--user", "mrose:tanstaaf", count=3, has_tls=True) as server:
        trust = ssl.create_default_context(cafile=server.ca)
        with smtplib.SMTP("localhost", server.ports["submission"], timeout=MOST_S) as client:
            client.ehlo()
            with pytest.raises(smtplib.SMTPSenderRefused, match="TLS first"):
                client.sendmail(FROM, TO, MAIL)
            client.starttls(context=trust)
            with pytest.raises(smtplib.SMTPSenderRefused, match="authentication required"):
                client.sendmail(FROM, TO, MAIL)
            client.login("mrose", "tanstaaf")
            client.sendmail(FROM, TO, MAIL)
        for mechanism in ("auth_cram_md5", "auth_plain", "auth_login"):
            with smtplib.SMTP_SSL(
                "localhost", server.ports["smtps"], timeout=MOST_S, context=trust
            ) as client:
                client.ehlo()
                client.user, client.password = "mrose", "tanstaaf"
                name = mechanism.removeprefix("auth_").replace("_", "-")
                assert client.auth(name, getattr(client, mechanism))[0] == 235
        inbox = poplib.POP3_SSL("localhost", server.ports["pop3s"], timeout=MOST_S, context=trust)
        inbox.apop("mrose", "tanstaaf")
        assert inbox.stat()[0] == 1
        inbox.quit()


def test_a_fault_comes_in_each_session_anew() -> None:
    with served("--pop3", "--smtp", "--on", "RETR#1: cut 9, close", count=2) as server:
        send(server)
        for _ in range(2):
            client = pop3(server)
            with pytest.raises(poplib.error_proto):
                client.retr(1)
            client.close()


def test_a_certificate_can_be_wrong() -> None:
    with served("--pop3s", "--cert", "expired", count=1, has_tls=True) as server:
        trust = ssl.create_default_context(cafile=server.ca)
        with pytest.raises(ssl.SSLCertVerificationError, match="expired"):
            poplib.POP3_SSL("localhost", server.ports["pop3s"], timeout=MOST_S, context=trust)


def test_the_certificate_names_the_address_of_the_server() -> None:
    with served("--smtps", "127.0.0.2:0", has_tls=True) as server:
        trust = ssl.create_default_context(cafile=server.ca)
        with smtplib.SMTP_SSL(
            "127.0.0.2", server.ports["smtps"], timeout=MOST_S, context=trust
        ) as client:
            assert client.noop()[0] == 250


def test_only_these_mechanisms_are_offered() -> None:
    with served("--smtp", "--sasl", "cram-md5") as server:
        with smtplib.SMTP(HOST, server.ports["smtp"], timeout=MOST_S) as client:
            client.ehlo()
            assert client.esmtp_features["auth"].split() == ["CRAM-MD5"]
    with served("--smtp", "--sasl", "none") as server:
        with smtplib.SMTP(HOST, server.ports["smtp"], timeout=MOST_S) as client:
            client.ehlo()
            assert "auth" not in client.esmtp_features


def test_once_ends_with_the_verdict_of_the_session(tmp_path: Path) -> None:
    with served("--smtp", "--once", "--quiet", "--transcripts", str(tmp_path)) as server:
        send(server)
        output = server.wait()
    assert server.process.returncode == 0
    assert output.splitlines() == [line for line in output.splitlines() if "PASS smtp" in line]
    kept = (tmp_path / "000001.txt").read_text("utf-8")
    assert kept.startswith("session 1: smtp, 127.0.0.1:") and "C: ..a dot\n" in kept
    assert "S: 250 2.0.0 message accepted" in kept and "PASS smtp" in kept


def test_once_ends_with_1_for_a_client_that_breaks_a_rule() -> None:
    with served("--smtp", "--once") as server:
        with smtplib.SMTP(HOST, server.ports["smtp"], timeout=MOST_S) as client:
            client.putcmd("MAIL FROM: a@example.org")
            client.getreply()
        output = server.wait()
    assert server.process.returncode == 1
    assert "#1 FAIL smtp" in output and "RFC 5321 section 4.1" in output


def test_a_client_that_says_nothing_has_not_passed() -> None:
    with served("--pop3", "--once") as server:
        poplib.POP3(HOST, server.ports["pop3"], timeout=MOST_S).close()
        output = server.wait()
    assert "INCONCLUSIVE pop3" in output and server.process.returncode == 1


def test_an_interrupt_ends_sessions_that_last() -> None:
    with served("--pop3") as server:
        client = pop3(server)
        output = server.end(signal.SIGINT)
        client.close()
    assert server.process.returncode == 130 and "Traceback" not in output
    assert "#1 PASS pop3" in output
