"""Text from the wire or from a subject, made safe and readable for a report."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from conformance.excerpt import ESCAPE as _ESCAPE

_ROOT = Path(__file__).resolve().parents[2]
IMPLIED = "implied"
IMPLIED_MEANS = (
    "implied: this follows from the grammar or the order of the protocol, though the RFC has no MUST"
    " or SHOULD for it"
)
_VERSION_SHOWN = 60
_NUMBER = re.compile(r".*?\d[\w.]*")
_MARKS = re.compile(r"((?<=\w)[._/:=](?=\w))")
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


def readable(octets: bytes) -> str:
    """Octets as the text that they are in UTF-8, on one line; what is not such text is an escape."""
    text = octets.decode("utf-8", "surrogateescape")
    text = re.sub("[\udc80-\udcff]", lambda found: f"\\x{ord(found.group()) & 0xFF:02X}", text)
    return one_line(text)


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


def obligation(entry: Mapping[str, Any]) -> str:
    """`MUST, RFC 1939 section 7`, or `implied by RFC 1939 section 3`: how and where the source binds
    a client.

    entry  an element of `requirements`
    """
    where = section_name(entry["rfc"], entry["section"])
    return f"implied by {where}" if entry["level"] == IMPLIED else f"{entry['level']}, {where}"


def brief_version(version: str) -> str:
    """The start of a version, which some clients print with the versions of all their libraries.

    It has the first number even where the rest of that word is cut.
    """
    first = version.partition("\n")[0].partition(r"\n")[0].strip()
    if len(first) > _VERSION_SHOWN:
        number = _NUMBER.match(first[:_VERSION_SHOWN])
        words = first[: _VERSION_SHOWN + 1].rpartition(" ")[0] or first[:_VERSION_SHOWN]
        first = number.group() if number and number.end() > len(words) else words
    return first if first == version.strip() else f"{first} ..."


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


def breakable(text: str) -> Any:
    """An id or a file name for a page: a browser may break it behind a mark, not within a word."""
    from markupsafe import Markup, escape

    return Markup(_MARKS.sub(r"\1<wbr>", str(escape(one_line(text)))))


def plural(count: int, noun: str) -> str:
    """`1 case`, `2 cases`."""
    return f"{count} {noun}" + ("" if count == 1 else "s")
