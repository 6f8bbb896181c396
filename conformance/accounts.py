"""What tests each requirement of clients: cases, monitors, tests of mailc, or why nothing does."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from conformance.monitors import MONITORS
from fake_servers.trace.syntax import Trace

FOLDER = Path(__file__).parent / "requirements"


@dataclass(slots=True)
class Account:
    """What tests a requirement.

    cases        ids of the cases that prove it
    monitors     ids of the monitors that check it in every case
    client_test  file and function in client/test, or ""
    excuse       why nothing tests it, or ""
    """

    cases: list[str] = field(default_factory=list)
    monitors: list[str] = field(default_factory=list)
    client_test: str = ""
    excuse: str = ""

    @property
    def is_tested(self) -> bool:
        """Whether a case, a monitor or a test shows a client that breaks it."""
        return bool(self.cases or self.monitors or self.client_test)

    @property
    def state(self) -> str:
        """`tested` or `excused`; `open` and `both` are faults of the suite."""
        if self.is_tested:
            return "both" if self.excuse else "tested"
        return "excused" if self.excuse else "open"


@cache
def excuses() -> Mapping[str, str]:
    """From the requirement to the reason."""
    return _read("client_excuses.toml")


@cache
def client_tests() -> Mapping[str, str]:
    """From the requirement to the file and the function in client/test that show it for mailc."""
    return _read("client_tests.toml")


def _read(name: str) -> dict[str, str]:
    found: dict[str, str] = tomllib.loads((FOLDER / name).read_text("utf-8"))
    return found


def accounts(requirements: Iterable[str], traces: Iterable[Trace]) -> dict[str, Account]:
    """One account for each of these ids; `traces` are all cases."""
    found = {
        each: Account(client_test=client_tests().get(each, ""), excuse=excuses().get(each, ""))
        for each in requirements
    }
    for trace in traces:
        for each in trace.proves:
            if each in found:
                found[each].cases.append(trace.id)
    for monitor in MONITORS:
        for each in monitor.requirements:
            if each in found:
                found[each].monitors.append(monitor.id)
    return found
