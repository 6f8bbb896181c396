"""The suite's own servers answer as real ones do, reply by reply."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from conformance.plugin.server_for_tests import open_test_server
from fake_servers.wire.certificates import ca_file
from real_servers import (
    Account,
    Dovecot,
    Exim,
    Mailutils,
    OpenSMTPD,
    Postfix,
    RealServer,
    conversations,
)
from real_servers.dialogue import Peer, Reply, converse
from real_servers.differences import EXPLAINED, unexplained
from real_servers.test.conftest import SECRET, WORD, started

USER = "tim"
MECHANISMS = ["PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256"]
used: dict[str, set[int]] = {}
"""Rows of EXPLAINED that explained something, by the server that was asked."""


def offered(server: RealServer, service: str, hello: str) -> list[str]:
    """The lines of CAPA or EHLO that a server lists, without those of logins and TLS."""
    import poplib
    import smtplib

    if hello == "CAPA":
        pop3 = poplib.POP3(server.host, server.ports[service], timeout=10)
        lines = [" ".join([name, *words]) for name, words in pop3.capa().items()]
        pop3.quit()
    elif hello == "LHLO":
        with smtplib.LMTP(server.host, server.ports[service]) as lmtp:
            lmtp.ehlo("client.example")
            lines = [f"{name} {words}".strip() for name, words in lmtp.esmtp_features.items()]
    else:
        with smtplib.SMTP(server.host, server.ports[service], timeout=10) as smtp:
            smtp.ehlo("client.example")
            lines = [f"{name} {words}".strip() for name, words in smtp.esmtp_features.items()]
    apart = ("SASL", "STLS", "AUTH", "STARTTLS")
    return [line for line in map(str.upper, lines) if line.split(" ")[0] not in apart]


@contextmanager
def own_server(
    protocol: str, messages: Sequence[bytes], secret: str = SECRET, **offers: Any
) -> Iterator[Peer]:
    """The suite's server with the same offers."""
    with open_test_server(protocol, offers, messages) as own:
        ca = own.ca or ca_file()
        yield Peer(protocol, own.host, own.port, USER, secret, ca, lmtp="lmtp" in offers)


def differences(
    server: RealServer, service: str, own: Peer, table: Mapping[str, Sequence[str]]
) -> list[str]:
    """Hold every conversation of a table with both servers."""
    real = Peer(
        own.protocol, server.host, server.ports[service], USER, own.secret, server.ca, lmtp=own.lmtp
    )
    found = []
    for title, commands in table.items():
        lines, rows = unexplained(server.name, converse(real, commands), converse(own, commands))
        found += [f"{title}: {line}" for line in lines]
        used.setdefault(server.name, set()).update(rows)
    return found


def test_pop3_answers_as_dovecot_does(dovecot: Dovecot) -> None:
    dovecot.fill(USER, conversations.MESSAGES)
    caps = offered(dovecot, "pop3", "CAPA")
    offers: dict[str, Any] = {
        "users": [[USER, SECRET]],
        "caps": caps,
        "sasl": MECHANISMS,
        "tls": "starttls",
    }
    with own_server("pop3", conversations.MESSAGES, **offers) as own:
        assert differences(dovecot, "pop3", own, conversations.POP3_TLS) == []
        assert differences(dovecot, "pop3", own, conversations.POP3) == []
    assert [each.splitlines()[0] for each in dovecot.mail_of(USER)] == [b"Subject: two"]


@pytest.mark.parametrize("apop", [False, True])
def test_pop3_answers_as_mailutils_does(apop: bool) -> None:
    """It has no AUTH, and a user logs in by USER or by APOP, not by both."""
    everything = {**conversations.POP3_TLS, **conversations.POP3}
    table = {
        title: commands
        for title, commands in everything.items()
        if not any(command.startswith("AUTH") for command in commands)
        and apop == commands[0].startswith("APOP")
    }
    assert len(table) > 1
    account = Account(USER, WORD, conversations.MESSAGES)
    with ExitStack() as stack:
        mailutils = started(stack, Mailutils([account], apop))
        caps = offered(mailutils, "pop3", "CAPA")
        offers: dict[str, Any] = {"users": [[USER, WORD]], "caps": caps, "tls": "starttls"}
        own = stack.enter_context(
            own_server("pop3", conversations.MESSAGES, WORD, sasl=[], **offers)
        )
        assert differences(mailutils, "pop3", own, table) == []


@pytest.mark.parametrize("table", ["SMTP", "SMTP_TLS", "SMTP_AUTH"])
def test_smtp_answers_as_postfix_does(postfix: Postfix, table: str) -> None:
    offers: dict[str, Any] = {"caps": offered(postfix, "smtp", "EHLO"), "tls": "starttls"}
    if table == "SMTP_AUTH":
        offers |= {"users": [[USER, SECRET]], "sasl": MECHANISMS}
    with own_server("smtp", (), **offers) as own:
        assert differences(postfix, "smtp", own, getattr(conversations, table)) == []


@pytest.mark.parametrize("table", ["SMTP", "SMTP_TLS", "SMTP_AUTH"])
def test_smtp_answers_as_exim_does(exim: Exim, table: str) -> None:
    offers: dict[str, Any] = {"caps": offered(exim, "smtp", "EHLO"), "tls": "starttls"}
    if table == "SMTP_AUTH":
        offers |= {"users": [[USER, WORD]], "sasl": ["PLAIN", "LOGIN", "CRAM-MD5"]}
    with own_server("smtp", (), WORD, **offers) as own:
        assert differences(exim, "smtp", own, getattr(conversations, table)) == []


def test_smtp_answers_as_opensmtpd_does(opensmtpd: OpenSMTPD) -> None:
    with own_server("smtp", (), caps=offered(opensmtpd, "smtp", "EHLO")) as own:
        assert differences(opensmtpd, "smtp", own, conversations.SMTP) == []


def test_lmtp_answers_as_dovecot_does(dovecot: Dovecot) -> None:
    offers: dict[str, Any] = {
        "caps": offered(dovecot, "lmtp", "LHLO"),
        "tls": "starttls",
        "lmtp": "yes",
    }
    with own_server("smtp", (), **offers) as own:
        assert differences(dovecot, "lmtp", own, conversations.LMTP) == []


def test_every_explained_difference_is_there() -> None:
    """It needs the tests above; a row that explains nothing any more has to go."""
    unused = [
        (server, row)
        for server, rows in used.items()
        for number, row in enumerate(EXPLAINED)
        if server in row.servers and number not in rows
    ]
    assert unused == []


def test_a_difference_without_a_row_is_found() -> None:
    real, own = [Reply("NOOP", "2")], [Reply("NOOP", "5")]
    assert unexplained("Postfix", real, own)[0] == ["'NOOP': 2 (), not 5 ()"]
    listing, line = [Reply("LIST", "+OK", True)], [Reply("LIST", "+OK")]
    assert unexplained("Dovecot", listing, line)[0] == ["'LIST': +OK listing (), not +OK ()"]
