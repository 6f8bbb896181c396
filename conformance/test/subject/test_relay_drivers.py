"""The parts of the relays' drivers that need no relay: queue files, attributes, outcomes."""

from __future__ import annotations

import base64
import io
import socket
from pathlib import Path

import pytest

from conformance.drivers import dovecot
from conformance.drivers.relay import (
    dovecot_session,
    lines,
    postfix_attributes,
    postfix_outcome,
    postfix_queue,
    postfix_request,
    postfix_settings,
)
from conformance.drivers.relay.dovecot_auth import Auth
from conformance.drivers.relay.lines import Mail, Unsupported
from conformance.drivers.relay.postfix_attributes import written
from conformance.drivers.relay.postfix_services import Services

REPORT = {
    "diag_type": "smtp",
    "diag_text": "550 5.1.1 no",
    "status": "5.1.1",
    "reason": "said: 550",
}


@pytest.fixture(name="queue", autouse=True)
def _queue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("active", "private"):
        (tmp_path / name).mkdir()


def mail(
    message: bytes = b"Subject: x\r\n\r\n.\r\n", sender: str = "a@example.org", **more: object
) -> Mail:
    """What a request of the suite becomes."""
    row = {
        "host": "127.0.0.1",
        "port": 2500,
        "timeout_ms": 1001,
        "login": "none",
        "from": sender,
        "to": ["b@example.org", "c@example.org"],
        "message_b64": base64.b64encode(message).decode(),
    }
    return lines._mail({**row, **more})  # pylint: disable=protected-access


def test_a_request_is_read() -> None:
    asked = mail(policy="tls", login="auth", mech="plain", user="tim", secret="s")
    assert (asked.tls, asked.login, asked.wait_s) == ("starttls", "PLAIN", 2)
    assert asked.certified == "localhost"
    assert mail(tls="implicit", policy="own").tls == "implicit"
    assert mail(host="mail.example.org").certified == "mail.example.org"


def test_a_queue_file_has_the_lines_of_the_message() -> None:
    queued = postfix_queue.write(mail(b"a\r\n" + b"x" * 2049 + b"\r\n.\r\nend"))
    octets = postfix_queue.PATH.read_bytes()
    assert octets.startswith(b"S\x0da@example.orgR\x0db@example.org")
    assert [octets[place : place + 1] for place in queued.recipients] == [b"R", b"R"]
    long = b"L\x80\x10" + b"x" * 2048 + b"N\x01x"
    assert octets[queued.offset :] == b"N\x01a" + long + b"N\x01.N\x03endX\0E\0"
    assert queued.size == 3 + 2051 + 3 + 5
    assert not postfix_queue.is_done(queued.recipients[0])


@pytest.mark.parametrize(
    ("address", "internal"),
    [("a@b", b"a@b"), ('"a b"@c', b"a b@c"), (r'"a\"b"@c', b'a"b@c'), ("", b"")],
)
def test_an_address_loses_its_quotes_in_the_queue(address: str, internal: bytes) -> None:
    postfix_queue.write(mail(sender=address))
    head = b"S" + bytes([len(internal)]) + internal + b"R"
    assert postfix_queue.PATH.read_bytes().startswith(head)


@pytest.mark.parametrize("message", [b"a\nb", b"a\rb", b"a\0b"])
def test_what_the_queue_cannot_hold_is_not_asked_for(message: bytes) -> None:
    with pytest.raises(Unsupported):
        postfix_queue.write(mail(message))


@pytest.mark.parametrize("address", ["a@b,c@d", "<a@b>", "a\r\nb@c", "a@b> X=Y"])
def test_what_is_another_address_to_sendmail_is_not_asked_for(address: str) -> None:
    with pytest.raises(Unsupported):
        postfix_queue.write(mail(to=[address]))


@pytest.mark.parametrize("params", [["BODY"], ["RET=ALL"], ["X=1"], ["ENVID=a b"]])
def test_parameters_are_those_of_sendmail(params: list[str]) -> None:
    asked = mail(params=params)
    with pytest.raises(Unsupported):
        postfix_request.request(asked, postfix_queue.write(asked), "x", has_sendopts=False)


@pytest.mark.parametrize(("has_sendopts", "name"), [(False, b"smtputf8"), (True, b"sendopts")])
def test_a_request_has_the_attributes_of_this_version(has_sendopts: bool, name: bytes) -> None:
    asked = mail("Betreff: \u00fc\r\n\r\n".encode(), params=["BODY=8BITMIME"])
    octets = postfix_request.request(
        asked, postfix_queue.write(asked), "[x]:1", has_sendopts=has_sendopts
    )
    stream = io.BytesIO(octets)
    head = dict(postfix_attributes.read(stream))
    assert head[name] == b"3" and head[b"encoding"] == b"8bit"
    assert head[b"recipient_count"] == b"2" and len(base64.b64decode(head[b"time"])) == 88
    recipients = [dict(postfix_attributes.read(stream))[b"recipient"] for _ in range(2)]
    assert recipients == list(asked.to) and stream.read() == b""


def test_endless_attributes_are_refused() -> None:
    with pytest.raises(ValueError, match="too many"):
        postfix_attributes.read(io.BytesIO(b"a\0b\0" * 2000))
    with pytest.raises(ValueError, match="too long"):
        postfix_attributes.read(io.BytesIO(b"a" * (2 << 20)))


@pytest.mark.parametrize(
    ("more", "row"),
    [
        ({}, ("refused", 550, "5.1.1")),
        ({"reason": "lost connection with x while"}, ("io-error", 550, None)),
        ({"diag_type": "", "reason": "conversation with x timed out"}, ("timeout", None, None)),
        ({"reason": "SASL authentication failed; no mechanism available"}, ("policy", 550, None)),
        ({"diag_type": "x"}, ("failed", None, None)),
    ],
)
def test_a_report_is_an_outcome(more: dict[str, str], row: tuple[object, ...]) -> None:
    assert postfix_outcome.row(b"b@c", {**REPORT, **more}, done=False) == ("b@c", *row)


def test_a_message_is_sent_if_anybody_has_it() -> None:
    refused = postfix_outcome.row(b"b", REPORT, done=True)
    sent = postfix_outcome.row(b"c", None, done=True)
    assert postfix_outcome.answer([refused, sent], [REPORT])["outcome"] == "ok"
    assert postfix_outcome.row(b"c", None, done=False)[1] == "failed"
    late = {**REPORT, "diag_type": "", "reason": "lost connection while sending end of data"}
    lost = postfix_outcome.row(b"b", late, done=False)
    assert postfix_outcome.answer([lost], [late])["value"]["delivery"] == "unknown"


def test_the_secret_is_gone_when_the_goal_is_over(tmp_path: Path) -> None:
    asked = mail(login="auth", mech="PLAIN", user="tim", secret="a$b")
    with postfix_settings.words("smtp", asked, "[x]:1", tmp_path) as words:
        assert (tmp_path / "secrets").read_text() == "[x]:1 tim:a$b\n"
        assert "smtp_sasl_mechanism_filter=PLAIN" in words
    assert not (tmp_path / "secrets").exists()
    with postfix_settings.words("lmtp", mail(name="x"), "[x]:1", tmp_path) as words:
        assert {"lmtp_lhlo_timeout=2s", "lmtp_rcpt_timeout=2s", "lmtp_lhlo_name=x"} <= set(words)
    with pytest.raises(Unsupported), postfix_settings.words(
        "smtp", mail(login="own", user="a:b", secret="c"), "[x]:1", tmp_path
    ):
        pass


def test_bounce_and_tlsmgr_are_answered() -> None:
    services = Services()
    told = written(("offset", 9), ("recipient", "b@c"), ("reason", "why"))
    for name, asked, answer in (
        ("bounce", told, {b"status": b"0"}),
        ("tlsmgr", written(("request", "seed"), ("size", 32)), None),
    ):
        with socket.socket(socket.AF_UNIX) as sock:
            sock.connect(f"private/{name}")
            stream = sock.makefile("rb")
            assert postfix_attributes.read(stream)[0][0] == b"protocol"
            sock.sendall(asked)
            said = dict(postfix_attributes.read(stream))
            assert said == answer if answer else len(base64.b64decode(said[b"seed"])) == 32
    assert services.reports[9]["reason"] == "why"


@pytest.mark.parametrize(
    ("said", "row"),
    [
        (b"250 2.0.0 saved\r\n", ("ok", None, None)),
        (b"550 5.1.1 no\r\n", ("refused", 550, None)),
        (dovecot_session.LOCAL, ("rejected-locally", None, None)),
        (b"451 4.4.0 Proxy failed (timed out, session=x)\r\n", ("timeout", None, None)),
        (b"451 4.4.0 Proxy failed (bad reply, session=x)\r\n", ("protocol-error", None, None)),
        (b"451 4.4.0 Proxy failed (session=x)\r\n", ("failed", None, None)),
    ],
)
def test_a_reply_of_the_proxy_is_an_outcome(said: bytes, row: tuple[object, ...]) -> None:
    assert dovecot._row(b"b@c", said) == ("b@c", *row)  # pylint: disable=protected-access


@pytest.mark.parametrize(
    ("lmtp", "tls", "fields"),
    [
        (True, "none", b"protocol=lmtp"),
        (False, "implicit", b"protocol=smtp\tssl=yes"),
    ],
)
def test_the_proxy_is_told_where_the_server_is(lmtp: bool, tls: str, fields: bytes) -> None:
    auth = Auth(Path("private/auth"))
    auth.server = mail(lmtp=lmtp, tls=tls)
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect("private/auth")
        stream = sock.makefile("rb")
        assert stream.readline() == b"VERSION\t1\t1\n"
        assert stream.readline().startswith(b"SPID\t")
        sock.sendall(b"VERSION\t1\t1\nPASS\t7\tb@c\tservice=lmtp\n")
        head = b"PASS\t7\tuser=b@c\tproxy\thost=localhost\thostip=127.0.0.1\tport=2500"
        assert stream.readline() == head + b"\tproxy_timeout=2\t" + fields + b"\n"
    assert auth.lookups == 1


def test_a_message_is_handed_over_with_its_dots() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(
            b"220 x\r\n" + b"250 ok\r\n" * 3 + b"550 no\r\n354 go\r\n250 ok\r\n221 bye\r\n"
        )
        auth = Auth(Path("private/auth"))
        replies = dovecot_session.Session(ours, auth).deliver(mail(b".a\r\n."))
        assert replies == [b"250 ok\r\n", dovecot_session.LOCAL]
        assert theirs.recv(1 << 16).endswith(b"DATA\r\n..a\r\n..\r\n.\r\nQUIT\r\n")
