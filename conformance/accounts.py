"""How each requirement of clients is accounted for: by cases, monitors, tests of mailc, or an excuse."""

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
    """What a requirement rests on.

    cases        ids of the cases that prove it
    monitors     ids of the rules that stand for it in every case
    client_test  file and function in client/test, or ""
    excuse       why nothing tests it, or ""
    """

    cases: list[str] = field(default_factory=list)
    monitors: list[str] = field(default_factory=list)
    client_test: str = ""
    excuse: str = ""

    @property
    def is_tested(self) -> bool:
        """Whether anything shows a client that breaks it."""
        return bool(self.cases or self.monitors or self.client_test)

    @property
    def state(self) -> str:
        """`tested`, `excused`, or what must never be: `open` or `both`."""
        if self.is_tested:
            return "both" if self.excuse else "tested"
        return "excused" if self.excuse else "open"


@cache
def excuses() -> Mapping[str, str]:
    """Requirement and reason."""
    return _read("client_excuses.toml")


@cache
def client_tests() -> Mapping[str, str]:
    """Requirement, and the file in client/test with the function that shows it of mailc."""
    return _read("client_tests.toml")


def _read(name: str) -> dict[str, str]:
    found: dict[str, str] = tomllib.loads((FOLDER / name).read_text("utf-8"))
    return found


def accounts(requirements: Iterable[str], traces: Iterable[Trace]) -> dict[str, Account]:
    """One account for each of these ids; `traces` are the cases that there are."""
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
