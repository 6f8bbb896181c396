"""The pytest plugin: collects *.trace files and turns verdicts into pytest's outcomes."""

from __future__ import annotations

import json
from collections.abc import Generator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from conformance import features
from conformance.out_folder import FolderError, claimed_for_run
from conformance.plugin import workers
from conformance.plugin.fixtures import pop3_server, smtp_server, trace
from conformance.plugin.items import SUBJECT_RUN, TraceFile, TraceItem, hook
from conformance.run.subject_run import ALL, Settings, SubjectRun, draw_seed, variants_of
from conformance.verdict import CaseRun, Verdict
from fake_servers.wire.delivery import VARIANTS

__all__ = ["pop3_server", "smtp_server", "trace"]
"""The fixtures that pytest finds here."""

PARCELS = pytest.StashKey[workers.Parcels]()
"""Only in a worker that cannot reach the folder of the reports."""


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("mailspec", "conformance of POP3 and SMTP clients")
    group.addoption(
        "--subject",
        default=None,
        help="the client under test: NAME, FILE.toml or 'cmd:ARGV' (default: mailc)",
    )
    group.addoption(
        "--variant",
        action="append",
        default=None,
        choices=[*VARIANTS, ALL],
        help="run only this delivery variant, or all; can be repeated",
    )
    group.addoption(
        "--without",
        action="append",
        default=[],
        metavar="FEATURE",
        help="act as if the client did not claim these features; can be repeated",
    )
    group.addoption("--strict-verdicts", action="store_true", help="NON-STRICT is a failure")
    group.addoption("--seed", type=int, default=None, help="repeat a run with its seed")
    group.addoption("--out", default=None, metavar="DIR", help="write the reports into DIR")
    group.addoption("--expect", default=None, metavar="FILE", help="known failures")


def pytest_configure(config: pytest.Config) -> None:
    option = config.option
    given = getattr(config, "workerinput", None)
    option.seed = workers.seed_of(given or {}, option.seed)
    if option.seed is None:
        option.seed = draw_seed()
    if option.subject is not None:
        _check_subject(option.subject)
    option.without = _listed(option.without)
    out_dir = Path(option.out).resolve() if option.out else None
    if given is None and out_dir is not None:
        _claim(config, out_dir)
    if given is not None and out_dir is not None and not workers.reaches(given, out_dir):
        stack = ExitStack()
        config.add_cleanup(stack.close)
        config.stash[PARCELS] = parcels = workers.Parcels(stack)
        out_dir = parcels.folder
    config.stash[SUBJECT_RUN] = made = _subject_run(option, out_dir)
    config.add_cleanup(made.stop)
    if given is None:
        config.pluginmanager.register(Results(made), "mailspec-results")


@hook(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """pytest-xdist is about to start a worker."""
    settings = node.config.stash[SUBJECT_RUN].settings
    workers.brief(node.workerinput, settings.seed, settings.out_dir)


@hook(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """A worker of pytest-xdist has ended."""
    node.config.stash[SUBJECT_RUN].adopt(workers.ending_of(node))


@hook(optionalhook=True)
def pytest_handlecrashitem(crashitem: str, report: Any) -> None:
    """A worker of pytest-xdist has died in a case; the case gets a result all the same."""
    if ".trace::" in crashitem:
        report.mailspec = workers.lost(crashitem)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker ends its subject while it can still report how the subject ended."""
    if (given := getattr(session.config, "workeroutput", None)) is not None:
        workers.send_ending(given, session.config.stash[SUBJECT_RUN].finish())


def _subject_run(option: Any, out_dir: Path | None) -> SubjectRun:
    return SubjectRun(
        Settings(
            subject=option.subject or "mailc",
            variants=variants_of(option.variant),
            seed=option.seed,
            out_dir=out_dir,
            strict=option.strict_verdicts,
            without=option.without,
            expect=Path(option.expect).resolve() if option.expect else None,
        )
    )


def _claim(config: pytest.Config, out_dir: Path) -> None:
    """Claim the folder until the end of this run, and remove the logs of an earlier one."""
    stack = ExitStack()
    config.add_cleanup(stack.close)
    try:
        stack.enter_context(claimed_for_run(out_dir, "pytest"))
    except FolderError as error:
        raise pytest.UsageError(str(error)) from None


def _check_subject(text: str) -> None:
    from conformance.subject import SubjectError, spec

    try:
        spec(text)
    except SubjectError as error:
        raise pytest.UsageError(str(error)) from None


def _listed(texts: Sequence[str]) -> tuple[str, ...]:
    """The features that are left out, as names and globs; each text is a list with commas."""
    try:
        return tuple(name for text in texts for name in features.listed(text))
    except features.UnknownFeature as error:
        raise pytest.UsageError(f"--without: {error}") from None


def pytest_report_header(config: pytest.Config) -> str:
    settings = config.stash[SUBJECT_RUN].settings
    return f"mailspec: subject {settings.subject}, seed {settings.seed}"


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> TraceFile | None:
    if file_path.suffix != ".trace":
        return None
    made: TraceFile = TraceFile.from_parent(parent, path=file_path)
    return made


@hook(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, None]:
    """The result travels with the report, also from another process (pytest-xdist)."""
    outcome = yield
    if isinstance(item, TraceItem):
        report = outcome.get_result()
        if report.when == "call" and item.case_run is not None:
            worker = hasattr(item.config, "workerinput")
            run = item.case_run
            report.mailspec = json.dumps(run.to_dict()) if worker else run
            report.mailspec_proves = item.trace.proves
            if (parcels := item.config.stash.get(PARCELS, None)) is not None:
                report.mailspec_log = parcels.take(run)


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    """ERROR becomes pytest's error, not its failure."""
    run = case_run_of(report)
    if run is not None and run.verdict is Verdict.ERROR:
        return "error", "E", "ERROR"
    return None


def case_run_of(report: pytest.TestReport) -> CaseRun | None:
    """The result in a report, None for a report of anything else."""
    found = getattr(report, "mailspec", None)
    return CaseRun.from_dict(json.loads(found)) if isinstance(found, str) else found


def keep_log(report: pytest.TestReport, run: CaseRun, subject_run: SubjectRun) -> None:
    """Write the event log that a worker on another machine sent with its result."""
    workers.unpack(run, getattr(report, "mailspec_log", None), subject_run.settings.out_dir)


class Results:
    """Collects the results of every process in the one that the user started."""

    def __init__(self, subject_run: SubjectRun) -> None:
        self._subject_run = subject_run
        self.runs: list[CaseRun] = []
        self._proves: dict[str, Sequence[str]] = {}
        self.remarks: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        run = case_run_of(report)
        if run is not None:
            keep_log(report, run, self._subject_run)
            self.runs.append(run)
            self._proves[run.id] = getattr(report, "mailspec_proves", ())

    def pytest_sessionfinish(self) -> None:
        if self._subject_run.settings.out_dir is not None:
            workers.finish(self._subject_run.settings.out_dir)
        ending = self._subject_run.finish()
        self.remarks += ending.remarks(self._subject_run.settings.subject)
        self.runs += ending.runs()
        if self.runs and self._subject_run.settings.out_dir is not None:
            from conformance.report import of_run
            from conformance.run import exit_status

            try:
                of_run.write_reports(self._subject_run, self.runs, self._proves)
            except FolderError as error:
                raise pytest.exit.Exception(str(error), exit_status.CANNOT_RUN) from None

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        for remark in self.remarks:
            terminalreporter.write_line(f"mailspec: {remark}")
        if self.runs:
            for variant, reason in self._subject_run.left_out.items():
                text = f"mailspec: the variant {variant} is left out: {reason}"
                terminalreporter.write_line(text)
            from conformance.report.results import counts

            found = {verdict: n for verdict, n in counts(self.runs).items() if n}
            text = ", ".join(f"{n} {verdict}" for verdict, n in found.items())
            terminalreporter.write_line(f"mailspec: {sum(found.values())} cases: {text}")
