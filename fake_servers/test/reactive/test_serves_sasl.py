"""Both reactive servers keep what SASL and its profiles demand of servers."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from fake_servers.auth import digests, scram
from fake_servers.reactive.sasl import MECHANISMS
from fake_servers.test.reactive.peer import Peer, hello, house, pop3, proves

ALL = ", ".join(name.decode() for name in MECHANISMS)
USERS = "users=[[mrose, tanstaaf], [tim, tanstaaftanstaaf]]"
PLAIN = base64.b64encode(b"\0mrose\0tanstaaf")
MSG_ID = re.compile(rb"<[^<>@\s]+@[^<>@\s]+>")
BASE64 = re.compile(rb"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")


class Client:
    """AUTH in one of the two protocols; both distinguish replies by the same names."""

    def __init__(self, peer: Peer) -> None:
        self.peer = peer
        self.is_smtp = peer.protocol == "smtp"

    def ask(self, line: bytes) -> bytes:
        return self.peer.ask(line)

    def auth(self, name: bytes, initial: bytes | None = None) -> bytes:
        more = b"" if initial is None else b" " + (base64.b64encode(initial) or b"=")
        return self.ask(b"AUTH " + name + more)

    def respond(self, response: bytes) -> bytes:
        return self.ask(base64.b64encode(response))

    def challenge(self, said: bytes) -> bytes:
        """The decoded challenge of a reply that asks for a response."""
        mark = b"334 " if self.is_smtp else b"+ "
        assert said.startswith(mark) and said.endswith(b"\r\n"), said
        encoded = said[len(mark) : -2]
        assert BASE64.fullmatch(encoded)
        return base64.b64decode(encoded)

    def is_in(self, said: bytes) -> bool:
        """Whether a reply says that the login succeeded; otherwise it must say that it failed."""
        assert said.startswith((b"235 ", b"5") if self.is_smtp else (b"+OK ", b"-ERR ")), said
        return said.startswith((b"235 ", b"+OK "))

    def code(self, said: bytes) -> int:
        """The code in SMTP; 500 for POP3's -ERR."""
        return int(said[:3]) if self.is_smtp else {b"-": 500, b"+": 200}[said[:1]]


@contextmanager
def client(protocol: str, server: str = "") -> Iterator[Client]:
    line = f"{USERS} sasl=[{ALL}] {server}"
    with pop3(line) if protocol == "pop3" else hello(line) as peer:
        yield Client(peer)


both = pytest.mark.parametrize("protocol", ["pop3", "smtp"])


@proves("RFC2195-2-CHAL-01", "RFC4954-4-CHAL-01", "RFC5034-4-CHAL-01")
@both
def test_each_challenge_is_a_new_message_id_in_base64(protocol: str) -> None:
    challenges = []
    with client(protocol) as talk:
        for _ in range(2):
            challenges.append(talk.challenge(talk.auth(b"CRAM-MD5")))
            talk.ask(b"*")
    assert all(MSG_ID.fullmatch(each) for each in challenges)
    assert len(set(challenges)) == 2


@proves("RFC2554-4-IR-01", "RFC4954-4-IR-06", "RFC5034-4-IR-08")
@both
def test_an_initial_response_to_a_server_that_speaks_first(protocol: str) -> None:
    with client(protocol) as talk:
        said = talk.auth(b"CRAM-MD5", b"mrose x")
        assert talk.code(said) == (501 if talk.is_smtp else 500)
        assert talk.is_in(talk.ask(b"AUTH PLAIN " + PLAIN))


@proves("RFC2554-4-FAIL-01", "RFC5034-4-FAIL-02", "RFC5034-4-FAIL-04", "RFC4954-4-FAIL-01")
@proves("RFC4954-9-SEC-03")
@both
def test_failed_logins_leave_no_trace(protocol: str) -> None:
    with client(protocol) as talk:
        for _ in range(5):
            said = talk.auth(b"PLAIN", b"\0mrose\0wrong")
            assert talk.code(said) == (535 if talk.is_smtp else 500)
        assert talk.is_in(talk.ask(b"AUTH PLAIN " + PLAIN))


@proves("RFC5034-4-FAIL-02")
def test_after_a_failed_auth_a_password_logs_in() -> None:
    with client("pop3", "caps=[USER]") as talk:
        assert talk.auth(b"PLAIN", b"\0mrose\0wrong").startswith(b"-ERR")
        assert talk.ask(b"STAT").startswith(b"-ERR")
        assert talk.ask(b"USER mrose").startswith(b"+OK")
        assert talk.ask(b"PASS tanstaaf").startswith(b"+OK")
        assert talk.ask(b"STAT").startswith(b"+OK ")


@proves("RFC5034-4-OK-01")
def test_success_enters_transaction() -> None:
    with client("pop3") as talk:
        assert talk.ask(b"AUTH PLAIN " + PLAIN).startswith(b"+OK ")
        assert talk.ask(b"STAT").startswith(b"+OK ")


@proves("RFC4422-3.6-OUTCOME-01")
@both
@pytest.mark.parametrize("name", [b"PLAIN", b"LOGIN", b"CRAM-MD5", b"SCRAM-SHA-256"])
def test_an_unknown_user_looks_like_a_wrong_secret(protocol: str, name: bytes) -> None:
    said = []
    with client(protocol) as talk:
        for user in (b"mrose", b"nobody"):
            if name.startswith(b"SCRAM"):
                said.append(Scram(talk, name, user, b"wrong").final())
            elif name == b"PLAIN":
                said.append(talk.auth(name, b"\0" + user + b"\0wrong"))
            elif name == b"LOGIN":
                talk.auth(name)
                talk.respond(user)
                said.append(talk.respond(b"wrong"))
            else:
                talk.auth(name)
                said.append(talk.respond(user + b" " + b"0" * 32))
    assert said[0] == said[1]


@proves("RFC4422-5-IR-02", "RFC4954-4-IR-07", "RFC5034-4-IR-07")
@both
@pytest.mark.parametrize("name", sorted(set(MECHANISMS) - {b"LOGIN", b"CRAM-MD5"}))
def test_the_first_challenge_is_empty_where_the_client_speaks_first(
    protocol: str, name: bytes
) -> None:
    with client(protocol) as talk:
        assert talk.auth(name) == (b"334 \r\n" if talk.is_smtp else b"+ \r\n")
        assert talk.code(talk.ask(b"*")) in (500, 501)


@proves("RFC4616-2-LEN-01")
@both
def test_plain_with_fields_of_255_octets(protocol: str) -> None:
    user, secret = "u" * 255, "s" * 255
    with house(protocol, f"users=[[{user}, {secret}]] sasl=[PLAIN]") as made:
        talk = Client(made.peer())
        if talk.is_smtp:
            talk.ask(b"EHLO c")
        talk.challenge(talk.auth(b"PLAIN"))
        assert talk.is_in(talk.respond(b"\0".join([user.encode(), user.encode(), secret.encode()])))


@both
@pytest.mark.parametrize(
    "message",
    [b"", b"mrose", b"mrose\0tanstaaf", b"\0mrose\0tanstaaf\0", b"tim\0mrose\0tanstaaf"]
    + [b"\0mrose\0\xff", b"\0\0", b"\0mrose\0"],
)
def test_plain_that_is_none(protocol: str, message: bytes) -> None:
    with client(protocol) as talk:
        assert not talk.is_in(talk.auth(b"PLAIN", message))


@both
def test_plain_for_oneself_by_name(protocol: str) -> None:
    with client(protocol) as talk:
        assert talk.is_in(talk.auth(b"PLAIN", b"mrose\0mrose\0tanstaaf"))


@proves("RFC4954-4-ONCE-02", "RFC5034-4-ONCE-02")
@both
def test_auth_comes_once(protocol: str) -> None:
    with client(protocol) as talk:
        talk.ask(b"AUTH PLAIN " + PLAIN)
        assert talk.code(talk.ask(b"AUTH PLAIN " + PLAIN)) == (503 if talk.is_smtp else 500)


@proves("RFC4954-4-CANCEL-02", "RFC5034-4-CANCEL-02")
@both
@pytest.mark.parametrize("name", sorted(MECHANISMS))
def test_a_star_cancels(protocol: str, name: bytes) -> None:
    with client(protocol) as talk:
        talk.challenge(talk.auth(name))
        assert talk.code(talk.ask(b"*")) == (501 if talk.is_smtp else 500)
        assert talk.is_in(talk.ask(b"AUTH PLAIN " + PLAIN))


@proves("RFC4954-4-CHAL-07", "RFC5034-4-CHAL-05")
@both
@pytest.mark.parametrize(
    "line", [b"!", b"AA", b"A A=", b"AAAA====", b"=", b"AG1yb3NlAHRhbnN0YWFm "]
)
def test_a_response_that_is_not_base64(protocol: str, line: bytes) -> None:
    with client(protocol) as talk:
        talk.auth(b"PLAIN")
        assert talk.code(talk.ask(line)) == (501 if talk.is_smtp else 500)
        assert talk.is_in(talk.ask(b"AUTH PLAIN " + PLAIN))


@proves("RFC4954-4-TRANS-02")
def test_auth_inside_a_transaction() -> None:
    with house("smtp", "sasl=[PLAIN]") as made:
        talk = Client(made.peer())
        talk.ask(b"EHLO c")
        talk.ask(b"MAIL FROM:<a@b>")
        assert talk.code(talk.ask(b"AUTH PLAIN " + PLAIN)) == 503
        assert talk.code(talk.ask(b"RCPT TO:<c@d>")) == 250


@proves("RFC4954-4-MECH-02")
@both
def test_a_mechanism_that_is_not_offered(protocol: str) -> None:
    with client(protocol) as talk:
        assert talk.code(talk.auth(b"GSSAPI")) == (504 if talk.is_smtp else 500)


@proves("RFC4954-5-AUTHPARAM-03")
@pytest.mark.parametrize("logged_in", [False, True])
@pytest.mark.parametrize("value", [b"<>", b"e+3Dmc2@example.com"])
def test_the_auth_parameter_is_taken_in_any_case(logged_in: bool, value: bytes) -> None:
    with hello("sasl=[ANONYMOUS]") as peer:
        if logged_in:
            assert peer.ask(b"AUTH ANONYMOUS =").startswith(b"235 ")
        assert peer.ask(b"MAIL FROM:<a@b> AUTH=" + value).startswith(b"250 ")


# -- SCRAM (RFC 5802, RFC 7677) ---------------------------------------------------------


class Scram:
    """A client of SCRAM up to its final message."""

    def __init__(
        self,
        talk: Client,
        name: bytes = b"SCRAM-SHA-256",
        user: bytes = b"mrose",
        secret: bytes = b"tanstaaf",
        header: bytes = b"n,,",
    ) -> None:
        self.talk = talk
        self.secret = secret
        first = header + b"n=" + user + b",r=rOprNGfwEbeRWgbNEkqO"
        answer = talk.challenge(talk.auth(name, first))
        self.exchange = scram.ScramExchange(scram.HASHES[name], first, answer)

    def final(self, old: bytes = b"", new: bytes = b"") -> bytes:
        """The reply to the final message, in which `old` is replaced."""
        message = self.exchange.without_proof() + b",p=" + self.exchange.proof(self.secret)
        assert old in message
        return self.talk.respond(message.replace(old, new, 1) if old else message)


@proves("RFC5802-5.1-ITER-02", "RFC7677-3-ITER-01", "RFC5802-5.1-NONCE-03", "RFC5802-6-CB-04")
@both
@pytest.mark.parametrize("name", [b"SCRAM-SHA-1", b"SCRAM-SHA-256"])
def test_scram(protocol: str, name: bytes) -> None:
    """The server's signature is a challenge, because 235 cannot carry it (RFC 4954 section 4)."""
    with client(protocol) as talk:
        for old, new in ((b",r=rOpr", b",r=xOpr"), (b"c=biws", b"c=eSws"), (b",p=", b",p=A")):
            assert not talk.is_in(Scram(talk, name).final(old, new))
        mine = Scram(talk, name)
        values = scram.attributes(mine.exchange.server_first)
        assert int(values[b"i"]) >= 4096
        assert values[b"r"].startswith(b"rOprNGfwEbeRWgbNEkqO") and len(values[b"r"]) > 30
        signature = talk.challenge(mine.final())
        assert signature == b"v=" + mine.exchange.signature(b"tanstaaf")
        assert talk.is_in(talk.respond(b""))


@proves("RFC5802-5.1-USER-03", "RFC5802-5.1-USER-04")
@both
@pytest.mark.parametrize(
    "escaped, user, right",
    [("a=2Cb=3Dc", '"a,b=c"', True), ("a=b", '"a=b"', False), ("a=2c", '"a,"', False)],
)
def test_the_escapes_of_a_name(protocol: str, escaped: str, user: str, right: bool) -> None:
    """The digest uses the name as it was sent."""
    with house(protocol, f"users=[[{user}, tanstaaf]] sasl=[SCRAM-SHA-256]") as made:
        talk = Client(made.peer())
        if talk.is_smtp:
            talk.ask(b"EHLO c")
        if not right:
            first = b"n,,n=" + escaped.encode() + b",r=abc"
            assert not talk.is_in(talk.auth(b"SCRAM-SHA-256", first))
            return
        mine = Scram(talk, user=escaped.encode())
        assert talk.challenge(mine.final()).startswith(b"v=")
        assert talk.is_in(talk.respond(b""))
        assert made.server.logins == [("SCRAM-SHA-256", b"a,b=c")]


@both
@pytest.mark.parametrize("header", [b"y,,", b"n,a=mrose,"])
def test_other_headers_that_are_right(protocol: str, header: bytes) -> None:
    with client(protocol) as talk:
        assert talk.challenge(Scram(talk, header=header).final()).startswith(b"v=")


@both
@pytest.mark.parametrize(
    "first",
    [b"", b"n,,", b"n,n=mrose,r=a", b"p=tls-unique,,n=mrose,r=a", b"n,a=tim,n=mrose,r=a"]
    + [b"n,,r=a,n=mrose", b"n,,m=x,n=mrose,r=a", b"n,,n=mrose", b"n,,n=mrose,r=", b"n,,n=,r=a"],
)
def test_first_messages_that_are_none(protocol: str, first: bytes) -> None:
    with client(protocol) as talk:
        assert not talk.is_in(talk.auth(b"SCRAM-SHA-1", first))


@both
def test_a_signature_can_be_made_wrong_or_left_out(protocol: str) -> None:
    with client(protocol, "signature=wrong") as talk:
        mine = Scram(talk)
        assert talk.challenge(mine.final()) != b"v=" + mine.exchange.signature(b"tanstaaf")
        assert talk.is_in(talk.respond(b""))
    with client(protocol, "signature=missing") as talk:
        assert talk.is_in(Scram(talk).final())


@both
@pytest.mark.parametrize(
    ("kind", "part"),
    [
        ("extension", b",i=4096,x=nobody-must-know-it"),
        ("demand", b"m=it-must-be-known,r="),
        ("foreign-nonce", b"r="),
        ("empty-salt", b",s=,i="),
    ],
)
def test_who_goes_on_after_an_odd_first_message_logs_in(
    protocol: str, kind: str, part: bytes
) -> None:
    with client(protocol, f"scram={kind}") as talk:
        mine = Scram(talk)
        assert part in mine.exchange.server_first
        assert (b"r=rOprNGfwEbeRWgbNEkqO" in mine.exchange.server_first) == (
            kind != "foreign-nonce"
        )
        assert talk.challenge(mine.final()) == b"v=" + mine.exchange.signature(b"tanstaaf")
        assert talk.is_in(talk.respond(b""))


# -- tokens, EXTERNAL, ANONYMOUS --------------------------------------------------------

BEARER = digests.oauthbearer(b"mrose", b"mail.example.org", b"587", b"tanstaaf")


@proves("RFC7628-3.1-MSG-05")
@both
@pytest.mark.parametrize(
    "name, message",
    [
        (b"OAUTHBEARER", BEARER),
        (b"OAUTHBEARER", b"n,,\x01auth=bearer tanstaaf\x01\x01"),
        (b"OAUTHBEARER", b"n,,\x01auth=Bearer tanstaaf\x01colour=red\x01qs=\x01\x01"),
        (b"XOAUTH2", digests.xoauth2(b"mrose", b"tanstaaf")),
    ],
)
def test_a_token_logs_its_user_in(protocol: str, name: bytes, message: bytes) -> None:
    with client(protocol) as talk:
        assert talk.is_in(talk.auth(name, message))


@proves("RFC7628-3.2.2-ERR-02")
@both
@pytest.mark.parametrize(
    "name, message, answer",
    [
        (b"OAUTHBEARER", BEARER.replace(b"tanstaaf", b"x"), b"\x01"),
        (b"OAUTHBEARER", BEARER.replace(b"mrose", b"tim"), b"\x01"),
        (b"OAUTHBEARER", b"n,,auth=Bearer tanstaaf", b"\x01"),
        (b"OAUTHBEARER", b"n,,\x01auth=Basic tanstaaf\x01\x01", b"\x01"),
        (b"XOAUTH2", digests.xoauth2(b"mrose", b"x"), b""),
        (b"XOAUTH2", b"user=mrose", b""),
    ],
)
def test_a_refusal_is_told_in_json_then_auth_fails(
    protocol: str, name: bytes, message: bytes, answer: bytes
) -> None:
    with client(protocol) as talk:
        refusal = talk.challenge(talk.auth(name, message))
        assert refusal.startswith(b'{"status":"')
        assert talk.code(talk.respond(answer)) == (535 if talk.is_smtp else 500)
        talk.challenge(talk.auth(name, message))
        assert talk.code(talk.ask(b"*")) == (501 if talk.is_smtp else 500)


@both
@pytest.mark.parametrize("response, right", [(b"", True), (b"client", True), (b"mrose", False)])
def test_external_is_the_user_of_the_certificate(
    protocol: str, response: bytes, right: bool
) -> None:
    with house(protocol, "sasl=[EXTERNAL] tls=implicit") as made:
        peer = Peer(made.server, protocol)
        made.peers.append(peer)
        peer.secure(client_certificate=True)
        talk = Client(peer)
        peer.reply()
        if talk.is_smtp:
            talk.ask(b"EHLO c")
        assert talk.is_in(talk.auth(b"EXTERNAL", response)) is right


@both
def test_external_without_a_certificate(protocol: str) -> None:
    with client(protocol) as talk:
        assert not talk.is_in(talk.auth(b"EXTERNAL", b""))
        assert not talk.is_in(talk.auth(b"EXTERNAL", b"mrose"))


@both
@pytest.mark.parametrize("trace", [b"sirhc", b"", "\u03b1".encode() * 255])
def test_anonymous(protocol: str, trace: bytes) -> None:
    with client(protocol) as talk:
        talk.auth(b"ANONYMOUS")
        assert talk.is_in(talk.respond(trace))
    with client(protocol) as talk:
        talk.auth(b"ANONYMOUS")
        assert not talk.is_in(talk.respond(b"\xff" if trace else b"x" * 256))
