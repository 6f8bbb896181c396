"""What a monitor is, and what it says when a rule is broken."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from conformance.model.framer import Frame
from conformance.monitors.talk import Call, Talk


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule.

    at        the frame of the client that breaks it, or the call whose result breaks it
    reason    one sentence, without a number that varies: reports group by it
    expected  what the rule demands, in words or in the notation of traces
    actual    what was found, where `at` does not say it
    """

    at: Frame | Call
    reason: str
    expected: str
    actual: str = ""


Check = Callable[[Talk], Iterator[Violation]]


@dataclass(frozen=True, slots=True)
class Monitor:
    """A rule that every case must keep.

    protocols     where it applies
    requirements  ids of the register; at least one for each protocol
    is_advice     no RFC forbids it outright: the verdict is NON-STRICT at worst
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
