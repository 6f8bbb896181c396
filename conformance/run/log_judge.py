"""The model and the monitors, over the event log of one case."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence

from conformance import monitors
from conformance.finding import JudgedFinding
from conformance.run import moves
from fake_servers.log import Event, Kind
from fake_servers.trace.syntax import Trace


class LogJudge:
    """Judges event logs by the model and the monitors.

    A client that does the same in each delivery variant leaves the same log, apart from times,
    numbers, addresses and ports. So the findings of the present case are kept, and used again
    for a log that is the same as an earlier one.
    """

    def __init__(self) -> None:
        self._case: Hashable = None
        self._found: dict[Hashable, tuple[JudgedFinding, ...]] = {}

    def judge(
        self, trace: Trace, events: Sequence[Event], reported: moves.Reported | None
    ) -> tuple[JudgedFinding, ...]:
        """The findings of the log; `reported` are the client's moves, None without reports."""
        reported_moves = None if reported is None else tuple(reported)
        if self._case != (trace.path, trace.id):
            self._case = (trace.path, trace.id)
            self._found.clear()
        key = (reported_moves, tuple(map(_likeness, events)))
        found = self._found.get(key)
        if found is None:
            self._found[key] = found = tuple(_judge(trace, events, reported))
        return found


def _judge(
    trace: Trace, events: Sequence[Event], reported: moves.Reported | None
) -> Iterator[JudgedFinding]:
    if reported is not None:
        parted = moves.compare_predicted(trace, events, reported)
        if parted is not None:
            yield parted
    yield from monitors.judge(trace.protocol, events, trace)


def _likeness(event: Event) -> Hashable:
    """Everything of an event that the model or a monitor looks at."""
    data = event.data
    if event.kind is Kind.CALL and "port" in data["args"]:
        data = {**data, "args": {**data["args"], "host": "", "port": 0}}
    return (event.kind, event.connection, event.octets, event.line, repr(data) if data else "")
