"""Preludes: the lines that `begin: NAME key=value ...` in a header stands for.

They stand in preludes.txt, in the notation of traces.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fake_servers.trace.error import TraceError
from fake_servers.trace.lines import Line
from fake_servers.trace.notation import write
from fake_servers.trace.scan import Scanner
from fake_servers.trace.syntax import Origin, Value

SOURCE = Path(__file__).with_name("preludes.txt")

_KEY = "begin:"
_NAME = re.compile(r"[a-z][a-z0-9-]*(?![^ \t])")
_HOLE = re.compile(r"\{([a-z_]+)(\.\.\.|=([^}]*))?\}")
_REPLY_LINE = re.compile(r"S: [0-9]{3} ")

Arguments = Mapping[str, "str | list[str]"]


@dataclass(slots=True)
class Prelude:
    """One block of preludes.txt; a condition without a value is met by any."""

    conditions: dict[str, str]
    lines: list[str] = field(default_factory=list)

    def holds(self, args: Arguments) -> bool:
        """Whether the arguments meet the conditions."""
        return all(
            key in args and (not value or args[key] == value)
            for key, value in self.conditions.items()
        )


@functools.cache
def preludes() -> dict[str, list[Prelude]]:
    """By name, such as `smtp.ready`: the forms of a prelude in the order in which they are tried."""
    found: dict[str, list[Prelude]] = {}
    lines: list[str] = []
    for text in SOURCE.read_text("utf-8").splitlines():
        if text.startswith("prelude:"):
            name, *words = text.removeprefix("prelude:").split()
            pairs = [word.partition("=") for word in words]
            prelude = Prelude({key: value for key, _, value in pairs})
            found.setdefault(name, []).append(prelude)
            lines = prelude.lines
        elif text and not text.startswith("#"):
            lines.append(text)
    return found


def put_in(
    path: Path, header: Sequence[Line], body: Sequence[Line], row: int
) -> tuple[list[Line], Origin]:
    """The lines of the case with those of its prelude; raises TraceError.

    The lines of a prelude are numbered behind the header, and the body behind them: a case tells
    its lines apart by their numbers. Origin leads back to the file.
    """
    begins = [line for line in header if line.text.startswith(_KEY)]
    if not begins:
        return [*header, *_parted(header, body), *body], Origin(row)
    begin, *more = begins
    if more:
        raise TraceError(path, more[0].number, "begin", "the key is given twice")
    others = [line for line in header if line is not begin]
    texts = _lines_of(path, begin, others)
    end = max(line.number for line in header)
    shift = len(texts)
    inserted = [Line(end + nth, text) for nth, text in enumerate(texts, 1)]
    moved = [Line(line.number + shift, line.text) for line in body]
    whole = [*others, Line(end, ""), *inserted, *(moved[1:] if _is_gap(body) else moved)]
    is_usual = _OWN_REPLY.search(begin.text) is None
    return whole, Origin(row, begin.number, end, shift, is_usual=is_usual)


_OWN_REPLY = re.compile(r"\s(?:caps|greeting)=")
"""The arguments by which a case asks how its client reads a reply of the prelude."""


def _is_gap(body: Sequence[Line]) -> bool:
    return bool(body) and not body[0].text


def _parted(header: Sequence[Line], body: Sequence[Line]) -> list[Line]:
    """A blank line between header and body, where there is none."""
    return [] if not header or not body or _is_gap(body) else [Line(header[-1].number, "")]


def _lines_of(path: Path, begin: Line, header: Sequence[Line]) -> tuple[str, ...]:
    keys = {line.text.partition(":")[0]: line for line in header}
    if "moves" in keys:
        message = "moves: all lists every move, and a prelude has none; write its lines out"
        raise TraceError(path, keys["moves"].number, "moves", message)
    if "goal" in keys or "family" in keys:
        raise TraceError(path, begin.number, "begin", "a prelude belongs to a timeline")
    identifier = keys["id"].text[len("id:") :].strip() if "id" in keys else ""
    protocol = identifier.partition(".")[0]
    if not any(name.startswith(f"{protocol}.") for name in preludes()):
        return ()  # the id is wrong, an error where the header is read
    try:
        return _texts(protocol, begin.text[len(_KEY) :])
    except TraceError as error:
        raise TraceError(path, begin.number, error.token, error.message) from None


@functools.lru_cache(maxsize=1024)
def _texts(protocol: str, words: str) -> tuple[str, ...]:
    """The lines that a prelude with these arguments stands for; many cases have the same."""
    scanner = Scanner(Path(), 0, words)
    scanner.skip_blanks()
    name = scanner.match(_NAME, "the name of a prelude is expected here")
    values = scanner.pairs()
    args = {key: _argument(scanner, key, value) for key, value in values.items()}
    whole = f"{protocol}.{name}"
    if whole not in preludes():
        own = [each.partition(".")[2] for each in preludes() if each.startswith(f"{protocol}.")]
        known = ", ".join(own)
        raise scanner.error(f"there is no such prelude; those of {protocol} are {known}", name)
    used: set[str] = set()
    texts = _with_hyphens(list(_expanded(whole, args, used)))
    for key in args:
        if key not in used:
            raise scanner.error(f"the prelude {name} has no use for this argument", key)
    return tuple(texts)


def _argument(scanner: Scanner, key: str, value: Value) -> str | list[str]:
    if isinstance(value, list):
        items = [_argument(scanner, key, item) for item in value]
        if not all(isinstance(item, str) for item in items):
            raise scanner.error("an argument of a prelude is a text or a list of texts", key)
        return [item for item in items if isinstance(item, str)]
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    text = write(value)
    if "\\" in text:
        raise scanner.error("an argument of a prelude is plain text; write the lines out", key)
    return text


def _expanded(name: str, args: Arguments, used: set[str]) -> Iterator[str]:
    """The lines of a prelude with those of the preludes in it; `used` takes the arguments' names."""
    forms = preludes()[name]
    prelude = next(form for form in forms if form.holds(args))
    used.update(prelude.conditions)
    for text in prelude.lines:
        if text.startswith(_KEY):
            inner = f"{name.partition('.')[0]}.{text.removeprefix(_KEY).strip()}"
            yield from _expanded(inner, args, used)
        else:
            yield from _filled(text, args, used)


def _filled(text: str, args: Arguments, used: set[str]) -> Iterator[str]:
    """A line of a prelude: once for each item, not at all without its argument."""
    hole = _HOLE.search(text)
    if hole is None:
        yield text
        return
    key, form, default = hole[1], hole[2], hole[3]
    used.add(key)
    value = args.get(key, default)
    if not value:
        return
    if isinstance(value, str):
        value = [value]
    for item in value if form == "..." else [" ".join(value)]:
        yield text[: hole.start()] + item + text[hole.end() :]


def _with_hyphens(lines: list[str]) -> list[str]:
    """Neighbouring lines of a reply of SMTP, all but the last with a hyphen behind the code."""
    for at, (text, following) in enumerate(zip(lines, lines[1:])):
        if _REPLY_LINE.match(text) and _REPLY_LINE.match(following):
            lines[at] = f"{text[:6]}-{text[7:]}"
    return lines
