"""AUTH of both reactive servers: mechanisms, initial responses, cancelling, bad responses."""

from __future__ import annotations

import base64

import pytest

from fake_servers.auth import digests
from fake_servers.reactive.maildrop import Maildrop
from fake_servers.reactive.options import Options
from fake_servers.reactive.pop3 import Pop3Session
from fake_servers.reactive.smtp import SmtpSession
from fake_servers.test.reactive.conversation import Conversation, drawer

CHALLENGES = (b"<1@first>", b"<2@second>", b"<3@third>")
OPTIONS = Options(
    users={b"test": b"1234", b"tim": b"tanstaaftanstaaf"},
    sasl=(b"PLAIN", b"LOGIN", b"CRAM-MD5"),
    apop=False,
)
PLAIN = b"dGVzdAB0ZXN0ADEyMzQ="


class Protocol:
    """What AUTH looks like in one protocol."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.logins: list[tuple[str, bytes]] = []
        self.go_on = b"+ " if name == "pop3" else b"334 "
        self.success = b"+OK" if name == "pop3" else b"235 "
        self.failure = b"-ERR " if name == "pop3" else b"535 "

    def fault(self, code: bytes) -> bytes:
        """The start of the refusal that is `code` in SMTP."""
        return b"-ERR " if self.name == "pop3" else code + b" "

    def talk(self, options: Options = OPTIONS) -> Conversation:
        draw = drawer(*CHALLENGES)

        def note(way: str, user: bytes) -> None:
            self.logins.append((way, user))

        if self.name == "pop3":
            return Conversation(Pop3Session(options, Maildrop(()), draw, note))
        talk = Conversation(SmtpSession(options, draw, note, lambda _delivered: None))
        talk.line(b"EHLO client.example.org")
        return talk


@pytest.fixture(params=["pop3", "smtp"])
def protocol(request: pytest.FixtureRequest) -> Protocol:
    return Protocol(request.param)


def test_plain_with_an_initial_response(protocol: Protocol) -> None:
    assert protocol.talk().line(b"AUTH PLAIN " + PLAIN).startswith(protocol.success)
    assert protocol.logins == [("PLAIN", b"test")]


def test_plain_without_an_initial_response(protocol: Protocol) -> None:
    talk = protocol.talk()
    assert talk.line(b"auth plain") == protocol.go_on + b"\r\n"
    assert talk.line(PLAIN).startswith(protocol.success)


@pytest.mark.parametrize(
    ("authzid", "user", "secret", "right"),
    [
        (b"", b"test", b"1234", True),
        (b"test", b"test", b"1234", True),
        (b"tim", b"test", b"1234", False),
        (b"", b"test", b"12345", False),
        (b"", b"nobody", b"1234", False),
        (b"", b"", b"", False),
        (b"", b"test", b"1234\0", False),
    ],
)
def test_who_may_log_in_by_plain(
    protocol: Protocol, authzid: bytes, user: bytes, secret: bytes, right: bool
) -> None:
    response = base64.b64encode(digests.plain(authzid, user, secret))
    reply = protocol.talk().line(b"AUTH PLAIN " + response)
    assert reply.startswith(protocol.success if right else protocol.failure)


def test_login(protocol: Protocol) -> None:
    talk = protocol.talk()
    assert talk.line(b"AUTH LOGIN") == protocol.go_on + b"VXNlcm5hbWU6\r\n"
    assert talk.line(b"dGVzdA==") == protocol.go_on + b"UGFzc3dvcmQ6\r\n"
    assert talk.line(b"MTIzNA==").startswith(protocol.success)
    assert protocol.logins == [("LOGIN", b"test")]


def test_login_with_the_user_as_initial_response(protocol: Protocol) -> None:
    talk = protocol.talk()
    assert talk.line(b"AUTH LOGIN dGVzdA==") == protocol.go_on + b"UGFzc3dvcmQ6\r\n"
    assert talk.line(b"MTIzNA==").startswith(protocol.success)


def test_login_with_a_wrong_secret(protocol: Protocol) -> None:
    assert protocol.talk().lines(b"AUTH LOGIN", b"dGVzdA==", b"MTIz").startswith(protocol.failure)


def test_cram_md5(protocol: Protocol) -> None:
    talk = protocol.talk()
    assert talk.line(b"AUTH CRAM-MD5") == protocol.go_on + base64.b64encode(CHALLENGES[0]) + b"\r\n"
    response = digests.cram_md5(b"tim", b"tanstaaftanstaaf", CHALLENGES[0])
    assert talk.line(base64.b64encode(response)).startswith(protocol.success)
    assert protocol.logins == [("CRAM-MD5", b"tim")]


def test_cram_md5_of_an_earlier_challenge_fails(protocol: Protocol) -> None:
    talk = protocol.talk()
    response = base64.b64encode(digests.cram_md5(b"tim", b"tanstaaftanstaaf", CHALLENGES[0]))
    talk.lines(b"AUTH CRAM-MD5", b"*")
    challenge = talk.line(b"AUTH CRAM-MD5")
    assert challenge == protocol.go_on + base64.b64encode(CHALLENGES[1]) + b"\r\n"
    assert talk.line(response).startswith(protocol.failure)


@pytest.mark.parametrize("user", [b"nobody", b"", b"test"])
def test_cram_md5_of_others_fails(protocol: Protocol, user: bytes) -> None:
    response = digests.cram_md5(user, b"tanstaaftanstaaf", CHALLENGES[0])
    reply = protocol.talk().lines(b"AUTH CRAM-MD5", base64.b64encode(response))
    assert reply.startswith(protocol.failure)


def test_cram_md5_in_upper_case_fails(protocol: Protocol) -> None:
    digest = digests.cram_md5(b"tim", b"tanstaaftanstaaf", CHALLENGES[0]).split(b" ")[1]
    response = base64.b64encode(b"tim " + digest.upper())
    assert protocol.talk().lines(b"AUTH CRAM-MD5", response).startswith(protocol.failure)


def test_cram_md5_follows_the_challenge_that_was_really_sent(protocol: Protocol) -> None:
    talk = protocol.talk()
    rfc = b"PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+"
    talk.line(b"AUTH CRAM-MD5", instead=protocol.go_on + rfc + b"\r\n")
    reply = talk.line(b"dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw")
    assert reply.startswith(protocol.success)


def test_cram_md5_takes_no_initial_response(protocol: Protocol) -> None:
    assert protocol.talk().line(b"AUTH CRAM-MD5 dGlt").startswith(protocol.fault(b"501"))


@pytest.mark.parametrize("mechanism", [b"PLAIN", b"LOGIN", b"CRAM-MD5"])
def test_cancelling(protocol: Protocol, mechanism: bytes) -> None:
    talk = protocol.talk()
    assert talk.lines(b"AUTH " + mechanism, b"*").startswith(protocol.fault(b"501"))
    assert talk.line(b"AUTH PLAIN " + PLAIN).startswith(protocol.success)


@pytest.mark.parametrize("response", [b"***", b"dGVzdA", b"dGVz dA==", b"=", b"a"])
def test_a_response_that_is_not_base64(protocol: Protocol, response: bytes) -> None:
    talk = protocol.talk()
    assert talk.lines(b"AUTH PLAIN", response).startswith(protocol.fault(b"501"))
    assert talk.line(b"AUTH PLAIN " + PLAIN).startswith(protocol.success)


@pytest.mark.parametrize("line", [b"AUTH PLAIN =", b"AUTH PLAIN"])
def test_an_empty_response_is_no_login(protocol: Protocol, line: bytes) -> None:
    talk = protocol.talk()
    reply = talk.line(line)
    if reply.startswith(protocol.go_on):
        reply = talk.line(b"")
    assert reply.startswith(protocol.failure)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"AUTH", b"501"),
        (b"AUTH ", b"501"),
        (b"AUTH  PLAIN", b"501"),
        (b"AUTH PLAIN a b", b"501"),
        (b"AUTH KERBEROS_V4", b"504"),
        (b"AUTH SCRAM-SHA-1", b"504"),
    ],
)
def test_auth_lines_that_are_refused(protocol: Protocol, line: bytes, code: bytes) -> None:
    talk = protocol.talk()
    assert talk.line(line).startswith(protocol.fault(code))
    assert talk.line(b"AUTH PLAIN " + PLAIN).startswith(protocol.success)


def test_a_mechanism_that_is_not_offered(protocol: Protocol) -> None:
    talk = protocol.talk(Options(users=OPTIONS.users, sasl=(b"LOGIN",), apop=False))
    assert talk.line(b"AUTH PLAIN " + PLAIN).startswith(protocol.fault(b"504"))


def test_a_second_auth_is_refused(protocol: Protocol) -> None:
    line = b"AUTH PLAIN " + PLAIN
    assert protocol.talk().lines(line, line).startswith(protocol.fault(b"503"))


def test_a_challenge_in_place_of_a_refusal_leads_nowhere(protocol: Protocol) -> None:
    talk = protocol.talk()
    talk.line(b"AUTH FOOBAR", instead=protocol.go_on + b"!\r\n")
    assert talk.line(PLAIN).startswith(protocol.failure)
    assert talk.line(b"AUTH PLAIN " + PLAIN).startswith(protocol.success)


def test_a_login_that_is_made_to_fail_leaves_the_session_outside(protocol: Protocol) -> None:
    talk = protocol.talk()
    talk.line(b"AUTH PLAIN " + PLAIN, instead=protocol.failure + b"no\r\n")
    assert protocol.logins == []
    assert talk.line(b"AUTH PLAIN " + PLAIN).startswith(protocol.success)


def test_the_offer_names_the_mechanisms_in_order() -> None:
    pop3 = Protocol("pop3").talk().line(b"CAPA")
    assert pop3 == b"+OK\r\nSASL PLAIN LOGIN CRAM-MD5\r\n.\r\n"
    smtp = Protocol("smtp").talk().line(b"EHLO x")
    assert smtp.endswith(b"250 AUTH PLAIN LOGIN CRAM-MD5\r\n")


def test_a_long_response_is_taken(protocol: Protocol) -> None:
    talk = protocol.talk()
    talk.line(b"AUTH PLAIN")
    assert talk.session.line_limit >= 12288
