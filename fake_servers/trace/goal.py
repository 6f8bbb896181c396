"""The body of a goal case: messages, what the server does instead, the result."""

from __future__ import annotations

import re

from fake_servers.trace.header import Header
from fake_servers.trace.lines import Line, Lines, join
from fake_servers.trace.scan import Scanner
from fake_servers.trace.syntax import Directive, Goal, Override, Result, Send, Template
from fake_servers.trace.timeline import read_directive, read_result

_COMMAND = re.compile(r"[A-Z][A-Z0-9]*")
_NTH = re.compile(r"#[1-9][0-9]{0,5}")
_REPLY = re.compile(r"reply(?![a-z-])")
_NUMBER = re.compile(r"[1-9][0-9]{0,5}$")
_LINEAR_ONLY = ("accept", "expect-eof")


def read_goal(lines: Lines, header: Header) -> Goal:
    """All lines up to the end of the trace."""
    messages: list[Template] = []
    overrides: list[Override] = []
    result: Result | None = None
    while line := lines.peek():
        lines.next()
        mark = line.text[:2]
        if mark == "M:":
            messages.append(_message(lines, line, len(messages) + 1))
        elif mark in ("D:", "D|"):
            messages.append(_mail(lines, line, header, messages))
        elif line.text.startswith("on "):
            overrides.append(_override(lines, line))
        elif mark == "R:" and result is None:
            result = read_result(lines, line)
        elif mark == "R:":
            raise lines.error(line, "a goal has one R: line")
        else:
            raise lines.error(line, "a goal case has M:, D:, on and R: lines only")
    if result is None:
        last = Line(lines.last_number(), "")
        raise lines.error(last, "the R: line of the goal is missing", "")
    return Goal(
        header.lines["goal"],
        header.goal,
        header.goal_args,
        header.server,
        tuple(messages),
        tuple(overrides),
        result,
    )


def _message(lines: Lines, line: Line, nth: int) -> Template:
    """`M: n`: message n of the maildrop, whose octets are the `D:` lines that follow."""
    number = line.text[2:].strip()
    if not _NUMBER.match(number) or int(number) != nth:
        raise lines.error(line, f"the messages are numbered in order; this is M: {nth}", number)
    return lines.data() or ()


def _mail(lines: Lines, line: Line, header: Header, messages: list[Template]) -> Template:
    """`D:` lines of an SMTP goal: the message to send."""
    if header.goal.startswith("pop3."):
        raise lines.error(line, "D: lines of a maildrop stand under M: n")
    if messages:
        raise lines.error(line, "the message to send is one block of D: lines")
    return join([lines.octets(line), lines.data() or ()])


def _override(lines: Lines, line: Line) -> Override:
    """`on CMD#n: action, action`."""
    scanner = lines.scanner(line, len("on "))
    scanner.skip_blanks()
    command = scanner.match(_COMMAND, "a command in upper case is expected after on")
    nth = scanner.match(_NTH, "which one is written #n, from #1")
    if not scanner.take(":"):
        raise scanner.error("a colon stands after on CMD#n")
    actions = [_action(scanner)]
    while not scanner.done():
        if not scanner.take(","):
            raise scanner.error("a comma stands between two actions")
        actions.append(_action(scanner))
    return Override(line.number, command, int(nth[1:]), tuple(actions))


def _action(scanner: Scanner) -> Send | Directive:
    """`reply "..."`, to which CRLF is added, or a directive."""
    scanner.skip_blanks()
    begin = scanner.at
    if not _REPLY.match(scanner.text, scanner.at):
        directive = read_directive(scanner)
        if directive.name in _LINEAR_ONLY:
            scanner.at = begin
            raise scanner.error("a goal's server cannot do this; write a linear trace")
        return directive
    scanner.at += len("reply")
    scanner.skip_blanks()
    if not scanner.text.startswith('"', scanner.at):
        raise scanner.error("the reply stands in quotes")
    return Send(scanner.line, join([scanner.quoted(), (b"\r\n",)]), False)
