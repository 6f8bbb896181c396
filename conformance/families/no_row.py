"""Every pair of state and event for which the model has no row: the client must refuse it.

The client itself refuses a command for which its state has no row, and nothing changes. A reply,
an end, a silence or octets that nobody asked for end the session.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

from conformance.families.member import Member, Pair
from conformance.families.script import Script
from conformance.families.words import WORDS
from conformance.model.table import ENDS, load

TRANSIENT = frozenset(
    {"START", "USER_ACCEPTED", "CHALLENGED", "START_TLS", "DATA", "CHUNK", "LOST_DATA"}
)
"""States in which neither the caller nor a plain server does anything."""

_GARBAGE = {"pop3": "S: what?", "smtp": "S: what?"}
_OPEN = {
    "CMD_HELO": "no RFC forbids HELO after EHLO",
    "CMD_STARTTLS": "no RFC forbids STARTTLS within a transaction",
}
"""Commands of which no RFC says that they must not be sent in the states without a row."""

_HELO_INSTEAD = ("opt {", "C: HELO c.example", "= close", "}")
"""A client may try HELO where it cannot make out the reply to EHLO."""

_SURPLUS = {"pop3": "S: +OK surplus", "smtp": "S: 250 surplus"}


class Made(NamedTuple):
    """A member's name and title, the pairs that its script tries, and the script."""

    name: str
    title: str
    pairs: tuple[Pair, ...]
    script: Script


def idle_states(protocol: str) -> list[str]:
    """The states in which the caller may make a call, and those in which the session is over."""
    rows = load(protocol).rows
    speaking = {row.state for row in rows if row.event.startswith("CMD_")}
    return sorted(speaking - TRANSIENT) + sorted(ENDS)


def waiting_states(protocol: str) -> list[str]:
    """The states in which the server owes a reply."""
    return sorted(s for s in load(protocol).states if s.startswith(("WAIT_", "IN_")))


def members(protocol: str) -> Iterator[Member]:
    """Each script as a member."""
    for name, title, pairs, script in make(protocol):
        trace = script.trace(f"{protocol}.family.no-row/{name}", title)
        yield Member(name, title, trace, partial(_text, script, title, trace.needs), pairs)


def _text(script: Script, title: str, needs: Sequence[str], case_id: str) -> str:
    return script.text(case_id, title, needs)


def make(protocol: str) -> Iterator[Made]:
    """All scripts; there are none for a state that no plain session reaches."""
    for state in idle_states(protocol):
        yield from _commands(protocol, state)
        if state not in ENDS:
            yield from _while_idle(protocol, state)
    for state in waiting_states(protocol):
        yield from _replies(protocol, state)
        yield from _ends(protocol, state)


def _made(what: str, event: str, state: str, script: Script) -> Made:
    name = f"{_slug(what)}-in-{_slug(state)}"
    return Made(name, f"{what} in {state}", ((state, event),), script)


def _slug(text: str) -> str:
    return "-".join(re.findall("[a-z0-9]+", text.lower().removeprefix("cmd_")))


def _at(protocol: str, state: str, ahead: str = "") -> Script | None:
    script = Script(protocol)
    return script if script.lead_to(state, ahead) else None


def _failed(protocol: str) -> Script | None:
    """The commands in a session that the server has broken."""
    script = _at(protocol, "WAIT_GREETING")
    assert script is not None
    script.lines.append("= close")
    script.fail_by("EOF")
    return script


def _commands(protocol: str, state: str) -> Iterator[Made]:
    model, words = load(protocol), WORDS[protocol]
    for event, command in words.commands.items():
        known = event in model.events and command.call
        if known and model.successor(state, event) is None:
            yield from _refused(protocol, state, event)


def _refused(protocol: str, state: str, event: str) -> Iterator[Made]:
    """The command in a session, which then goes on in the same state."""
    script = _failed(protocol) if state == "FAILED" else _at(protocol, state, event)
    if script is None:
        return
    model, words = load(protocol), WORDS[protocol]
    script.offer(words.commands[event].call)
    if state != "REFUSED":
        script.breach = _OPEN.get(event, "")
    leave = model.successor(state, "CMD_QUIT")
    if leave is not None:
        script.take(leave)
        script.lines += [words.reply(leave.next, _good(protocol))[0]]
        row = model.successor(leave.next, _good(protocol))
        assert row is not None
        script.move(row)
        script.result("R: ok")
    yield _made(event, event, state, script)


def _good(protocol: str) -> str:
    return "REPLY_OK" if protocol == "pop3" else "REPLY_2YZ"


def _next_call(protocol: str, state: str) -> str:
    """A legal command of this state: the client notices then what came while it was idle."""
    commands = WORDS[protocol].commands
    model = load(protocol)
    events = [each for each in commands if commands[each].call and model.successor(state, each)]
    return commands[events[-1]].call


def _while_idle(protocol: str, state: str) -> Iterator[Made]:
    """The end of the connection, or a reply, while the server owes no reply."""
    for event, line in (("EOF", "= close"), ("EOF", "= reset"), ("BAD_REPLY", "")):
        script = _at(protocol, state)
        if script is None:
            return
        if line:
            script.lines.append(line)
        else:
            result = script.lines.pop()
            script.lines += [_SURPLUS[protocol], result]
            script.breach = "no RFC says how a client notices a reply to no command"
        script.call(_next_call(protocol, state))
        script.fail_by(event)
        yield _made(line.removeprefix("= ") or "surplus octets", event, state, script)


def _replies(protocol: str, state: str) -> Iterator[Made]:
    """Replies of a class for which the state has no row, and what is not a reply."""
    model, words = load(protocol), WORDS[protocol]
    lines = {name: text[0] for name, text in words.replies.items() if name.startswith("REPLY_")}
    lines = {} if state.startswith("IN_") else lines | {"BAD_REPLY": _GARBAGE[protocol]}
    if state == "WAIT_GREETING":
        lines = {name: lines[name] for name in ("BAD_REPLY", "REPLY_CONTINUE") if name in lines}
    for event, line in lines.items():
        row = model.successor(state, event)
        script = _at(protocol, state)
        if script is None:
            return
        if row is None or row.state == "*":
            script.lines.append(line)
            if state == "WAIT_EHLO" and event == "REPLY_3YZ":
                script.breach = "a client may try HELO where it cannot make out the reply to EHLO"
            elif state == "WAIT_EHLO" and event != "REPLY_421":
                script.lines += _HELO_INSTEAD
            script.fail_by(event if row else "BAD_REPLY")
            yield _made(event, event, state, script)


def _ends(protocol: str, state: str) -> Iterator[Made]:
    for event, line in (("EOF", "= close"), ("EOF", "= reset"), ("TIMEOUT", "= silence")):
        script = _at(protocol, state)
        if script is None:
            return
        if line == "= reset" and state == "WAIT_GREETING":
            continue  # the client may not notice a connection that is gone at once
        script.lines.append(line)
        script.fail_by(event)
        yield _made(line.removeprefix("= "), event, state, script)
