"""One member of a family."""

from __future__ import annotations

from dataclasses import dataclass

from fake_servers.trace.syntax import Trace

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Member:
    """A trace that the suite made.

    title  what it tries
    pairs  the pairs of state and event that it tries; the model has no row for them
    text   the trace as a file, or "" if it is a part of another one
    at     the line of its tested point: another case tests what comes before
    """

    title: str
    trace: Trace
    pairs: tuple[Pair, ...] = ()
    text: str = ""
    at: int = 0
