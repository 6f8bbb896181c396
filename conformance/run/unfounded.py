"""A success that no command stands for.

Where a timeline has all commands of a call in groups that the client may leave out, such as an
address that it may refuse or send in another form, `ok` says that the client sent them.
"""

from __future__ import annotations

from conformance.finding import Axis, JudgedFinding
from conformance.run.context import CaseContext
from fake_servers.log import Event, Kind
from fake_servers.trace.syntax import Call, Expect, Group, Result

_NOTHING_TO_SEND = (".connect", ".close", ".quit")


def success(context: CaseContext, call: Call, result: Result) -> JudgedFinding | None:
    """The finding where a call was ok, its commands were left to the client, and none was sent.

    The last event of the log is the end of the call.
    """
    span = [each for each in context.trace.items if call.line < each.line < result.line]
    is_left = any(isinstance(each, Group) and each.kind == "opt" for each in span)
    if not is_left or any(isinstance(each, Expect) for each in span):
        return None
    if call.op.endswith(_NOTHING_TO_SEND) or not _is_silent(list(context.log)):
        return None
    return JudgedFinding(
        "the outcome is ok, but the client sent nothing",
        result.line,
        "R: " + "|".join(name for name in result.outcomes if name != "ok"),
        "R: ok",
        axis=Axis.API,
        verdict=context.breach,
    )


def _is_silent(events: list[Event]) -> bool:
    """Whether the last call was ok and the client sent nothing during it."""
    returned = max((at for at, each in enumerate(events) if each.kind is Kind.RETURN), default=0)
    called = max((at for at, each in enumerate(events) if each.kind is Kind.CALL), default=0)
    if not called < returned or events[returned].data["outcome"] != "ok":
        return False
    return not any(each.kind is Kind.RX for each in events[called:returned])
