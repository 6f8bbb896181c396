"""Domains, address literals and mailboxes of RFC 5321: their grammar, and which are equal.

The grammar is that of sections 4.1.2 and 4.1.3; RFC 6531 section 3.3 extends sub-domains.
Domains compare as DNS names (section 2.4). A U-label equals its A-label (RFC 6531 section 3.2),
and all quoted forms of a local part are equal (section 4.1.2).
"""

from __future__ import annotations

import re
import unicodedata

DOMAIN_MAX = 255
"""Octets of a domain that every server must accept (RFC 5321 section 4.5.3.1.2)."""
LABEL_MAX = 63
"""Octets of a label (RFC 1035 section 2.3.4)."""

_SUB_DOMAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?")
_U_LABEL = re.compile(r"[A-Za-z0-9\x80-\U0010ffff](?:[A-Za-z0-9\x80-\U0010ffff-]*)(?<!-)")
_SNUM = re.compile(r"[0-9]{1,3}")
_IPV6_HEX = re.compile(r"[0-9A-Fa-f]{1,4}")
_TAGGED = re.compile(r"([A-Za-z0-9-]*[A-Za-z0-9]):([!-Z^-~]+)")
_GROUPS = 8
_GAP_MIN = 2
_PATH = re.compile(
    rb'(?:[A-Z]+ *[A-Z]+:) *<((?:"(?:[^"\\]|\\.)*"|[^">])*)>', re.IGNORECASE | re.DOTALL
)
_ROUTE = re.compile(rb"@[^:>\"]*:")
_MAILBOX = re.compile(rb'("(?:[^"\\]|\\.)*"|[^"@]*)@(.*)', re.DOTALL)


def is_domain(text: bytes, *, international: bool = False) -> bool:
    """Whether this is a Domain; `international` also allows U-labels. Sizes are not checked."""
    shape = _U_LABEL if international else _SUB_DOMAIN
    labels = _text(text).split(".")
    return all(shape.fullmatch(label) for label in labels)


def is_address_literal(text: bytes) -> bool:
    """Whether this is an address literal in its brackets.

    A General-address-literal may have any Standardized-tag. An IPv6 address without its tag
    looks like one but is not: IPv6 is the only registered tag.
    """
    inner = _text(text[1:-1])
    if text[:1] != b"[" or text[-1:] != b"]" or _ipv6(inner) is not None:
        return False
    tagged = _TAGGED.fullmatch(inner)
    if tagged is None:
        return _ipv4(inner) is not None
    return tagged[1].upper() != "IPV6" or _ipv6(tagged[2]) is not None


def fits(domain: bytes) -> bool:
    """Whether a domain is short enough for every server, and each label for DNS."""
    labels = domain.split(b".")
    return len(domain) <= DOMAIN_MAX and (
        domain.startswith(b"[") or all(len(label) <= LABEL_MAX for label in labels)
    )


def address_of(command: bytes) -> bytes | None:
    """The mailbox in the path of MAIL or RCPT, without a source route; None if it has no path."""
    path = _PATH.match(command)
    if path is None:
        return None
    route = _ROUTE.match(path[1])
    return path[1][route.end() :] if route else path[1]


def split_mailbox(address: bytes) -> tuple[bytes, bytes]:
    """Local part and domain; the domain is empty if there is no `@`."""
    mailbox = _MAILBOX.fullmatch(address)
    return (mailbox[1], mailbox[2]) if mailbox else (address, b"")


def is_same(one: bytes, other: bytes) -> bool:
    """Whether two mailboxes, or two domains after an `@`, are equal."""
    return one == other or _canonical(one) == _canonical(other)


def is_same_domain(one: bytes, other: bytes) -> bool:
    """Whether two domains or address literals are equal."""
    return is_same(b"@" + one, b"@" + other)


def _canonical(address: bytes) -> tuple[bytes, str]:
    local, domain = split_mailbox(address)
    if not domain:
        return (local.lower() if local.lower() == b"postmaster" else local), ""
    if len(local) > 1 and local[:1] == local[-1:] == b'"':
        local = re.sub(rb"\\(.)", rb"\1", local[1:-1], flags=re.DOTALL)
    text = _text(domain)
    if domain.startswith(b"["):
        return local, _canonical_literal(text)
    return local, ".".join(_u_label(label) for label in text.split("."))


def _canonical_literal(text: str) -> str:
    tag, colon, address = text[1:-1].partition(":")
    numbers = _ipv6(address) if colon and tag.upper() == "IPV6" else _ipv4(text[1:-1])
    return text.lower() if numbers is None else str(numbers)


def _u_label(label: str) -> str:
    """A label in the form in which it compares: A-labels decoded, lower case, NFC."""
    label = label.lower()
    if label.startswith("xn--"):
        try:
            label = label[4:].encode().decode("punycode")
        except (UnicodeError, ValueError):
            pass
    return unicodedata.normalize("NFC", label.lower())


def _ipv4(text: str) -> list[int] | None:
    """The two 16-bit groups of an IPv4 address; leading zeros are legal and decimal."""
    parts = text.split(".")
    if len(parts) != 4 or not all(_SNUM.fullmatch(part) for part in parts):
        return None
    a, b, c, d = map(int, parts)
    return [a << 8 | b, c << 8 | d] if max(a, b, c, d) <= 255 else None


def _ipv6(text: str) -> list[int] | None:
    """The eight groups of an IPv6-addr.

    Unlike in the module ipaddress, "::" means at least two groups, no zone follows, and the
    decimal numbers of an IPv4 address at the end may have leading zeros.
    """
    head, gap, tail = text.partition("::")
    before = _groups(head, ends=not gap)
    after = _groups(tail, ends=True) if gap else []
    if before is None or after is None:
        return None
    missing = _GROUPS - len(before) - len(after)
    is_whole = missing >= _GAP_MIN if gap else missing == 0
    return [*before, *[0] * missing, *after] if is_whole else None


def _groups(text: str, *, ends: bool) -> list[int] | None:
    """Groups of hexadecimal digits; at the end of an address the last two may be IPv4."""
    words = text.split(":") if text else []
    is_mixed = ends and bool(words) and "." in words[-1]
    last = _ipv4(words.pop()) if is_mixed else []
    if last is None or not all(_IPV6_HEX.fullmatch(word) for word in words):
        return None
    return [int(word, 16) for word in words] + last


def _text(octets: bytes) -> str:
    """Octets as text; octets that are not UTF-8 differ from all text."""
    return octets.decode("utf-8", "surrogateescape")
