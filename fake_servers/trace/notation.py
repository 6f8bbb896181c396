"""Octets and templates as a trace writes them; the inverse of the scanner."""

from __future__ import annotations

from fake_servers.trace.syntax import Func, Name, Template

_SHORT = {0x0D: "\\r", 0x0A: "\\n", 0x09: "\\t", 0x5C: "\\\\", 0x24: "$$"}

_SHOWN: tuple[str, ...] = tuple(
    _SHORT.get(octet) or (chr(octet) if 0x20 <= octet < 0x7F else f"\\x{octet:02x}")
    for octet in range(256)
)

_IN_QUOTES = _SHOWN[:0x22] + ('\\"',) + _SHOWN[0x23:]


def show(octets: bytes) -> str:
    """Octets as `C|` and `S|` write them: printable ASCII, escapes, `$$` for a dollar."""
    return "".join([_SHOWN[octet] for octet in octets])


def column(octets: bytes, index: int) -> int:
    """Where in show(octets) the octet `index` stands, from 0; index may be len(octets)."""
    return len(show(octets[:index]))


def write(template: Template) -> str:
    """A template as `C|` writes it, its holes as `$name` and `${f ...}`."""
    return "".join(_part(part) for part in template)


def _part(part: bytes | Name | Func) -> str:
    if isinstance(part, bytes):
        return show(part)
    if isinstance(part, Name):
        return f"${part.name}"
    return "${" + " ".join([part.name, *map(_argument, part.args)]) + "}"


def _argument(template: Template) -> str:
    """One argument of a function: a hole as it is, everything else quoted where it must be."""
    text = "".join(
        "".join([_IN_QUOTES[octet] for octet in part]) if isinstance(part, bytes) else _part(part)
        for part in template
    )
    if len(template) == 1 and not isinstance(template[0], bytes):
        return text
    return text if text.isalnum() else f'"{text}"'
