"""Recorded octets and texts in the notation of traces."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from fake_servers.trace.notation import show

REPEATED = 8
"""From this many equal lines on they become one line with ${repeat}."""

_LINE = re.compile(rb".*?\r\n|.+", re.DOTALL)


def lines(mark: str, octets: bytes) -> list[str]:
    """The lines of a trace for these octets, each with the mark C, S or D.

    An empty message is `D|` alone.
    """
    if not octets:
        return [f"{mark}|"]
    found: list[str] = []
    for line, equal in groupby(_LINE.findall(octets)):
        count = sum(1 for _ in equal)
        if count < REPEATED:
            found += [_line(mark, line)] * count
        else:
            found.append(f"{mark}| ${{repeat {quoted(line)} {count}}}")
    return found


def raw(mark: str, octets: bytes) -> str:
    """All octets as one line."""
    parts = []
    for line, equal in groupby(_LINE.findall(octets)):
        count = sum(1 for _ in equal)
        is_long = count >= REPEATED
        parts.append(f"${{repeat {quoted(line)} {count}}}" if is_long else show(line) * count)
    shown = "".join(parts)
    return f"{mark}| " + (f"{shown[:-1]}\\x20" if shown.endswith(" ") else shown)


def _line(mark: str, line: bytes) -> str:
    """One line: as text if possible, else with escapes."""
    text = line.removesuffix(b"\r\n")
    is_plain = line.endswith(b"\r\n") and all(0x20 <= octet < 0x7F for octet in text)
    if is_plain and not text.endswith(b" "):
        return f"{mark}: {text.decode('ascii').replace('$', '$$')}".rstrip()
    return raw(mark, line)


def quoted(octets: bytes) -> str:
    """A text in quotes, as an argument or a value has it."""
    return '"' + show(octets).replace('"', '\\"') + '"'


def pairs(values: dict[str, object]) -> str:
    """`key=value ...`: octets in quotes, lists in brackets; a text stays as it is."""
    return " ".join(f"{name}={_value(value)}" for name, value in values.items())


def _value(value: object) -> str:
    if isinstance(value, bytes):
        return quoted(value)
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    return str(value)


def comment(sentence: str) -> Iterator[str]:
    """A sentence as lines of a comment."""
    words, row = sentence.split(), "#"
    for word in words:
        if len(row) + len(word) > 98 and row != "#":
            yield row
            row = "#"
        row += f" {word}"
    yield row
