"""Every pair of state and event for which the model has no row: the client must refuse it.

The client itself refuses a command for which its state has no row, and nothing changes. A reply,
an end, a silence or octets that nobody asked for end the session.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from conformance.families.member import Member, Pair
from conformance.families.script import Script
from conformance.families.words import WORDS
from conformance.model.table import ENDS, load
from conformance.ops import OPS
from fake_servers.trace.parser import parse_text

TRANSIENT = frozenset(
    {"START", "USER_ACCEPTED", "CHALLENGED", "START_TLS", "DATA", "CHUNK", "LOST_DATA"}
)
"""States in which neither the caller nor a plain server does anything."""

_RARE = frozenset({"tls.starttls", "smtp.expn", "smtp.help", "smtp.chunking"})
"""Features whose commands have sessions of their own: not every client has them."""

_GARBAGE = {"pop3": "S: what?", "smtp": "S: what?"}
_SURPLUS = {"pop3": "S: +OK surplus", "smtp": "S: 250 surplus"}

Made = tuple[str, tuple[Pair, ...], Script]
"""A title, the pairs that the script tries, and the script."""


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
    for title, pairs, script in make(protocol):
        text = script.text(f"{protocol}.family.no-row", title)
        yield Member(title, parse_text(text, Path("no-row.trace")), pairs, text)


def make(protocol: str) -> Iterator[Made]:
    """All scripts; there are none for a state that no plain session reaches."""
    for state in idle_states(protocol):
        yield from _commands(protocol, state)
        if state not in ENDS:
            yield from _while_idle(protocol, state)
    for state in waiting_states(protocol):
        yield from _replies(protocol, state)
        yield from _ends(protocol, state)


def _at(protocol: str, state: str) -> Script | None:
    script = Script(protocol)
    return script if script.lead_to(state) else None


def _failed(protocol: str) -> Script | None:
    """The commands in a session that the server has broken."""
    script = _at(protocol, "WAIT_GREETING")
    assert script is not None
    script.lines.append("= close")
    script.fail_by("EOF")
    return script


def _commands(protocol: str, state: str) -> Iterator[Made]:
    model, words = load(protocol), WORDS[protocol]
    refused: dict[str, list[str]] = {}
    for event, command in words.commands.items():
        known = event in model.events and command.call
        if known and model.successor(state, event) is None:
            feature = OPS[command.call.split()[0]].feature
            key = feature if feature in _RARE else ""
            refused.setdefault(key, []).append(event)
    for events in refused.values():
        yield from _refused(protocol, state, events)


def _refused(protocol: str, state: str, events: Sequence[str]) -> Iterator[Made]:
    """All of these commands in one session, which then goes on in the same state."""
    script = _failed(protocol) if state == "FAILED" else _at(protocol, state)
    if script is None:
        return
    model, words = load(protocol), WORDS[protocol]
    for event in events:
        script.refuse(words.commands[event].call)
    leave = model.successor(state, "CMD_QUIT")
    if leave is not None:
        script.take(leave)
        script.lines += [words.reply(leave.next, _good(protocol))[0]]
        row = model.successor(leave.next, _good(protocol))
        assert row is not None
        script.move(row)
        script.result("R: ok")
    pairs = tuple((state, event) for event in events)
    yield f"{' '.join(events)} in {state}", pairs, script


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
        script.call(_next_call(protocol, state))
        script.fail_by(event)
        yield f"{line or 'surplus octets'} in {state}", ((state, event),), script


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
            script.fail_by(event if row else "BAD_REPLY")
            yield f"{event} in {state}", ((state, event),), script


def _ends(protocol: str, state: str) -> Iterator[Made]:
    for event, line in (("EOF", "= close"), ("EOF", "= reset"), ("TIMEOUT", "= silence")):
        script = _at(protocol, state)
        if script is None:
            return
        if line == "= reset" and state == "WAIT_GREETING":
            continue  # the client may not notice a connection that is gone at once
        script.lines.append(line)
        script.fail_by(event)
        if script.state == "FAILED":
            script.refuse(f"{protocol}.noop")
        yield f"{line} in {state}", ((state, event),), script
