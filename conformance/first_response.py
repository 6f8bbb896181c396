"""The first response of a SASL exchange: with AUTH, or on a line of its own (RFC 4954, RFC 5034).

The choice is the client's. A case asks for one way by `initial=yes` or `initial=no`. A client that
cannot be told (feature `auth.initial`) is called without it, and may take either way where both
lead to the tested point.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fake_servers.trace.lines import join
from fake_servers.trace.syntax import (
    Call,
    Directive,
    Expect,
    Group,
    Item,
    Move,
    Name,
    Result,
    Send,
    Template,
    Trace,
)

SERVER_FIRST = frozenset({"LOGIN", "CRAM-MD5", "DIGEST-MD5"})
"""Mechanisms that begin with a challenge: a client has no initial response to send."""

_EMPTY = {"pop3": b"+ \r\n", "smtp": b"334 \r\n"}
_REFUSALS = (b"-ERR", b"4", b"5")
_ANY: Template = (Name("first_response"),)
_CRLF = b"\r\n"


def is_free(trace: Trace) -> bool:
    """Whether a client may choose, wherever this case asks for a way."""
    return _with_choice(trace) is not None


def with_choice(trace: Trace) -> Trace:
    """The case for a client that cannot be told which way to take."""
    return _with_choice(trace) or trace


def _with_choice(trace: Trace) -> Trace | None:
    """The case with both ways; None where one of its calls has only one."""
    items: list[Item] = []
    remaining = list(trace.items)
    while remaining:
        item = remaining.pop(0)
        if not isinstance(item, Call) or not _asks(item):
            items.append(item)
            continue
        end = next(at for at, each in enumerate(remaining) if isinstance(each, Result))
        found = _both_ways(trace, item, remaining[:end])
        if found is None:
            return None
        args = {name: value for name, value in item.args.items() if name != "initial"}
        items += [replace(item, args=args), *found]
        del remaining[:end]
    return replace(trace, items=tuple(items))


def _asks(call: Call) -> bool:
    return call.op.endswith(".auth") and call.args.get("initial") in ((b"yes",), (b"no",))


def _both_ways(trace: Trace, call: Call, span: Sequence[Item]) -> list[Item] | None:
    """The items between the call and its result, with both ways; None where there is only one."""
    at = next((at for at, each in enumerate(span) if isinstance(each, Expect)), None)
    if at is None:
        return None if any(map(_is_login, span)) else list(span)
    command, after = span[at], span[at + 1 :]
    assert isinstance(command, Expect)
    if call.args.get("mech") in [(name.encode(),) for name in SERVER_FIRST]:
        return list(span)
    if any(isinstance(each, Move) for each in span) or {"answers", "answers_b64"} & set(call.args):
        return None
    alone, response = _parted(command.template)
    if call.args["initial"] == (b"yes",) and not response:
        return list(span)  # it is too long for a command, whichever way the client prefers
    if response:
        other: list[Item] = [
            Expect(command.line, join([alone, (_CRLF,)]), False),
            Send(command.line, (_EMPTY[trace.protocol],), True),
            Expect(command.line, join([() if response == (b"=",) else response, (_CRLF,)]), False),
        ]
        return [*span[:at], _alt(command, [command], other), *after]
    return _without(trace, command, list(span[:at]), after)


def _is_login(item: Item) -> bool:
    """Whether a group has an AUTH of its own."""
    if isinstance(item, Group):
        return any(map(_is_login, (each for branch in item.branches for each in branch)))
    return isinstance(item, Expect) and _begins(item.template, b"AUTH ")


def _without(
    trace: Trace, command: Expect, before: list[Item], after: Sequence[Item]
) -> list[Item] | None:
    """Both ways where the case has AUTH alone: its response is known, or does not matter."""
    alone = _parted(command.template)[0]
    follows = after[0] if after else None
    if isinstance(follows, Send) and follows.template == (_EMPTY[trace.protocol],):
        if len(after) < 2 or not isinstance(after[1], Expect):
            return None
        said = after[1].template
        text = said[:-1] + (_cut(said[-1]),) if isinstance(said[-1], bytes) else said
        response: Template = (b"=",) if said == (_CRLF,) else tuple(part for part in text if part)
        whole = Expect(command.line, join([alone, (b" ",), response, (_CRLF,)]), False)
        return [*before, _alt(command, [command, *after[:2]], [whole]), *after[2:]]
    if _is_end(follows):
        whole = Expect(command.line, join([alone, (b" ",), _ANY, (_CRLF,)]), False)
        return [*before, _alt(command, [command], [whole]), *after]
    return None


def _is_end(item: Item | None) -> bool:
    """Whether the server ends the exchange, whatever the client has shown."""
    if isinstance(item, Send):
        return any(_begins(item.template, octets) for octets in _REFUSALS)
    return isinstance(item, Directive) and item.name in ("close", "reset", "silence")


def _alt(command: Expect, first: list[Item], second: list[Item]) -> Group:
    return Group(command.line, "alt", (tuple(first), tuple(second)))


def _parted(template: Template) -> tuple[Template, Template]:
    """`AUTH MECHANISM`, and what stands behind it without the line ending."""
    first = template[0] if template and isinstance(template[0], bytes) else b""
    words = first.removesuffix(_CRLF).split(b" ", 2)
    alone = b" ".join(words[:2])
    behind = words[2] if len(words) > 2 else b""
    parts = (behind, *template[1:])
    last = parts[-1]
    if isinstance(last, bytes):
        parts = (*parts[:-1], _cut(last))
    return (alone,), tuple(part for part in parts if part)


def _cut(octets: bytes) -> bytes:
    return octets.removesuffix(_CRLF)


def _begins(template: Template, octets: bytes) -> bool:
    return bool(template) and isinstance(template[0], bytes) and template[0].startswith(octets)
