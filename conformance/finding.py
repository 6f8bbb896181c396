"""What a case holds against a client, before it is judged."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from conformance.deviation import Deviation
from conformance.verdict import Verdict


class Axis(StrEnum):
    """Where it shows."""

    WIRE = "wire"
    API = "api"
    MOVES = "moves"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be.

    verdict   FAIL, NON-STRICT, INFO, INCONCLUSIVE or UNSUPPORTED
    line      line of the trace, 0 where there is none
    expected, actual   in the notation of traces
    octet     index of the first octet that differs in what is shown, from 0, or None
    is_message  the octets of a message differ
    deviations  of a message that differs: the changes that explain it; none where no changes do
    as_in     the plain good case in which the client does the same, and which is charged with it
    """

    axis: Axis
    verdict: Verdict
    reason: str
    line: int = 0
    expected: str = ""
    actual: str = ""
    octet: int | None = None
    requirements: tuple[str, ...] = ()
    monitor: str = ""
    is_message: bool = False
    deviations: tuple[Deviation, ...] = ()
    as_in: str = ""
