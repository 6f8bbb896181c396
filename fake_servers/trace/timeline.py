"""The timeline of a linear trace: calls, results, lines of the wire, moves, directives."""

from __future__ import annotations

import re
from dataclasses import replace

from fake_servers.trace.header import KEYS
from fake_servers.trace.lines import Line, Lines, first_word
from fake_servers.trace.scan import Scanner
from fake_servers.trace.syntax import (
    Alternative,
    Call,
    Directive,
    Expect,
    Group,
    Item,
    Move,
    Result,
    Send,
)

GROUPS = ("opt", "alt", "any")
PLAIN_DIRECTIVES = (
    *("close", "reset", "half-close", "truncate"),
    *("expect-eof", "silence", "deaf", "accept", "rest"),
)
GOAL_ONLY = ("deaf", "rest", "truncate", "leave-after")
DELIVERIES = ("whole", "octets", "crlf", "dribble")
"""The delivery variants that can begin in the middle of a case."""
FAULTS = ("wrong-name", "expired", "not-yet-valid", "self-signed", "unknown-ca", "tls1.1")
"""What may be wrong with the server's side of TLS."""
SILENT = "silent"
"""The fault of a server that never answers the client's part of a handshake."""

LONGEST_PAUSE_MS = 10_000

_OP = re.compile(r"[a-z][a-z0-9]*(\.[a-z][a-z0-9]*)+")
_OUTCOMES = re.compile(r"[a-z][a-z-]*(\|[a-z][a-z-]*)*(?=[ \t]|$)")
_MOVE = re.compile(r"[A-Z][A-Z0-9_]*")
_WORD = re.compile(r"[a-z][a-z-]*")
_FAULT = re.compile(r"[a-z][a-z0-9.-]*")
_NUMBER = re.compile(r"[0-9]{1,9}(?![^\s,])")


def read_timeline(lines: Lines) -> tuple[Item, ...]:
    """All lines up to the end of the trace."""
    items: list[Item] = []
    while line := lines.peek():
        if line.text.startswith("}"):
            raise lines.error(line, "no group is open here")
        items.append(_item(lines, lines.next()))
    _check_calls(lines, items)
    _check_cuts(lines, items)
    return tuple(items)


def read_result(lines: Lines, line: Line) -> Result:
    """`R: outcome|outcome key=value ... | outcome ...` with the `D:` lines that follow."""
    scanner = _after_mark(lines, line)
    alternatives = [_alternative(scanner)]
    while scanner.take("|"):
        if not scanner.at_blank():
            scanner.at -= 1
            raise scanner.error("a blank stands on both sides of a | between alternatives")
        scanner.skip_blanks()
        alternatives.append(_alternative(scanner))
    data = lines.data()
    first, *others = alternatives
    if not others:
        return Result(line.number, first.outcomes, first.values, data)
    outcomes = tuple(dict.fromkeys(name for each in alternatives for name in each.outcomes))
    bound = (replace(first, data=data), *others)
    return Result(line.number, outcomes, {}, None, bound)


def _alternative(scanner: Scanner) -> Alternative:
    """`outcome|outcome key=value ...`, up to a bar between blanks or the end of the line."""
    outcomes = scanner.match(_OUTCOMES, "outcomes are words with | between them")
    return Alternative(tuple(outcomes.split("|")), scanner.pairs("|"))


def read_directive(scanner: Scanner) -> Directive:
    """`name args`, up to a comma or the end of the line."""
    scanner.skip_blanks()
    begin = scanner.at
    name = scanner.match(_WORD, "a directive's name is expected here")
    if name in PLAIN_DIRECTIVES:
        return Directive(scanner.line, name)
    scanner.skip_blanks()
    if name == "cut":
        octets = scanner.match(_NUMBER, "cut needs the number of octets that are sent")
        return Directive(scanner.line, name, (octets,))
    if name in ("pause", "leave-after"):
        pause = scanner.match(_NUMBER, f"{name} needs a time in ms")
        if int(pause) > LONGEST_PAUSE_MS:
            raise scanner.error(f"{name} takes at most {LONGEST_PAUSE_MS} ms", pause)
        return Directive(scanner.line, name, (pause,))
    if name == "deliver":
        variant = scanner.match(_WORD, "deliver needs the name of a delivery variant")
        if variant not in DELIVERIES:
            raise scanner.error("the variant is one of " + ", ".join(DELIVERIES), variant)
        return Directive(scanner.line, name, (variant,))
    if name == "starttls":
        if scanner.done() or scanner.text.startswith(",", scanner.at):
            return Directive(scanner.line, name)
        fault = scanner.match(_FAULT, "a fault of the server's TLS is expected here")
        if fault not in (*FAULTS, SILENT):
            raise scanner.error("the fault is one of " + ", ".join((*FAULTS, SILENT)), fault)
        return Directive(scanner.line, name, (fault,))
    known = ", ".join(("cut", "pause", "leave-after", "deliver", "starttls", *PLAIN_DIRECTIVES))
    scanner.at = begin
    raise scanner.error(f"there is no such directive; the directives are {known}")


def _item(lines: Lines, line: Line) -> Item:
    """One item, whose first line was taken."""
    mark = line.text[:2]
    if mark in ("C:", "C|"):
        return Expect(line.number, lines.octets(line), mark == "C|")
    if mark in ("S:", "S|"):
        return Send(line.number, lines.octets(line), mark == "S|")
    if mark == "T:":
        return _move(lines, line)
    if mark == "A:":
        scanner = _after_mark(lines, line)
        op = scanner.match(_OP, "an operation is expected here, such as pop3.connect")
        return Call(line.number, op, scanner.pairs(), lines.data())
    if mark == "R:":
        return read_result(lines, line)
    if mark in ("D:", "D|"):
        raise lines.error(line, "D lines stand directly under A: or R:")
    if line.text.startswith("="):
        scanner = lines.scanner(line, 1)
        directive = read_directive(scanner)
        scanner.finish("nothing more is expected after the directive")
        if directive.name in GOAL_ONLY:
            raise lines.error(line, "only the server of a goal case can do this", directive.name)
        return directive
    if first_word(line.text) in GROUPS:
        return _group(lines, line)
    if mark == "M:" or line.text.startswith("on "):
        raise lines.error(line, "this line belongs to a case with goal: in its header")
    raise lines.error(line, _unknown(line.text))


def _unknown(text: str) -> str:
    """What is wrong with a line of no kind."""
    if text.startswith("|"):
        return "the rows of a table stand below a line `rows:`"
    if text.partition(":")[0] in KEYS:
        return "a header stands above its timeline; the next case begins with id:"
    return "a line begins with A: R: D: C: S: T: = opt alt any } or #, or C| S| D|"


def _after_mark(lines: Lines, line: Line) -> Scanner:
    """A scanner behind `A:`, `R:` or `T:` and the blank that follows it."""
    if line.text[2:3] not in (" ", "\t"):
        raise lines.error(line, f"a blank and a value stand after {line.text[:2]}", line.text[:3])
    scanner = lines.scanner(line, 2)
    scanner.skip_blanks()
    return scanner


def _move(lines: Lines, line: Line) -> Move:
    scanner = _after_mark(lines, line)
    words = []
    for what in ("state", "event", "next state"):
        scanner.skip_blanks()
        words.append(scanner.match(_MOVE, f"the {what} of a move is expected here"))
    scanner.finish("a move is STATE EVENT STATE")
    return Move(line.number, words[0], words[1], words[2])


def _group(lines: Lines, first: Line) -> Group:
    """`opt {`, `alt {` or `any {` and everything up to its last `}`."""
    kind = first_word(first.text)
    if first.text[len(kind) :].strip() != "{":
        raise lines.error(first, f"a group begins with `{kind} {{` on a line of its own")
    branches: list[tuple[Item, ...]] = []
    items: list[Item] = []
    while line := lines.peek():
        lines.next()
        if not line.text.startswith("}"):
            items.append(_group_item(lines, line))
            continue
        branches.append(_branch(lines, line, items))
        items = []
        end = line.text[1:].strip()
        if end == "{":
            continue
        if end:
            raise lines.error(line, "a branch ends with `}` or `} {` on a line of its own")
        _check_branches(lines, first, kind, len(branches))
        return Group(first.number, kind, tuple(branches))
    raise lines.error(first, "the closing } of this group is missing")


def _group_item(lines: Lines, line: Line) -> Item:
    item = _item(lines, line)
    if isinstance(item, (Call, Result)):
        raise lines.error(line, "a group holds no calls, only C: S: T: = opt alt any")
    return item


def _branch(lines: Lines, line: Line, items: list[Item]) -> tuple[Item, ...]:
    """The items of a branch; its first on the wire tells whether the client takes it."""
    wire = [item for item in items if not isinstance(item, Move)]
    if not wire or not isinstance(wire[0], Expect):
        raise lines.error(line, "the first line of the wire in a branch is a C: line", "}")
    _check_cuts(lines, items)
    return tuple(items)


def _check_branches(lines: Lines, first: Line, kind: str, count: int) -> None:
    if kind == "alt" and count < 2:
        raise lines.error(first, "alt has at least two branches")
    if kind != "alt" and count > 1:
        raise lines.error(first, f"{kind} has one branch")


def _check_calls(lines: Lines, items: list[Item]) -> None:
    """Each call has its result before the next call, and each result its call."""
    call: Call | None = None
    for item in items:
        if isinstance(item, Call):
            if call is not None:
                raise lines.error(Line(call.line, ""), "the R: line of this call is missing", "A:")
            call = item
        elif isinstance(item, Result):
            if call is None:
                raise lines.error(Line(item.line, ""), "no A: line calls for this result", "R:")
            call = None
    if call is not None:
        raise lines.error(Line(call.line, ""), "the R: line of this call is missing", "A:")


def _check_cuts(lines: Lines, items: list[Item]) -> None:
    """A cut stands before the line that it cuts."""
    played = [item for item in items if not isinstance(item, Move)]
    for item, after in zip(played, [*played[1:], None]):
        if isinstance(item, Directive) and item.name == "cut" and not isinstance(after, Send):
            raise lines.error(Line(item.line, ""), "an S: line follows a cut", "cut")
