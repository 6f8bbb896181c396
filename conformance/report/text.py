"""Text from the wire or from a subject, made safe and readable for a report."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from conformance.excerpt import ESCAPE as _ESCAPE

_ROOT = Path(__file__).resolve().parents[2]
_CONTROL = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
"""Characters that a terminal, a browser or an XML parser does not simply show: controls, marks that
change the direction of the text, lone surrogates.
"""


def printable(text: str) -> str:
    """The text with each control character except LF as an escape: no report contains one."""
    return _CONTROL.sub(lambda found: _escaped(ord(found.group())), text)


def _escaped(code: int) -> str:
    return f"\\x{code:02X}" if code < 0x100 else f"\\u{code:04X}"


def plain_json(text: str) -> str:
    """A JSON text in which each control character, and each lone surrogate, is an escape."""
    return _CONTROL.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def one_line(text: str) -> str:
    """The printable text on one line."""
    return printable(text).replace("\n", "\\n")


def mark_column(notation: str, octet: int) -> int:
    """The column, from 0, of an octet of a text in the notation of traces.

    An escape is one octet, any other character as many as its UTF-8 has. After the end, it is the
    column behind the last character.
    """
    column = 0
    seen = 0
    while column < len(notation):
        escape = _ESCAPE.match(notation, column)
        width = len(escape.group()) if escape else 1
        size = 1 if escape else len(notation[column].encode("utf-8", "surrogatepass"))
        if seen + size > octet:
            return column
        seen += size
        column += width
    return column


def section_name(rfc: str, section: str) -> str:
    """`RFC 1939 section 7`; a source that is not an RFC keeps its own name."""
    number = rfc.removeprefix("RFC")
    return f"{f'RFC {number}' if number.isdigit() else rfc} section {section}"


def location(file: str, line: int) -> str:
    """`traces/pop3/apop.trace:12`, or the file as it was named if it is not among the traces."""
    file = one_line(file)
    shipped = not file.startswith(("/", "..")) and (_ROOT / "traces" / file).is_file()
    return f"{'traces/' if shipped else ''}{file}" + (f":{line}" if line else "")


def place_of(difference: Mapping[str, Any]) -> str:
    """Where expectation and observation part, and the row that the case is made from."""
    row = difference.get("row")
    told = location(difference["file"], difference["line"])
    return f"{told}, row at line {row}" if row else told


def plural(count: int, noun: str) -> str:
    """`1 case`, `2 cases`."""
    return f"{count} {noun}" + ("" if count == 1 else "s")
