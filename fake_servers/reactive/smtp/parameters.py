"""Parameters of MAIL and RCPT: the extension that defines each, and the values it allows."""

from __future__ import annotations

import re
from collections.abc import Callable

from fake_servers.reactive.options import Options
from fake_servers.reactive.smtp.syntax import Path, is_xtext

Fault = tuple[int, str, str]
"""Code, enhanced code and text of a refusal."""

_EXTENSION = {
    ("MAIL", b"SIZE"): b"SIZE",
    ("MAIL", b"BODY"): b"8BITMIME",
    ("MAIL", b"AUTH"): b"AUTH",
    ("MAIL", b"SMTPUTF8"): b"SMTPUTF8",
    ("MAIL", b"RET"): b"DSN",
    ("MAIL", b"ENVID"): b"DSN",
    ("RCPT", b"NOTIFY"): b"DSN",
    ("RCPT", b"ORCPT"): b"DSN",
}

_NOTIFY = re.compile(rb"NEVER|(?:SUCCESS|FAILURE|DELAY)(?:,(?:SUCCESS|FAILURE|DELAY)){0,2}", re.I)
_ORCPT = re.compile(rb"[A-Za-z0-9-]+;(.+)")
_BODIES = (b"7BIT", b"8BITMIME", b"BINARYMIME")

ENVID_LIMIT = 100
ORCPT_LIMIT = 500
"""The most characters of the parameters of RFC 3461 section 5.4."""


def _is_notify(value: bytes) -> bool:
    words = value.upper().split(b",")
    return _NOTIFY.fullmatch(value) is not None and len(set(words)) == len(words)


def _is_original_recipient(value: bytes) -> bool:
    found = _ORCPT.fullmatch(value)
    return len(value) <= ORCPT_LIMIT and found is not None and is_xtext(found[1])


_VALID: dict[bytes, Callable[[bytes], bool]] = {
    b"SIZE": lambda value: value.isdigit() and len(value) <= 20,
    b"BODY": lambda value: value.upper() in _BODIES,
    b"AUTH": is_xtext,
    b"RET": lambda value: value.upper() in (b"FULL", b"HDRS"),
    b"ENVID": lambda value: len(value) <= ENVID_LIMIT and is_xtext(value),
    b"NOTIFY": _is_notify,
    b"ORCPT": _is_original_recipient,
}


def judge_parameters(command: str, path: Path, options: Options) -> Fault | None:
    """The refusal of the parameters; None if all are offered and well-formed.

    A parameter that is not offered gets 555 (RFC 5321 section 4.1.1.11), a declared size above
    the server's limit gets 552 (RFC 1870 section 6.1).
    """
    for keyword, value in path.parameters.items():
        if not _is_offered(command, keyword, value, options):
            return 555, "5.5.4", f"{command} knows no such parameter here"
        if keyword == b"SMTPUTF8":
            is_valid = value is None
        else:
            is_valid = value is not None and _VALID[keyword](value)
        if not is_valid:
            return 501, "5.5.4", f"{keyword.decode('ascii')} cannot have this value"
    declared, limit = path.parameters.get(b"SIZE"), options.number(b"SIZE")
    if declared and 0 < limit < int(declared):
        return 552, "5.3.4", "message too big"
    return None


def judge_address(path: Path, sender: Path) -> Fault | None:
    """The refusal of an address that is not ASCII if MAIL lacks SMTPUTF8 (RFC 6531)."""
    if path.address.isascii() or b"SMTPUTF8" in sender.parameters:
        return None
    return 553, "5.6.7", "this address needs SMTPUTF8"


def _is_offered(command: str, keyword: bytes, value: bytes | None, options: Options) -> bool:
    if keyword == b"BODY" and value is not None and value.upper() == b"BINARYMIME":
        return options.offers(b"BINARYMIME") and options.offers(b"CHUNKING")
    extension = _EXTENSION.get((command, keyword))
    if extension is None:
        return False
    return bool(options.sasl) if extension == b"AUTH" else options.offers(extension)
