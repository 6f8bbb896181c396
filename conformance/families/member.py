"""One member of a family."""

from __future__ import annotations

from dataclasses import dataclass

from fake_servers.trace.syntax import Trace

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Member:
    """A trace that was made.

    title  what it tries
    pairs  of state and event, that it tries and that are no row of the model
    text   the trace as a file, or "" where it is cut out of another one
    at     the line from which on it is judged: what is before has a case of its own
    """

    title: str
    trace: Trace
    pairs: tuple[Pair, ...] = ()
    text: str = ""
    at: int = 0
