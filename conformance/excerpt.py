"""Long texts cut to a length that people read, with a note of how much is left out."""

from __future__ import annotations

import re
from dataclasses import dataclass

TEXT_MAX = 1000
"""The most characters of a sentence that a report shows."""

NOTATION_MAX = 400
"""The most characters of an expected or actual value that a report shows, without the notes."""

_BEFORE = 150
_NOTES_MAX = 100
"""A text that is longer by no more than this is not cut: so no text is cut twice."""
_LOOK_BACK = 4096
ESCAPE = re.compile(r"\\x[0-9A-Fa-f]{2}|\\.|\$\$", re.DOTALL)
"""An octet that the notation of traces writes as several characters."""


_NUMBER = re.compile(r"(?<![\w.])(?<!RFC )(?<!section )(?<!sections )\d+(?:\.\d+)*")
"""A number. Digits in a name, such as `pop3.user`, or in a reference do not count."""


def without_numbers(text: str) -> str:
    """The sentence with N for each number: the same for all that differ only in numbers."""
    return _NUMBER.sub("N", text)


def shorten(text: str, limit: int = TEXT_MAX) -> str:
    """A sentence of at most about `limit` characters: its start, a note, its end."""
    tail = limit // 4
    if len(text) <= limit + tail:
        return text
    return f"{text[:limit - tail]} [{len(text) - limit} characters cut] {text[-tail:]}"


@dataclass(frozen=True, slots=True)
class Window:
    """Expected and actual around the place where they differ.

    mark  the octet, from 0, of this `actual` at which they differ; None if nothing was cut from
          its start
    """

    expected: str
    actual: str
    mark: int | None = None


def window(expected: str, actual: str, octet: int | None) -> Window:
    """Two texts in the notation of traces; `octet` is where they differ, None if unknown."""
    if max(len(expected), len(actual)) <= NOTATION_MAX + _NOTES_MAX:
        return Window(expected, actual)
    parts_at = _common(expected, actual)
    begin = _boundary(actual, max(0, parts_at - _BEFORE)) if parts_at > _BEFORE else 0
    shown, before = _cut(actual, begin)
    mark = None if octet is None or not begin else before + octet - _octets(actual[:begin])
    return Window(_cut(expected, begin)[0], shown, mark)


def _cut(text: str, begin: int) -> tuple[str, int]:
    """NOTATION_MAX characters from `begin`, between notes, and the length of the first note."""
    if begin > len(text):
        begin = _boundary(text, len(text))
    end = _boundary(text, min(len(text), begin + NOTATION_MAX))
    before = f"[{_octets(text[:begin])} octets cut]" if begin else ""
    behind = f"[{_octets(text[end:])} octets cut]" if end < len(text) else ""
    return before + text[begin:end] + behind, len(before)


def _common(one: str, other: str) -> int:
    """How many characters at the start are the same."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _boundary(text: str, column: int) -> int:
    """The last place up to `column` that is not inside an escape."""
    start = column
    while start > 0 and column - start < _LOOK_BACK and _may_be_inside(text, start):
        start -= 1
    at = start
    while at < column:
        escape = ESCAPE.match(text, at)
        following = escape.end() if escape else at + 1
        if following > column:
            break
        at = following
    return at


def _may_be_inside(text: str, column: int) -> bool:
    return any(sign in text[max(0, column - 4) : column] for sign in "\\$")


def _octets(notation: str) -> int:
    return len(ESCAPE.sub("?", notation).encode("utf-8", "surrogatepass"))
