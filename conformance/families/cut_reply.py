"""Replies that come in two pieces: each reply of a goal is cut at each octet, alone.

A variant that cuts everything cuts the greeting first, and a client that cannot take that shows
nothing else. Here one reply of a session is cut, and its rest leaves once the client has read
what came before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from conformance.families.member import Member
from fake_servers.trace.parser import parse_text

_POP3 = """\
server:  users=[[u, p]] caps=[USER] sasl=[] apop=no

M: 1
D: Subject: a
D:
D: .b
"""


@dataclass(frozen=True, slots=True)
class _Goal:
    """A goal, and a short reply to each of its commands.

    head     its lines above the `on` line, but for id and title
    outcome  what `R:` asks for
    """

    name: str
    head: str
    outcome: str
    replies: tuple[tuple[str, str], ...]


_GOALS = {
    "pop3": (
        _Goal(
            "fetch",
            "needs:   pop3 pop3.user\ngoal:    pop3.fetch login=user user=u secret=p n=[1]\n"
            + _POP3,
            "ok",
            (
                ("CONNECT", "+OK a"),
                ("CAPA", "+OK\r\nUSER\r\n."),
                ("USER", "+OK"),
                ("PASS", "+OK a"),
                ("RETR", "+OK\r\nSubject: a\r\n\r\n..b\r\n."),
                ("QUIT", "+OK"),
            ),
        ),
        _Goal(
            "list",
            "needs:   pop3 pop3.user pop3.list\ngoal:    pop3.list login=user user=u secret=p\n"
            + _POP3,
            "ok items=[[1, 18]]",
            (("LISTING", "+OK\r\n1 18\r\n."),),
        ),
    ),
    "smtp": (
        _Goal(
            "send",
            "needs:   smtp\n"
            "goal:    smtp.send login=none name=c.example from=a@c.example to=[b@s.example]\n"
            "server:  users=[] caps=[] sasl=[]\n\nD: Subject: a\nD:\nD: b\n",
            "ok",
            (
                ("CONNECT", "220 a"),
                ("EHLO", "250-a\r\n250 HELP"),
                ("MAIL", "250 a"),
                ("RCPT", "250 a"),
                ("DATA", "354 a"),
                ("DOT", "250-a\r\n250 b"),
                ("QUIT", "221 a"),
            ),
        ),
    ),
}


def members(protocol: str) -> Iterator[Member]:
    """Each reply, cut at each of its octets."""
    for goal in _GOALS[protocol]:
        for command, reply in goal.replies:
            for octets in range(1, len(reply) + len("\r\n")):
                yield _member(protocol, goal, command, reply, octets)


def _member(protocol: str, goal: _Goal, command: str, reply: str, octets: int) -> Member:
    name = f"{goal.name}.{command.lower()}.octet-{octets}"
    title = f"The reply to {command} of {goal.name} is cut behind its octet {octets}"
    text = reply.replace("\r\n", "\\r\\n")
    bent = f'on {command}#1: reply "{text}", cut {octets}, rest\nR: {goal.outcome}\n'

    def write(case_id: str) -> str:
        return f"id:      {case_id}\ntitle:   {title}\n{goal.head}{bent}"

    trace = parse_text(write(f"{protocol}.family.cut-at-every-octet/{name}"), Path("cut.trace"))
    return Member(name, title, trace, write)
