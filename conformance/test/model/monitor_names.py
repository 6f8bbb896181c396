"""Names that break the grammar of RFC 5321 sections 4.1.2 and 4.1.3, each with its nearest neighbour."""

from __future__ import annotations

from conformance.test.wires import Wire, smtp


def hello(name: str, verb: str = "EHLO") -> Wire:
    """An SMTP session that begins with this name."""
    return Wire().connect().s("220 h").c(f"{verb} {name}")


def sender(address: str, *capabilities: str) -> Wire:
    """An SMTP session with this sender."""
    return smtp(*capabilities).c(f"MAIL FROM:<{address}>")


def recipient(address: str) -> Wire:
    """An SMTP session with this recipient."""
    return smtp().c("MAIL FROM:<>").s("250 ok").c(f"RCPT TO:<{address}>")


_LABEL = "x" * 63
_PAIRS = [
    ("a..b", "a.b"),
    ("-a.example", "a-a.example"),
    ("a-.example", "a.example"),
    ("mac.local.", "mac.local"),
    (".", "1"),
    ("", "localhost"),
    ("a_b", "a-b"),
    ("bücher.example", "xn--bcher-kva.example"),
    ("[hello]", "[tag:hello]"),
    ("[999.1.1.1]", "[99.1.1.1]"),
    ("[1.2.3]", "[001.2.3.4]"),
    ("[2001:db8::1]", "[IPv6:2001:db8::1]"),
    ("[IPv6:zzz]", "[ipv6:::]"),
    ("[IPv6:1:2:3:4:5:6:7::]", "[IPv6:1:2:3:4:5:6::]"),
    ("[IPv6:fe80::1%lo]", "[IPv6:fe80::1]"),
    ("[IPv6:1:2:3:4:5::1.2.3.4]", "[IPv6:1:2:3:4::1.2.3.4]"),
    ("[127.0.0.1] me", "[IPv6:::1]"),
    ("a.b c", "[IPv6:1:2:3:4:5:6:7:8]"),
]

NAMES: list[tuple[str, Wire, Wire]] = [
    *(("envelope.hello-name", hello(bad), hello(good)) for bad, good in _PAIRS),
    ("envelope.hello-name", hello("a_b", "HELO"), hello("[192.0.2.1]", "HELO")),
    ("envelope.hello-name", hello("a..b", "LHLO"), hello("a.b", "LHLO")),
    ("envelope.address-domain", sender("a@b..c"), sender("a@b.c")),
    ("envelope.address-domain", sender("a@b_c"), sender('"@b_c"@b')),
    ("envelope.address-domain", sender("a@b."), sender("")),
    (
        "envelope.address-domain",
        sender("a@-bücher.example", "SMTPUTF8"),
        sender("jörg@bücher.example", "SMTPUTF8"),
    ),
    ("envelope.address-domain", recipient("a@[2001:db8::1]"), recipient("a@[IPv6:2001:db8::1]")),
    ("envelope.address-domain", recipient("a@[300.0.0.1]"), recipient("@b,@c:a@[30.0.0.1]")),
    ("envelope.address-domain", recipient("a@"), recipient("postmaster")),
    ("envelope.address-local", recipient("a b@c"), recipient('"a b"@c')),
    ("envelope.address-local", recipient("a..b@c"), recipient("a.b+c@d")),
    ("envelope.address-local", sender(".a@b"), sender("")),
    ("envelope.address-local", sender("a(b)@c"), sender(r'"a\"@("@c')),
    ("envelope.address-local", sender("@b"), sender("jörg@b", "SMTPUTF8")),
    ("envelope.name-length", hello("x" + _LABEL), hello(_LABEL)),
    (
        "envelope.name-length",
        hello(".".join([_LABEL] * 4) + ".x"),
        hello(".".join([_LABEL] * 4)),
    ),
    ("envelope.name-length", recipient("a@x" + _LABEL), recipient(f"{'a' * 64}@{_LABEL}")),
]
