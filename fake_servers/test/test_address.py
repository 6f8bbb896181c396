"""The grammar of names and literals of RFC 5321, and which addresses are the same."""

from __future__ import annotations

import ipaddress
import random

import pytest

from fake_servers.grammar.address import (
    address_of,
    fits,
    is_address_literal,
    is_domain,
    is_same,
    is_same_domain,
)


@pytest.mark.parametrize(
    "name", ["a", "a.b", "1.2", "a--b.example", "xn--bcher-kva.example", "A-1.B", "x" * 64]
)
def test_a_domain(name: str) -> None:
    assert is_domain(name.encode())


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "a..b",
        ".a",
        "mac.local.",
        "-a.example",
        "a-.example",
        "a_b",
        "a b",
        "a/b",
        "[1.2.3.4]",
    ],
)
def test_no_domain(name: str) -> None:
    assert not is_domain(name.encode())
    assert not is_domain(name.encode(), international=True)


def test_a_u_label_is_one_where_addresses_are_international() -> None:
    assert is_domain("bücher.example".encode(), international=True)
    assert not is_domain("bücher.example".encode())
    assert not is_domain("-bücher.example".encode(), international=True)
    assert not is_domain("bücher-.example".encode(), international=True)


LITERALS = [
    "192.0.2.1",
    "0.0.0.0",
    "255.255.255.255",
    "001.002.003.004",
    "IPv6:::",
    "IPv6:::1",
    "ipv6:2001:DB8::1",
    "IPv6:1:2:3:4:5:6:7:8",
    "IPv6:1:2:3:4:5:6::",
    "IPv6:::3:4:5:6:7:8",
    "IPv6:1:2:3:4:5:6:192.0.2.1",
    "IPv6:1:2:3:4::192.0.2.1",
    "IPv6:::ffff:192.0.2.1",
    "IPv6:::192.0.2.1",
    "x-tag:any!thing",
]
NO_LITERALS = [
    "",
    "hello",
    "999.1.1.1",
    "1.2.3",
    "1.2.3.4.5",
    "1.2.3.0004",
    "1.2.3.",
    "2001:db8::1",
    "::1",
    "IPv6:",
    "IPv6:zzz",
    "IPv6:1",
    "IPv6:1:2:3:4:5:6:7",
    "IPv6:1:2:3:4:5:6:7:8:9",
    "IPv6:1:2:3:4:5:6:7::",
    "IPv6:1::3:4:5:6:7:8",
    "IPv6:1::2::3",
    "IPv6:::1:",
    "IPv6::1",
    "IPv6:12345::",
    "IPv6:1:2:3:4:5::192.0.2.1",
    "IPv6:1:2:3:4:5:6:7:192.0.2.1",
    "IPv6:192.0.2.1::",
    "IPv6:::192.0.2.256",
    "IPv6:fe80::1%eth0",
    "x-tag:",
    "-:x",
    "tag-:x",
    "x:a b",
    "x:a]b",
]


@pytest.mark.parametrize("inner", LITERALS)
def test_an_address_literal(inner: str) -> None:
    assert is_address_literal(f"[{inner}]".encode())
    assert not is_address_literal(inner.encode())
    assert not is_address_literal(f"[{inner}".encode())


@pytest.mark.parametrize("inner", NO_LITERALS)
def test_no_address_literal(inner: str) -> None:
    assert not is_address_literal(f"[{inner}]".encode())


def test_ipaddress_agrees_but_for_a_gap_of_one_group() -> None:
    dice = random.Random(5321)
    for _ in range(3000):
        words = [f"{dice.randrange(1 << 16):x}" for _ in range(dice.randrange(1, 10))]
        for _ in range(dice.randrange(3)):
            words.insert(dice.randrange(len(words) + 1), "")
        text = ":".join(words)
        try:
            numbers = ipaddress.IPv6Address(text).exploded.split(":")
            is_right = "::" not in text or len([word for word in words if word]) <= 6
        except ValueError:
            numbers, is_right = [], False
        assert is_address_literal(f"[IPv6:{text}]".encode()) is is_right, text
        if is_right:
            exploded = f"[IPv6:{':'.join(numbers)}]"
            assert is_same_domain(f"[IPv6:{text}]".encode(), exploded.encode())


def test_sizes_of_a_domain() -> None:
    label = "x" * 63
    assert fits(f"{label}.{label}.{label}.{label}".encode())
    assert not fits(f"{label}.{label}.{label}.{label}.y".encode())
    assert not fits(b"x" * 64)
    assert fits(b"[x:" + b"y" * 100 + b"]")


SAME = [
    ("a@b.example", "a@B.Example"),
    ("u@bücher.example", "u@xn--bcher-kva.example"),
    ("u@BÜCHER.example", "u@XN--BCHER-KVA.example"),
    ("u@bu\u0308cher.example", "u@bücher.example"),
    ('"a.b"@c', "a.b@c"),
    ('"a b"@c', '"a\\ b"@c'),
    ("a@[IPv6:::1]", "a@[ipv6:0:0:0:0:0:0:0:0001]"),
    ("a@[192.0.2.1]", "a@[192.000.002.001]"),
    ("postmaster", "Postmaster"),
    ("", ""),
]
OTHERS = [
    ("A@b", "a@b"),
    ("a@b", "a@c"),
    ("a@b", "a@b."),
    ("jörg@b", "jorg@b"),
    ("u@bücher.example", "u@bucher.example"),
    ('"A"@b', "a@b"),
    ("a@[192.0.2.1]", "a@[192.0.2.10]"),
    ("a@[IPv6:::1]", "a@[IPv6:::2]"),
    ("a", "A"),
    ("", "a@b"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_address(one: str, other: str) -> None:
    assert is_same(one.encode(), other.encode()) and is_same(other.encode(), one.encode())


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_another_address(one: str, other: str) -> None:
    assert not is_same(one.encode(), other.encode())


def test_octets_of_any_kind_compare() -> None:
    assert not is_same(b"a@xn--\xff", b"a@b")
    assert is_same(b"a@\xff.B", b"a@\xff.b")


@pytest.mark.parametrize(
    ("command", "address"),
    [
        (b"MAIL FROM:<a@b> SIZE=1", b"a@b"),
        (b"MAIL FROM:<>", b""),
        (b"rcpt to:<@a,@b:c@d>", b"c@d"),
        (b'RCPT TO:<"a>b@x"@c> NOTIFY=NEVER', b'"a>b@x"@c'),
        (b'RCPT TO:<"@x:"@c>', b'"@x:"@c'),
        (b"RCPT TO:a@b", None),
        (b"EHLO c", None),
    ],
)
def test_the_address_of_a_command(command: bytes, address: bytes | None) -> None:
    assert address_of(command) == address
