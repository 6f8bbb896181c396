"""Rules of the form of the parameters of MAIL and RCPT, and of the values of those that are known."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from conformance.model.framer import Frame
from conformance.monitors.monitor import SMTP, Check, Monitor, Violation
from conformance.monitors.talk import Connection, Talk
from fake_servers.grammar.commands import parameters_of

_FORM = re.compile(rb"[A-Za-z0-9][A-Za-z0-9-]*(?:=[!-<>-~\x80-\xff]+)?")
_XTEXT = rb"(?:[!-*,-<>-~]|\+[0-9A-F]{2})+"
_EVENTS = rb"(?:SUCCESS|FAILURE|DELAY)"


@dataclass(frozen=True, slots=True)
class _Value:
    """What the value of a parameter is.

    form    of the value with its `=`
    wanted  the same in words
    """

    verb: str
    keyword: bytes
    form: bytes
    wanted: str
    requirement: str


_VALUES = (
    _Value("MAIL", b"SIZE", rb"=[0-9]{1,20}", "1 to 20 digits", "RFC1870-3-MAIL-01"),
    _Value(
        "MAIL",
        b"BODY",
        rb"=(?i:7BIT|8BITMIME|BINARYMIME)",
        "7BIT, 8BITMIME or BINARYMIME",
        "RFC6152-2-BODY-01",
    ),
    _Value("MAIL", b"AUTH", rb"=" + _XTEXT, "xtext, or <>", "RFC4954-5-AUTHPARAM-01"),
    _Value("MAIL", b"SMTPUTF8", rb"", "no value", "RFC6531-3.1-MAIL-01"),
    _Value("MAIL", b"RET", rb"=(?i:FULL|HDRS)", "FULL or HDRS", "RFC3461-4.3-RET-01"),
    _Value(
        "RCPT",
        b"NOTIFY",
        rb"=(?i:NEVER|%b(?:,%b)*)" % (_EVENTS, _EVENTS),
        "NEVER, or a list of SUCCESS, FAILURE and DELAY",
        "RFC3461-4.1-NOTIFY-01",
    ),
    _Value(
        "RCPT",
        b"ORCPT",
        rb"=[!#-'*+/-9=?A-Z^-~-]+;.*",
        "an address type, a semicolon and the address",
        "RFC3461-4.2-ORCPT-01",
    ),
)


def _commands(connection: Connection, *verbs: str) -> Iterator[tuple[Frame, bytes]]:
    """Each parameter, with its command."""
    for sent in connection.commands():
        if sent.verb in verbs:
            for word in parameters_of(sent.text):
                yield sent, word


def form(talk: Talk) -> Iterator[Violation]:
    """A parameter is a keyword, or a keyword, "=" and a value of one octet or more.

    Another monitor judges octets above 127 where SMTPUTF8 is not offered.
    """
    for connection in talk.connections:
        for sent, word in _commands(connection, "MAIL", "RCPT"):
            if not _FORM.fullmatch(word):
                yield Violation(sent, "a parameter has another form", "KEY or KEY=value")


def _value_check(value: _Value) -> Check:
    """The rule of one parameter's value."""
    shape = re.compile(value.form)
    name = value.keyword.decode()

    def check(talk: Talk) -> Iterator[Violation]:
        for connection in talk.connections:
            for sent, word in _commands(connection, value.verb):
                keyword, equals, rest = word.partition(b"=")
                if keyword.upper() == value.keyword and not shape.fullmatch(equals + rest):
                    yield Violation(sent, f"the value of {name} has another form", value.wanted)

    return check


MONITORS = (
    Monitor(
        "parameter.form",
        "A parameter of MAIL or RCPT is a keyword, or a keyword with its value",
        SMTP,
        ("RFC5321-4.1.2-ESMTP-01",),
        form,
    ),
    *(
        Monitor(
            f"parameter.{value.keyword.decode().lower()}",
            f"The value of {value.keyword.decode()} is {value.wanted}",
            SMTP,
            (value.requirement,),
            _value_check(value),
        )
        for value in _VALUES
    ),
)
