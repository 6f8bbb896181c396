"""The message that a linear case expects on the wire, and the one that the client sent there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conformance.model.framer import FrameKind, frame
from conformance.run.context import CaseContext
from fake_servers.grammar.dots import unstuff
from fake_servers.log import Kind
from fake_servers.trace.syntax import Call, Expect, Group, Item, Move, Send

_DOT = b".\r\n"


def wanted_and_sent(context: CaseContext, line: int) -> tuple[bytes, bytes] | None:
    """Both messages, without their dots; None if this line is not in a message that came whole."""
    above = [item for item in context.trace.items if item.line <= line]
    calls = [item.line for item in above if isinstance(item, Call)]
    lines = list(_lines(_around(context.trace.items, line), line))
    if not calls or not lines or lines[-1].template != (_DOT,):
        return None
    if any(context.bindings.has_free_name(each.template) for each in lines):
        return None
    wanted = b"".join(context.bindings.render(each.template) for each in lines[:-1])
    begun = [e.seq for e in context.log if e.kind is Kind.CALL and e.line == calls[-1]]
    for each in frame(context.trace.protocol, context.log):
        if each.kind is FrameKind.DATA and each.complete and begun and each.first > begun[-1]:
            return unstuff(wanted), unstuff(each.octets.removesuffix(_DOT))
    return None


def _around(items: Sequence[Item], line: int) -> Sequence[Item]:
    """The items among which this line is: those of the timeline, or of a branch of a group."""
    for item in items:
        for branch in item.branches if isinstance(item, Group) else ():
            found = _around(branch, line)
            if any(each.line == line for each in found):
                return found
    return items


def _lines(items: Sequence[Item], line: int) -> Iterator[Expect]:
    """The `C:` lines of the message that this line is in."""
    begun = [at for at, item in enumerate(items) if item.line < line and _begins_message(item)]
    for item in items[begun[-1] + 1 :] if begun else ():
        if isinstance(item, Move):
            continue
        if not isinstance(item, Expect):
            return
        yield item
        if item.template == (_DOT,):
            return


def _begins_message(item: Item) -> bool:
    first = item.template[0] if isinstance(item, Send) and item.template else b""
    return isinstance(first, bytes) and first.startswith(b"354")
