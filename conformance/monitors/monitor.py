"""What a monitor is, and what it says when a rule is broken."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from conformance.model.framer import Frame
from conformance.monitors.talk import Call, Talk


@dataclass(frozen=True, slots=True)
class Violation:
    """One breach of a rule.

    at        the frame of the client that breaks it, or the call whose result does
    reason    one sentence
    expected  what the rule wants, in words or in the notation of traces
    """

    at: Frame | Call
    reason: str
    expected: str


Check = Callable[[Talk], Iterator[Violation]]


@dataclass(frozen=True, slots=True)
class Monitor:
    """A rule that every case must keep.

    protocols     where it applies
    requirements  ids of the register; of each protocol at least one
    is_advice     no RFC forbids it outright: a breach is NON-STRICT at most
    """

    id: str
    title: str
    protocols: frozenset[str]
    requirements: tuple[str, ...]
    check: Check
    is_advice: bool = False


POP3 = frozenset({"pop3"})
SMTP = frozenset({"smtp"})
BOTH = POP3 | SMTP
