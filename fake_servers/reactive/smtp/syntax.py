"""The grammar of SMTP's arguments that a correct server checks (RFC 5321 section 4.1.2).

A blank too many is taken, as most servers do: a monitor judges it, and the session can go on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from fake_servers.grammar.address import DOMAIN_MAX, is_address_literal
from fake_servers.grammar.address import is_domain as is_dns_name

_ATOM = rb"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\x80-\xff-]+"
_QUOTED = rb'"(?:[ !#-\[\]-~\x80-\xff]|\\[ -~])*"'
_DOMAIN = rb"(?:[A-Za-z0-9\x80-\xff.-]+|\[[!-Z^-~]+\])"
_LOCAL = rb"(?P<local>" + _ATOM + rb"(?:\." + _ATOM + rb")*|" + _QUOTED + rb")"
_ROUTE = rb"(?:@" + _DOMAIN + rb"(?:,@" + _DOMAIN + rb")*:)?"
_MAILBOX = _LOCAL + rb"@(?P<domain>" + _DOMAIN + rb")"
_PATH = rb"<" + _ROUTE + rb"(?P<address>" + _MAILBOX + rb")>"
_PARAMETERS = rb"(?P<parameters>(?: +[^ ]+)*)"

_REVERSE = re.compile(rb" +FROM: *(?:<>|" + _PATH + rb")" + _PARAMETERS, re.IGNORECASE)
_FORWARD = re.compile(
    rb" +TO: *(?:<(?P<postmaster>postmaster)>|" + _PATH + rb")" + _PARAMETERS, re.IGNORECASE
)
_PARAMETER = re.compile(rb"([A-Za-z0-9][A-Za-z0-9-]*)(?:=([!-<>-~\x80-\xff]+))?")
_XTEXT = re.compile(rb"(?:[!-*,-<>-~]|\+[0-9A-F]{2})*")


@dataclass(frozen=True, slots=True)
class Path:
    """The argument of MAIL or RCPT.

    address     without angle brackets and source route; empty for `<>`
    parameters  keyword in upper case and value; None if there is no `=`
    """

    address: bytes
    parameters: dict[bytes, bytes | None]


def read_reverse_path(arguments: bytes) -> Path | None:
    """The arguments of MAIL, with the blank before them; None if they break the grammar."""
    return _read(_REVERSE.fullmatch(arguments))


def read_forward_path(arguments: bytes) -> Path | None:
    """The arguments of RCPT, with the blank before them; None if they break the grammar."""
    found = _FORWARD.fullmatch(arguments)
    if found and found["postmaster"]:
        return _with_parameters(found["postmaster"], found["parameters"])
    return _read(found)


def is_domain(text: bytes) -> bool:
    """Whether this is a domain or an address literal, as in EHLO and HELO."""
    is_name = is_dns_name(text, international=True) or is_address_literal(text)
    return is_name and len(text) <= DOMAIN_MAX


def is_xtext(value: bytes) -> bool:
    """Whether a value is xtext (RFC 3461 section 4), as the AUTH parameter must be."""
    return _XTEXT.fullmatch(value) is not None


def _read(found: re.Match[bytes] | None) -> Path | None:
    """Also checks the domain, and the sizes of section 4.5.3.1: 64 octets of local part."""
    if found is None or len(found["local"] or b"") > 64:
        return None
    if found["domain"] is not None and not is_domain(found["domain"]):
        return None
    return _with_parameters(found["address"] or b"", found["parameters"])


def _with_parameters(address: bytes, text: bytes) -> Path | None:
    parameters: dict[bytes, bytes | None] = {}
    for word in text.split():
        found = _PARAMETER.fullmatch(word)
        if found is None or found[1].upper() in parameters:
            return None
        parameters[found[1].upper()] = found[2]
    return Path(address, parameters)
