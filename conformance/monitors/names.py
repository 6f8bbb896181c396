"""Rules of the names in EHLO, HELO and LHLO, and of the domains in MAIL and RCPT."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.model.framer import Frame
from conformance.monitors.monitor import SMTP, Monitor, Violation
from conformance.monitors.talk import HELLOS, Connection, Talk
from fake_servers.grammar.address import (
    DOMAIN_MAX,
    LABEL_MAX,
    address_of,
    fits,
    is_address_literal,
    is_domain,
    split_mailbox,
)

_ATOM = rb"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\x80-\xff-]+"
_QUOTED = rb'"(?:[ !#-\[\]-~\x80-\xff]|\\[ -~])*"'
_LOCAL = re.compile(rb"%b(?:\.%b)*|%b" % (_ATOM, _ATOM, _QUOTED))
_WANTED = "a domain or an address literal"


def _domains(connection: Connection) -> Iterator[tuple[Frame, bytes]]:
    """The part after the `@` of each address in MAIL and RCPT; the null path has no such part."""
    for sent in connection.commands():
        address = address_of(sent.text) if sent.verb in ("MAIL", "RCPT") else None
        local, domain = split_mailbox(address or b"")
        if local != address and address:
            yield sent, domain


def hello_name(talk: Talk) -> Iterator[Violation]:
    """EHLO, HELO and LHLO name one domain or address literal, in ASCII."""
    for connection in talk.connections:
        for sent in connection.commands():
            name = sent.argument
            if sent.verb in HELLOS and not is_domain(name) and not is_address_literal(name):
                yield Violation(
                    sent, "the name is neither a domain nor an address literal", _WANTED
                )


def address_domain(talk: Talk) -> Iterator[Violation]:
    """After the `@` of an address comes a domain or an address literal.

    Another monitor judges octets above 127 where SMTPUTF8 is not offered.
    """
    for connection in talk.connections:
        for sent, domain in _domains(connection):
            if not is_domain(domain, international=True) and not is_address_literal(domain):
                reason = "the domain of the address is neither a domain nor an address literal"
                yield Violation(sent, reason, _WANTED)


def address_local(talk: Talk) -> Iterator[Violation]:
    """What is before the `@` is atoms with dots between them, or a quoted string."""
    for connection in talk.connections:
        for sent in connection.commands():
            address = address_of(sent.text) if sent.verb in ("MAIL", "RCPT") else None
            if address and not _LOCAL.fullmatch(split_mailbox(address)[0]):
                reason = "what is before the @ is neither atoms nor a quoted string"
                yield Violation(sent, reason, "a quoted string")


def name_length(talk: Talk) -> Iterator[Violation]:
    """A name has at most the length that servers must accept; a client may try a longer one."""
    for connection in talk.connections:
        hellos = ((sent, sent.argument) for sent in connection.commands() if sent.verb in HELLOS)
        for sent, domain in (*hellos, *_domains(connection)):
            if not fits(domain):
                reason = "the name is longer than DNS and SMTP allow"
                wanted = f"at most {DOMAIN_MAX} octets, and {LABEL_MAX} between dots"
                yield Violation(sent, reason, wanted)


MONITORS = (
    Monitor(
        "envelope.hello-name",
        "EHLO and HELO name a domain or an address literal",
        SMTP,
        ("RFC5321-4.1.2-DOMAIN-01", "RFC5321-4.1.3-LITERAL-01"),
        hello_name,
    ),
    Monitor(
        "envelope.address-domain",
        "An address has a domain or an address literal",
        SMTP,
        ("RFC5321-4.1.2-DOMAIN-01", "RFC5321-4.1.3-LITERAL-01"),
        address_domain,
    ),
    Monitor(
        "envelope.address-local",
        "A local part is atoms with dots between them, or a quoted string",
        SMTP,
        ("RFC5321-4.1.2-ADDR-05",),
        address_local,
    ),
    Monitor(
        "envelope.name-length",
        "A domain has at most 255 octets, and a label 63",
        SMTP,
        ("RFC5321-4.5.3.1.2-LIMIT-01",),
        name_length,
        is_advice=True,
    ),
)
