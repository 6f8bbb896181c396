"""Traces as pytest items: one for each case and delivery variant."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar, cast

import pytest

from conformance.run import select
from conformance.run.expect import Standing
from conformance.run.order import cases_of
from conformance.run.subject_run import SubjectRun
from conformance.verdict import UNDECIDED, CaseRun, Verdict
from fake_servers.trace.error import TraceError
from fake_servers.trace.syntax import Trace

SUBJECT_RUN = pytest.StashKey[SubjectRun]()


Hook = TypeVar("Hook", bound=Callable[..., Any])


def hook(**options: bool) -> Callable[[Hook], Hook]:
    """pytest.hookimpl with a type."""
    mark: Any = pytest.hookimpl
    return cast(Callable[[Hook], Hook], mark(**options))


class NotAsExpected(Exception):
    """The verdict fails the item; the message is everything that the user sees."""


class Failed(NotAsExpected):
    """FAIL, CRASH, HANG, NON-STRICT with --strict-verdicts, or not the expected verdict."""


class Errored(NotAsExpected):
    """ERROR: the suite or the driver failed."""


class TraceFile(pytest.File):
    """One *.trace file with all of its cases."""

    def collect(self) -> Iterator[TraceItem]:
        subject_run = self.config.stash[SUBJECT_RUN]
        traces = select.read(self.path)
        for trace in traces:
            select.check_proves(trace)
        for trace, variant in cases_of(traces, subject_run.variants):
            yield TraceItem.make(self, trace, variant)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, TraceError):
            return str(excinfo.value)
        return super().repr_failure(excinfo)


class TraceItem(pytest.Item):
    """One case in one variant."""

    trace: Trace
    variant: str
    case_run: CaseRun | None = None

    @classmethod
    def make(cls, parent: TraceFile, trace: Trace, variant: str) -> TraceItem:
        item: TraceItem = cls.from_parent(parent, name=f"{trace.id}[{variant}]")
        item.trace = trace
        item.variant = variant
        return item

    def runtest(self) -> None:
        subject_run = self.config.stash[SUBJECT_RUN]
        run = subject_run.run_case(self.trace, self.variant)
        self.case_run = run
        self._conclude(run, subject_run)

    def _conclude(self, run: CaseRun, subject_run: SubjectRun) -> None:
        """Raise the exception by which pytest counts this run as failed, skipped or expected."""
        if run.verdict is Verdict.ERROR:
            raise Errored(block(run))
        applied = subject_run.standing(run)
        if applied.standing is Standing.KNOWN:
            raise pytest.xfail.Exception(f"{run.verdict}, as expected: {applied.sentence}")
        if applied.standing.unexpected:
            known = "" if applied.entry is None else f"\n  {applied.standing}: {applied.sentence}"
            raise Failed(block(run) + known)
        if run.verdict in UNDECIDED:
            raise pytest.skip.Exception(f"{run.verdict}: {run.reason}", _use_item_location=True)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, NotAsExpected):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[os.PathLike[str] | str, int | None, str]:
        return Path(self.path), 0, self.name


def block(run: CaseRun) -> str:
    """The failure for people: where it is, expected and actual, requirement, command."""
    from conformance.report import terminal
    from conformance.requirements import load

    register = load()
    names = [name for name in run.requirements if register.known(name)]
    known = {name: _requirement_row(register[name]) for name in names}
    head = f"{run.verdict} {run.id} [{run.variant}]"
    return head + "\n" + terminal.failure(run.to_dict(), known)


def _requirement_row(entry: Any) -> dict[str, str]:
    return {name: str(getattr(entry, name)) for name in ("id", "rfc", "section", "level", "text")}
