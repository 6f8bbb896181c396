"""Secrets of a recorded session: formulas stand in their place, whatever the client sent."""

from __future__ import annotations

import base64

import pytest

from conformance.record.trace import CannotWrite
from conformance.test.record.sessions import told, written
from fake_servers.auth import digests, scram

READY = ["S: 220 a.example", "C: EHLO b.example", "S: 250 a.example"]
OK = ["S: 235 ok", "C: QUIT", "S: 221 bye"]
SECRET = b"tanstaaftanstaaf"


def b64(octets: bytes | str) -> str:
    return base64.b64encode(octets.encode() if isinstance(octets, str) else octets).decode()


def login(*lines: str, secret: bytes = b"") -> str:
    text = written(told(*READY, *lines, *OK), secret)
    assert "tanstaaf" not in text and b64(SECRET)[:8] not in text
    return text


def test_plain_with_the_command_and_behind_it() -> None:
    text = login(f"C: auth plain {b64(b'me|tim|' .replace(b'|', bytes(1)) + SECRET)}")
    assert "A: smtp.auth mech=PLAIN user=tim secret=made-up-secret authzid=me initial=yes\n" in text
    assert 'C: AUTH PLAIN ${plain "me" "tim" made-up-secret}\nS: 235 ok\nR: ok\n' in text
    text = login("C: AUTH PLAIN", "S: 334 ", f"C: {b64(bytes(1) + b'tim' + bytes(1) + SECRET)}")
    assert 'S| 334 \\r\\n\nC: ${plain "" "tim" made-up-secret}\n' in text and "initial=no" in text


def test_login_has_one_form() -> None:
    asked = ["S: 334 VXNlcm5hbWU6", f"C: {b64('tim')}"]
    rest = ["S: 334 UGFzc3dvcmQ6", f"C: {b64(SECRET)}"]
    text = login("C: AUTH LOGIN", *asked, *rest)
    form = 'C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: ${b64 "tim"}\nS: 334 UGFzc3dvcmQ6\n'
    assert form + "C: ${b64 made-up-secret}\n" in text
    text = login(f"C: AUTH LOGIN {b64('tim')}", *rest)
    assert form in text and "LOGIN has no such way" in text


def test_a_second_secret_has_another_name() -> None:
    first = [f"C: AUTH PLAIN {b64(bytes(1) + b'tim' + bytes(1) + b'wrong')}", "S: 535 no"]
    text = login(*first, f"C: AUTH PLAIN {b64(bytes(1) + b'tim' + bytes(1) + SECRET)}")
    assert "made-up-secret initial=yes\n" in text and "secret=made-up-secret-2 " in text
    assert "S: 535 no\nR: refused|auth-failed\n" in text


def test_cram_md5() -> None:
    ask = b"<1@a>"
    lines = ["C: AUTH CRAM-MD5", f"S: 334 {b64(ask)}"]
    lines.append(f"C: {b64(digests.cram_md5(b'tim', SECRET, ask))}")
    for secret in (b"", SECRET):
        text = login(*lines, secret=secret)
        assert 'C: ${cram "tim" made-up-secret "<1@a>"}\n' in text and "right one" not in text
    assert "response was not the right one" in login(*lines, secret=b"another")


@pytest.mark.parametrize("flag", ["n", "y"])
def test_scram_with_both_signatures(flag: str) -> None:
    first = f"{flag},,n=tim,r=abc".encode()
    opening = b"r=abcdef,s=c2FsdA==,i=4096"
    exchange = scram.ScramExchange("sha256", first, opening)
    final = exchange.without_proof() + b",p=" + exchange.proof(SECRET)
    verify = b"v=" + exchange.signature(SECRET)
    lines = [f"C: AUTH SCRAM-SHA-256 {b64(first)}", f"S: 334 {b64(opening)}", f"C: {b64(final)}"]
    lines += [f"S: 334 {b64(verify)}", "C: "]
    text = login(*lines, secret=SECRET)
    words = f'sha-256 made-up-secret "{b64("n,,n=tim,r=abc")}" "{b64(opening)}"'
    assert f"C: ${{scram_final {words}}}\nS: 334 ${{scram_verify {words}}}\nC:\n" in text
    assert "user=tim secret=made-up-secret nonce=abc initial=yes" in text
    assert ("usual form" in text) == (flag == "y") and "right one" not in text
    assert b64(exchange.proof(SECRET))[:12] not in text and b64(verify)[:12] not in text


def test_tokens() -> None:
    message = b64(digests.xoauth2(b"tim", SECRET))
    assert 'C: AUTH XOAUTH2 ${xoauth2 "tim" made-up-secret}\n' in login(
        f"C: AUTH XOAUTH2 {message}"
    )
    message = b64(digests.oauthbearer(b"tim", b"h", b"25", SECRET))
    text = login(f"C: AUTH OAUTHBEARER {message}")
    assert "C: AUTH OAUTHBEARER $response\n" in text and "user=tim secret=made-up-secret" in text


def test_an_unknown_mechanism_keeps_nothing_of_its_secret() -> None:
    lines = ["C: AUTH X-OWN", f"S: 334 {b64('ask')}", f"C: {b64(SECRET)}", f"S: 334 {b64('proof')}"]
    text = login(*lines, "C: ")
    assert 'mech=X-OWN answers=[made-up-secret, ""] initial=no' in text
    assert f"S: 334 {b64('ask')}\nC: ${{b64 made-up-secret}}\n" in text and b64("proof") not in text


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["C: AUTH"], "AUTH without a mechanism"),
        ([f"C: AUTH PLAIN {b64(SECRET)}"], "PLAIN has not three parts"),
        ([f"C: AUTH PLAIN !{b64(SECRET)}"], "is not base64"),
        (["C: AUTH CRAM-MD5", "S: 334 PDFAYT4=", f"C: {b64(SECRET)}"], "no user and digest"),
        ([f"C: AUTH SCRAM-SHA-1 {b64(SECRET)}"], "two commas"),
        ([f"C: AUTH SCRAM-SHA-1-PLUS {b64(SECRET)}"], "ends in the recorder"),
        (["C: AUTH EXTERNAL ="], "needs a certificate"),
        (["C: AUTH PLAIN", "S: 334 ", "C: *"], "the client cancels the login"),
        ([f"C: AUTH XOAUTH2 {b64(SECRET)}"], "no user and token"),
    ],
)
def test_a_login_that_is_unclear_keeps_nothing_either(lines: list[str], reason: str) -> None:
    text = login(*lines)
    assert reason in text.replace("\n# ", " ") and "\nA: " not in text


@pytest.mark.parametrize(("secret", "told"), [(b"a", True), (b"42", True), (SECRET, False)])
def test_a_secret_that_is_too_short_to_search_for_is_said(secret: bytes, told: bool) -> None:
    lines = [f"C: AUTH PLAIN {b64(bytes(1) + b'tim' + bytes(1) + secret)}"]
    text = login(*lines)
    assert 'C: AUTH PLAIN ${plain "" "tim" made-up-secret}\n' in text and "\nA: " in text
    assert ("were not searched" in text) == told


@pytest.mark.parametrize(("left", "form"), [("x {}", "as it is"), ("{b64}", "in base64")])
def test_a_secret_elsewhere_is_not_written(left: str, form: str) -> None:
    said = left.format(SECRET.decode(), b64=b64(SECRET))
    with pytest.raises(CannotWrite, match=f"would have the secret {form}"):
        login("C: NOOP " + said, "S: 250 ok", secret=SECRET)
    with pytest.raises(CannotWrite, match=f"would have the secret {form}"):
        login(f"C: AUTH PLAIN {b64(bytes(1) + b't' + bytes(1) + SECRET)}", f"S: 535 {said}")
