"""Findings with a verdict: what a case holds against a client."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from conformance.deviation import Deviation
from conformance.verdict import Verdict
from fake_servers.finding import Finding


class Axis(StrEnum):
    """Where it shows."""

    WIRE = "wire"
    API = "api"
    MOVES = "moves"


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedFinding(Finding):
    """A finding and what it means for the client.

    axis      where it shows
    verdict   how bad it is
    requirements  those that it breaks; empty where only the case can tell
    monitor   the rule that found it; empty where the case did
    is_message  the octets of a message differ
    deviations  of a message that differs: the changes that explain it; empty where no changes do
    as_in     the plain good case in which the client does the same, and which is charged with it
    goes_on   the server knew what was meant, and the case went on
    """

    axis: Axis
    verdict: Verdict
    requirements: tuple[str, ...] = ()
    monitor: str = ""
    is_message: bool = False
    deviations: tuple[Deviation, ...] = ()
    as_in: str = ""
    goes_on: bool = False
