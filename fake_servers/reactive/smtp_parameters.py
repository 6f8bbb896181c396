"""Parameters of MAIL and RCPT: which extension brings them, and the values they take."""

from __future__ import annotations

from collections.abc import Callable

from fake_servers.reactive.options import Options
from fake_servers.reactive.smtp_syntax import Path, is_xtext

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

_VALID: dict[bytes, Callable[[bytes | None], bool]] = {
    b"SIZE": lambda value: value is not None and value.isdigit() and len(value) <= 20,
    b"BODY": lambda value: value is not None and value.upper() in (b"7BIT", b"8BITMIME"),
    b"AUTH": lambda value: value is not None and is_xtext(value),
    b"SMTPUTF8": lambda value: value is None,
    b"RET": lambda value: value is not None and value.upper() in (b"FULL", b"HDRS"),
}


def judge_parameters(command: str, path: Path, options: Options) -> Fault | None:
    """The refusal that the parameters earn, None if all are offered and well formed.

    A parameter of no offered extension is 555 (RFC 5321 section 4.1.1.11), a declared size
    above the server's is 552 (RFC 1870 section 6.1).
    """
    for keyword, value in path.parameters.items():
        if not _is_offered(_EXTENSION.get((command, keyword)), options):
            return 555, "5.5.4", f"{command} knows no such parameter here"
        if not _VALID.get(keyword, lambda value: value is not None)(value):
            return 501, "5.5.4", f"{keyword.decode('ascii')} cannot have this value"
    declared, limit = path.parameters.get(b"SIZE"), options.parameters(b"SIZE")
    if declared and limit and limit[0].isdigit() and 0 < int(limit[0]) < int(declared):
        return 552, "5.3.4", "message too big"
    return None


def _is_offered(extension: bytes | None, options: Options) -> bool:
    if extension is None:
        return False
    return bool(options.sasl) if extension == b"AUTH" else options.offers(extension)
