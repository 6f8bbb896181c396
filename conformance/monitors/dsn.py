"""Rules of the parameters of delivery status notifications (RFC 3461)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.model.framer import Frame
from conformance.monitors.monitor import SMTP, Monitor, Violation
from conformance.monitors.talk import Talk
from fake_servers.grammar.commands import parameters_of

_XTEXT = re.compile(rb"(?:[!-*,-<>-~]|\+[0-9A-F]{2})*")
_UTF8_XTEXT = re.compile(rb"(?:[!-*,-<>-~\x80-\xff]|\+[0-9A-F]{2})*")
_ORCPT_MOST = 500
_ENVID_ADVISED = 38


def _values(talk: Talk, verb: str, keyword: bytes) -> Iterator[tuple[Frame, bytes]]:
    """The values of one parameter, each with its command."""
    for connection in talk.connections:
        for sent in connection.commands():
            if sent.verb == verb:
                for word in parameters_of(sent.text):
                    name, _, value = word.partition(b"=")
                    if name.upper() == keyword:
                        yield sent, value


def xtext(talk: Talk) -> Iterator[Violation]:
    """The value of ENVID is xtext, and so is that of ORCPT after its address type.

    The type utf-8 (RFC 6533 section 3) also has octets above 127; another monitor judges them
    where SMTPUTF8 is not offered.
    """
    for sent, value in _values(talk, "MAIL", b"ENVID"):
        if not _XTEXT.fullmatch(value):
            yield Violation(sent, "ENVID is not xtext", "+ and two upper-case digits")
    for sent, value in _values(talk, "RCPT", b"ORCPT"):
        kind, _, address = value.partition(b";")
        shape = _UTF8_XTEXT if kind.lower() == b"utf-8" else _XTEXT
        if not shape.fullmatch(address):
            yield Violation(sent, "ORCPT is not xtext", "+ and two upper-case digits")


def orcpt_length(talk: Talk) -> Iterator[Violation]:
    """ORCPT has at most 500 octets."""
    for sent, value in _values(talk, "RCPT", b"ORCPT"):
        if len(value) > _ORCPT_MOST:
            yield Violation(sent, "ORCPT is too long", f"at most {_ORCPT_MOST} octets")


def envid_length(talk: Talk) -> Iterator[Violation]:
    """ENVID should have at most 38 octets."""
    for sent, value in _values(talk, "MAIL", b"ENVID"):
        if len(value) > _ENVID_ADVISED:
            yield Violation(sent, "ENVID is long", f"at most {_ENVID_ADVISED} octets")


MONITORS = (
    Monitor("dsn.xtext", "ENVID and ORCPT are xtext", SMTP, ("RFC3461-4-XTEXT-01",), xtext),
    Monitor(
        "dsn.orcpt-length",
        "ORCPT has at most 500 octets",
        SMTP,
        ("RFC3461-4.2-ORCPT-02",),
        orcpt_length,
    ),
    Monitor(
        "dsn.envid-length",
        "ENVID has at most 38 octets",
        SMTP,
        ("RFC3461-5.4-LEN-01",),
        envid_length,
        is_advice=True,
    ),
)
