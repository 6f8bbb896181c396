"""The header of a trace: `key: value` lines before the timeline."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from fake_servers.trace.lines import Line, Lines
from fake_servers.trace.syntax import Value

KEYS = (
    "id",
    "title",
    "proves",
    "source",
    "needs",
    "goal",
    "server",
    "moves",
    "variants",
    "breach",
    "strict",
    "policy",
    "timeout",
    "family",
    "begin",
)
POLICIES = ("clear", "tls", "own")
DEFAULT_TIMEOUT_MS = 400
LONGEST_TIMEOUT_MS = 60_000

_HEADER = re.compile(r"([a-z][a-z0-9_-]*):(?:[ \t](.*))?$")
_WORDS = r"[a-z0-9]+(?:-[a-z0-9]+)*"
_ID = re.compile(rf"(?:pop3|smtp)(?:\.{_WORDS})+(?:/{_WORDS}(?:\.{_WORDS})*)*")
_GOAL = re.compile(r"[a-z][a-z0-9]*(\.[a-z][a-z0-9]*)+")
_BREACH = re.compile(r"(NON-STRICT|INFO) *: *(\S.*)")
_VARIANTS = re.compile(r"not((?: +[a-z0-9]+)+) *(?:: *(.*))?$")


@dataclass(slots=True)
class Header:
    """The header's values, each as the Trace has it; `lines` are those of the keys."""

    id: str = ""
    title: str = ""
    proves: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    goal: str = ""
    goal_args: dict[str, Value] = field(default_factory=dict)
    server: dict[str, Value] = field(default_factory=dict)
    moves_all: bool = False
    excluded_variants: frozenset[str] = frozenset()
    exclusion_reason: str = ""
    breach: str = ""
    breach_reason: str = ""
    strict: tuple[str, ...] = ()
    policy: str = "clear"
    timeout_ms: int = DEFAULT_TIMEOUT_MS
    family: str = ""
    lines: dict[str, int] = field(default_factory=dict)


def is_header(text: str) -> bool:
    """Whether a line, among those before the timeline, is one of a header."""
    return _HEADER.match(text) is not None


def read_header(lines: Lines) -> Header:
    """Take the header lines; a line of any other kind ends the header."""
    header = Header()
    while (line := lines.peek()) and (found := _HEADER.match(line.text)):
        lines.next()
        key, text = found.group(1), (found.group(2) or "").strip()
        if key not in KEYS:
            known = ", ".join(KEYS)
            raise lines.error(line, f"there is no such header key; the keys are {known}", key)
        if key in header.lines:
            raise lines.error(line, "the key is given twice", key)
        if not text:
            raise lines.error(line, "a value is missing after the key", key)
        header.lines[key] = line.number
        _set(header, lines, line, key, text)
    _check(header, lines)
    return header


def _set(header: Header, lines: Lines, line: Line, key: str, text: str) -> None:
    """Put the value of one key into the header."""
    if key == "title":
        header.title = text
    elif key == "id":
        if not _ID.fullmatch(text):
            raise lines.error(
                line,
                "an id begins with pop3. or smtp. and has lower-case words, joined by - . and /",
                text,
            )
        header.id = text
    elif key == "proves":
        header.proves = tuple(text.split())
    elif key == "source":
        header.source = tuple(text.split())
    elif key == "needs":
        header.needs = tuple(text.split())
    elif key == "strict":
        header.strict = tuple(text.split())
    elif key == "family":
        header.family = text
    elif key == "goal":
        scanner = lines.scanner(line, len("goal:"))
        scanner.skip_blanks()
        header.goal = scanner.match(_GOAL, "the goal's name is expected, such as pop3.fetch")
        header.goal_args = scanner.pairs()
    elif key == "server":
        header.server = lines.scanner(line, len("server:")).pairs()
    else:
        _set_choice(header, lines, line, key, text)


def _set_choice(header: Header, lines: Lines, line: Line, key: str, text: str) -> None:
    """Put the value of a key with few values into the header."""
    if key == "moves":
        if text != "all":
            raise lines.error(line, "the only value of moves is all", text)
        header.moves_all = True
    elif key == "policy":
        if text not in POLICIES:
            raise lines.error(line, "policy is one of " + ", ".join(POLICIES), text)
        header.policy = text
    elif key == "timeout":
        if not text.isascii() or not text.isdigit() or not 0 < int(text) <= LONGEST_TIMEOUT_MS:
            raise lines.error(line, f"timeout is 1 to {LONGEST_TIMEOUT_MS} (ms)", text)
        header.timeout_ms = int(text)
    elif key == "breach":
        found = _BREACH.fullmatch(text)
        if found is None:
            raise lines.error(
                line, "breach is written `NON-STRICT: reason` or `INFO: reason`", text
            )
        header.breach, header.breach_reason = found.groups()
    else:
        found = _VARIANTS.match(text)
        if found is None:
            raise lines.error(line, "variants is written `not NAME ...: reason`", text)
        header.excluded_variants = frozenset(found.group(1).split())
        header.exclusion_reason = (found.group(2) or "").strip()


def _check(header: Header, lines: Lines) -> None:
    """What a header must have."""
    line = lines.peek() or Line(lines.last_number(), "")
    for key in ("id", "title"):
        if key not in header.lines:
            token = None if line.text and not header.lines else ""
            raise lines.error(line, f"the header key {key} is missing", token)
    if header.server and not header.goal:
        raise lines.error(
            Line(header.lines["server"], ""), "server: belongs to a case with goal:", "server"
        )
