"""One member of a family."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fake_servers.trace.syntax import Trace

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Member:
    """A trace that the suite made.

    name   stands behind the id of the family and a slash; it never changes
    title  what it tries
    trace  what is played; its `needs` are just the features that it uses
    write  gives the trace as a file of its own, with this id
    pairs  the pairs of state and event that it tries; the model has no row for them
    at     the line of its tested point: another case tests what comes before
    """

    name: str
    title: str
    trace: Trace
    write: Callable[[str], str]
    pairs: tuple[Pair, ...] = ()
    at: int = 0
