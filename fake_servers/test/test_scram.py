"""SCRAM against the literal examples of RFC 5802 section 5 and RFC 7677 section 3."""

from __future__ import annotations

import pytest

from fake_servers.auth import scram

SHA1 = scram.ScramExchange(
    "sha1",
    b"n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL",
    b"r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
)
SHA256 = scram.ScramExchange(
    "sha256",
    b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
    b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
)


@pytest.mark.parametrize(
    ("exchange", "proof", "signature"),
    [
        (SHA1, b"v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=", b"rmF9pqV8S7suAoZWja4dJRkFsKQ="),
        (
            SHA256,
            b"dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
            b"6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
        ),
    ],
    ids=["rfc5802", "rfc7677"],
)
def test_proof_and_signature_of_the_rfc(
    exchange: scram.ScramExchange, proof: bytes, signature: bytes
) -> None:
    assert exchange.proof(b"pencil") == proof
    assert exchange.signature(b"pencil") == signature


def test_the_other_parts_of_the_example_of_rfc5802() -> None:
    answer = scram.server_first(
        SHA1.client_first, b"3rfcNHYJY1ZVvWVs7j", b"A%\xc2G\xe4:\xb1\xe9<m\xffv", 4096
    )
    assert answer == SHA1.server_first
    assert SHA1.without_proof() == b"c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j"


def test_the_header_of_a_client_that_would_bind_is_eSws() -> None:
    exchange = scram.ScramExchange("sha1", b"y,,n=user,r=x", b"r=xy,s=QSXC,i=1")
    assert exchange.binding == b"eSws"


@pytest.mark.parametrize(
    ("escaped", "name"),
    [(b"user", b"user"), (b"a=2Cb=3Dc", b"a,b=c"), (b"=3D2C", b"=2C"), (b"=2C2C", b",2C")],
)
def test_a_name_without_its_escapes(escaped: bytes, name: bytes) -> None:
    assert scram.read_name(escaped) == name


@pytest.mark.parametrize("escaped", [b"a=b", b"=", b"a=2c", b"=3D=", b"=2"])
def test_a_name_with_a_bare_equals_sign(escaped: bytes) -> None:
    with pytest.raises(scram.BadMessage):
        scram.read_name(escaped)


@pytest.mark.parametrize("message", [b"", b"r", b"r=a,,s=b", b"r=a,r=b", b"1=a", b"=a"])
def test_what_is_no_message(message: bytes) -> None:
    with pytest.raises(scram.BadMessage):
        scram.attributes(message)


@pytest.mark.parametrize(
    ("first", "answer"),
    [
        (b"n,", b"r=x,s=QSXC,i=1"),
        (SHA1.client_first, b"s=QSXC,i=1"),
        (SHA1.client_first, b"r=x,i=1"),
        (SHA1.client_first, b"r=x,s=!,i=1"),
        (SHA1.client_first, b"r=x,s=QSXC,i=many"),
        (SHA1.client_first, b"r=x,s=QSXC,i=0"),
    ],
)
def test_an_exchange_that_has_no_proof(first: bytes, answer: bytes) -> None:
    with pytest.raises(scram.BadMessage):
        scram.ScramExchange("sha1", first, answer).proof(b"pencil")


def test_a_first_message_without_a_nonce_is_not_answered() -> None:
    with pytest.raises(scram.BadMessage, match="no nonce"):
        scram.server_first(b"n,,n=user", b"x", b"salt", 4096)
