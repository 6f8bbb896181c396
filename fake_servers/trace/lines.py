"""The lines of a trace that say something, each with its number."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from fake_servers.trace.error import TraceError
from fake_servers.trace.scan import Scanner
from fake_servers.trace.syntax import Func, Name, Template


class Line(NamedTuple):
    """One line without its indent and its line end."""

    number: int
    text: str


def first_word(text: str) -> str:
    """The first word of a line; what looks blank but is no blank of a trace is a word, too."""
    return (text.split() or [text])[0]


class Lines:
    """The lines of a case in order, without comments and blank lines."""

    def __init__(self, path: Path, lines: Iterable[Line]) -> None:
        self.path = path
        self._lines = [line for line in lines if line.text and line.text[0] != "#"]
        self._at = 0

    def peek(self) -> Line | None:
        """The next line, None at the end."""
        return self._lines[self._at] if self._at < len(self._lines) else None

    def next(self) -> Line:
        """Take the next line; there must be one."""
        self._at += 1
        return self._lines[self._at - 1]

    def last_number(self) -> int:
        """Number of the last line, 1 in an empty trace."""
        return self._lines[-1].number if self._lines else 1

    def scanner(self, line: Line, skip: int = 0) -> Scanner:
        """A scanner for a line, from its character `skip` on."""
        return Scanner(self.path, line.number, line.text[skip:])

    def error(self, line: Line, message: str, token: str | None = None) -> TraceError:
        """An error at `token` of a line, or at its first word."""
        word = first_word(line.text) if token is None else token
        return TraceError(self.path, line.number, word, message)

    def data(self) -> Template | None:
        """The message octets of the `D:` and `D|` lines that come next; None without any."""
        parts: list[Template] = []
        while (line := self.peek()) and line.text[:2] in ("D:", "D|"):
            parts.append(self.octets(self.next()))
        return join(parts) if parts else None

    def octets(self, line: Line) -> Template:
        """The octets of a line like `C: text` (CRLF is added) or `C| octets` (with escapes)."""
        raw = line.text[1] == "|"
        if len(line.text) == 2:
            return () if raw else (b"\r\n",)
        if line.text[2] != " ":
            raise self.error(line, f"a blank stands after {line.text[:2]}", line.text[:3])
        template = self.scanner(line, 3).remaining(escapes=raw)
        return template if raw else join([template, (b"\r\n",)])


def join(templates: list[Template]) -> Template:
    """Templates one after the other, neighbouring octets as one part."""
    joined: list[bytes | Name | Func] = []
    octets: list[bytes] = []
    for part in (part for template in templates for part in template):
        if isinstance(part, bytes):
            octets.append(part)
            continue
        if octets:
            joined.append(b"".join(octets))
            octets.clear()
        joined.append(part)
    if octets:
        joined.append(b"".join(octets))
    return tuple(joined)
