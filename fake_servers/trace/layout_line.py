"""The one layout of a single line of a trace: blanks between words, no needless quotes."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from fake_servers.trace.error import TraceError
from fake_servers.trace.lines import first_word
from fake_servers.trace.scan import Scanner
from fake_servers.trace.syntax import Value
from fake_servers.trace.timeline import GROUPS, read_directive

_KEY_WIDTH = 8
_BARE = re.compile(r'[^\s"\\$,\[\]#{}]+')
_NOT_TEXT = re.compile(r"true|false|-?[0-9]+")


def laid_out(text: str, path: Path, number: int, in_header: bool) -> str:
    """A line; one that has its sense only with its holes filled is left as it is."""
    text = text.strip(" \t")
    if text.startswith("#"):
        return text
    try:
        return _header(text, path, number) if in_header else _line(text, path, number)
    except TraceError:
        if "{" not in text:
            raise
        return text


def _header(line: str, path: Path, number: int) -> str:
    key, _, rest = line.partition(":")
    rest = rest.strip()
    if key in ("proves", "source", "needs", "strict"):
        rest = " ".join(rest.split())
    elif key == "server":
        rest = _pairs(Scanner(path, number, rest))
    elif key in ("goal", "begin"):
        name, _, pairs = rest.partition(" ")
        rest = _joined(name, _pairs(Scanner(path, number, pairs)))
    return f"{key + ':':<{_KEY_WIDTH}} {rest}"


def _line(line: str, path: Path, number: int) -> str:
    """One line of the timeline or of a goal case."""
    make = _MAKERS.get(line[:2])
    if make is not None:
        return make(line, path, number)
    if line.startswith("="):
        return "= " + _directive(Scanner(path, number, line[1:]))
    if line.startswith("on "):
        return _override(Scanner(path, number, line[3:].lstrip()))
    if line.startswith("}"):
        return "} {" if line.endswith("{") else "}"
    if first_word(line) in GROUPS:
        return f"{first_word(line)} {{"
    return line


def _call(line: str, path: Path, number: int) -> str:
    word, _, pairs = line[2:].strip().partition(" ")
    return f"{line[:2]} {_joined(word, _pairs(Scanner(path, number, pairs)))}"


def _result(line: str, path: Path, number: int) -> str:
    """Outcomes and values, with one blank on each side of a bar between alternatives."""
    scanner = Scanner(path, number, line[2:].strip())
    laid = []
    while not scanner.done():
        end = scanner.text.find(" ", scanner.at)
        end = len(scanner.text) if end < 0 else end
        outcomes = scanner.text[scanner.at : end]
        scanner.at = end
        laid.append(_joined(outcomes, _pairs(scanner, "|")))
        scanner.take("|")
    return f"{line[:2]} {' | '.join(laid)}"


def _words(line: str, path: Path, number: int) -> str:
    return f"{line[:2]} {' '.join(line[2:].split())}"


_MAKERS: dict[str, Callable[[str, Path, int], str]] = {
    "A:": _call,
    "R:": _result,
    "T:": _words,
    "M:": _words,
}


def _joined(word: str, rest: str) -> str:
    return f"{word} {rest}" if rest else word


def _pairs(scanner: Scanner, end: str = "") -> str:
    found = []
    while not scanner.done() and not (end and scanner.text.startswith(end, scanner.at)):
        key, _, _ = scanner.text[scanner.at :].partition("=")
        scanner.at += len(key) + 1
        found.append(f"{key}={_value(scanner, '')}")
    return " ".join(found)


def _value(scanner: Scanner, stop: str) -> str:
    """One value as it is written best: a list by its items, text without needless quotes."""
    if not scanner.take("["):
        begin = scanner.at
        value = scanner.value(stop)
        return _unquoted(value, scanner.text[begin : scanner.at])
    items = []
    while not scanner.done() and not scanner.take("]"):
        scanner.take(",")
        scanner.skip_blanks()
        items.append(_value(scanner, ",]"))
    return f"[{', '.join(items)}]"


def _unquoted(value: Value, source: str) -> str:
    """The text in quotes without them, where it is the same without."""
    if not source.startswith('"') or not isinstance(value, tuple) or len(value) != 1:
        return source
    octets = value[0]
    inner = source[1:-1]
    same = isinstance(octets, bytes) and octets == inner.encode() and _BARE.fullmatch(inner)
    return inner if same and not _NOT_TEXT.fullmatch(inner) else source


def _directive(scanner: Scanner) -> str:
    directive = read_directive(scanner)
    return " ".join((directive.name, *directive.args))


def _override(scanner: Scanner) -> str:
    """`CMD#n: action, action`."""
    command, _, _ = scanner.text.partition(":")
    scanner.at = len(command) + 1
    actions = []
    while not scanner.done():
        scanner.take(",")
        scanner.skip_blanks()
        actions.append(_action(scanner))
    return f"on {command.strip()}: {', '.join(actions)}"


def _action(scanner: Scanner) -> str:
    if not scanner.text.startswith("reply", scanner.at):
        return _directive(scanner)
    scanner.at += len("reply")
    scanner.skip_blanks()
    begin = scanner.at
    scanner.quoted()
    return f"reply {scanner.text[begin : scanner.at]}"
