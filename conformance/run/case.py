"""Runs one case in one delivery variant, from the trace to its CaseRun."""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from conformance import first_response
from conformance.finding import Axis, JudgedFinding
from conformance.out_folder import cannot_write, file_name, write_new
from conformance.requirements import Register
from conformance.requirements import load as load_register
from conformance.run import case_verdict, moves, unsupported
from conformance.run.context import CaseContext, PlayResult
from conformance.run.ending import report_of
from conformance.run.log_judge import LogJudge
from conformance.run.plain import Known, PlainCases
from conformance.subject import Crashed, Hung, Subject, SubjectError, complaint
from conformance.subject.answer import Move
from conformance.verdict import FAILURES, LOGS, MEMBER, UNWRITTEN, CaseRun, Verdict, writable
from fake_servers.files import scratch
from fake_servers.log import Event, EventLog, Kind, joined
from fake_servers.trace.syntax import Trace
from fake_servers.wire.delivery import VARIANTS

TIMEOUT_FACTOR = 5
"""A client that left before the tested point is called again with its timeout times this."""


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One play of a case: what happened, what was found, and the result.

    was_broken  the client or its driver broke: there is a result and nothing else
    stray       what the client wrote to stderr between the previous case and this one
    """

    context: CaseContext
    run: CaseRun
    findings: Sequence[JudgedFinding]
    was_broken: bool
    stray: str = ""

    @property
    def is_over_at_once(self) -> bool:
        """Whether the client broke before it did anything of this case."""
        broke = self.run.verdict in (Verdict.CRASH, Verdict.ERROR)
        began = any(event.kind in (Kind.CONNECT, Kind.RETURN) for event in self.context.log)
        return self.was_broken and broke and not began

    @property
    def is_charged(self) -> bool:
        """Whether it contains the report of a fault."""
        return bool(complaint.complaint_in(self.run.stderr))


class Runner:
    """Runs cases against one subject.

    seed        from which every random value is drawn
    out_dir     event logs are written into its folder `log`; with None there are no logs
    internal    moves of the subject's table that neither the trace nor the model has
    rerun       the words of the command that runs a case again, without the case
    late        faults that showed after the last answer of a case and before the next case:
                for each, a sentence and the report
    """

    def __init__(
        self,
        subject: Subject,
        seed: int,
        out_dir: Path | None = None,
        internal: frozenset[Move] = frozenset(),
        rerun: tuple[str, ...] = ("./mailspec", "run"),
    ) -> None:
        self.subject = subject
        self.seed = seed
        self.out_dir = out_dir
        if out_dir is not None:
            (out_dir / LOGS).mkdir(parents=True, exist_ok=True)
        self.internal = internal
        self.rerun = rerun
        self.late: list[tuple[str, str]] = []
        self._before: _Attempt | None = None
        self.log_judge = LogJudge()
        self.plain = PlainCases(self._play_plain)

    @cached_property
    def register(self) -> Register:
        return load_register()

    def run_case(self, trace: Trace, variant: str) -> CaseRun:
        """Play it and judge it. Only the user's interrupt raises an exception."""
        not_asked = self.unsupported(trace, variant)
        if not_asked is not None:
            return not_asked
        started = time.monotonic()
        try:
            run = self._run_and_log(trace, variant)
        except Exception as error:  # pylint: disable=broad-except
            message = f"the suite failed on this case: {type(error).__name__}: {error}"
            finding = JudgedFinding(message, axis=Axis.API, verdict=Verdict.ERROR)
            run = case_verdict.case_run(trace, variant, [finding], has_moves=False)
        seconds = time.monotonic() - started
        return writable(replace(run, seconds=seconds, rerun=self._again(trace, variant, run)))

    def unsupported(self, trace: Trace, variant: str) -> CaseRun | None:
        """The result of a case that this subject cannot be asked, None where it can."""
        found = unsupported.why(self.subject, trace, variant)
        if found is None:
            return None
        run = unsupported.result(trace, variant, found)
        return writable(replace(run, rerun=self._again(trace, variant, run)))

    def _run_and_log(self, trace: Trace, variant: str) -> CaseRun:
        if trace.family:
            from conformance.run import family

            run, log = family.run(trace, variant, self._run_one, self.out_dir)
        else:
            run, log = self._run_one(trace, variant)
        if log is None:
            return run
        try:
            return replace(run, log=self._write_log(log, trace, variant))
        except OSError as error:
            assert self.out_dir is not None
            unwritten = str(cannot_write(self.out_dir, error))
            return replace(run, details={**run.details, UNWRITTEN: unwritten})

    def _run_one(self, trace: Trace, variant: str) -> tuple[CaseRun, EventLog | None]:
        """A case that is not a family, or a member of a family, and what happened in it."""
        found = unsupported.why(self.subject, trace, variant)
        if found is not None:
            return unsupported.result(trace, variant, found), None
        if f"{trace.protocol}.auth.initial" not in self.subject.features:
            trace = first_response.with_choice(trace)
        attempt = self._attempt(trace, variant)
        known = self.plain.known(trace, variant, attempt.findings)
        if known is not None:
            attempt = self._again_with(known, trace, variant, attempt)
        context = attempt.context
        moves_taken = tuple(move for move, _ in context.caller.moves)
        return replace(attempt.run, moves_taken=moves_taken), context.log

    def _attempt(self, trace: Trace, variant: str, known: Known | None = None) -> _Attempt:
        """Play it and judge it, with more time where real time may have run out."""
        breach = case_verdict.breach_of(trace, self.register)
        delivery = VARIANTS[variant]
        context = CaseContext(trace, self.subject, delivery, self.seed, breach, known=known)
        attempt = self._play(context, variant)
        if self._before is not None and self.subject.level == 1:
            if self._is_of_before(self._before, attempt):
                late = attempt
                context = CaseContext(trace, self.subject, delivery, self.seed, breach, known=known)
                attempt = self._play(context, variant)
                if not (attempt.was_broken and attempt.run.verdict is late.run.verdict):
                    self._charge_before(self._before, late)
            elif complaint.is_new(attempt.stray):
                self._charge_before(self._before, attempt)
        self._before = attempt
        if self._may_have_been_rushed(context, attempt.run):
            context = CaseContext(
                trace, self.subject, delivery, self.seed, breach, TIMEOUT_FACTOR, known
            )
            attempt = self._play(context, variant)
        return attempt

    @staticmethod
    def _is_of_before(before: _Attempt, attempt: _Attempt) -> bool:
        """Whether the previous case may be what broke a driver."""
        has_report = bool(complaint.complaint_in(attempt.stray)) or before.is_charged
        return attempt.is_over_at_once and (attempt.run.verdict is Verdict.CRASH or has_report)

    def _charge_before(self, before: _Attempt, attempt: _Attempt) -> None:
        """Keep a fault that a driver showed after its last answer in the previous case."""
        if before.is_charged and not complaint.is_new(attempt.stray):
            return
        message = complaint.summary(attempt.stray)
        fault = f"was found at fault: {message}" if message else attempt.run.reason
        fault = fault.removeprefix("the client ")
        case_id = attempt.context.trace.id
        sentence = f"{fault}, after {before.context.trace.id} was over and before {case_id} began"
        self.late.append((sentence, report_of(attempt.stray + attempt.run.stderr)))

    def _play_plain(self, trace: Trace, variant: str) -> Sequence[JudgedFinding] | None:
        """The findings of a plain good case; None where the client cannot play it."""
        if unsupported.why(self.subject, trace, variant) is not None:
            return None
        attempt = self._attempt(trace, variant)
        undecided = attempt.run.verdict is Verdict.UNSUPPORTED
        return None if undecided else attempt.findings

    def _again_with(self, known: Known, trace: Trace, variant: str, before: _Attempt) -> _Attempt:
        """The case, judged only by what the plain good cases have not shown already."""
        attempt = before
        if known.messages and any(each.is_message for each in before.findings):
            attempt = self._attempt(trace, variant, known)
        if attempt.was_broken:
            return attempt
        findings = [*known.noted, *known.excuse(attempt.findings, trace)]
        run = replace(self._judge(trace, variant, findings), stderr=attempt.run.stderr)
        return replace(attempt, run=run, findings=findings)

    def _may_have_been_rushed(self, context: CaseContext, run: CaseRun) -> bool:
        """Whether the time may have run out, on a busy machine, before the tested point."""
        if "clock" in self.subject.features:
            return False
        if context.trace.falls_silent:
            return not context.was_silent
        timed_out = run.verdict in FAILURES and any(map(_is_timeout, context.log))
        return timed_out or run.verdict is Verdict.INCONCLUSIVE

    def _play(self, context: CaseContext, variant: str) -> _Attempt:
        stray = self.subject.take_stderr()
        findings: list[JudgedFinding] = []
        was_broken = True
        try:
            result = _play(context)
            findings = case_verdict.without_doubles(
                [*result.findings, *self._judged(context, result)]
            )
            run = self._judge(context.trace, variant, findings)
            was_broken = False
        except (Crashed, Hung) as error:
            verdict = Verdict.CRASH if isinstance(error, Crashed) else Verdict.HANG
            run = _broken(context, variant, verdict, f"the client {error}")
        except Exception as error:  # pylint: disable=broad-except
            message = (
                str(error)
                if isinstance(error, SubjectError)
                else f"{type(error).__name__}: {error}"
            )
            run = _broken(context, variant, Verdict.ERROR, message)
        stderr = context.stderr + self.subject.take_stderr()
        if run.verdict not in (Verdict.CRASH, Verdict.ERROR) and (
            message := complaint.summary(stderr)
        ):
            run = _broken(
                context, variant, Verdict.CRASH, f"the client was found at fault: {message}"
            )
            was_broken = True
        run = run if run.verdict is Verdict.PASS else replace(run, stderr=report_of(stderr))
        return _Attempt(context, run, findings, was_broken, stray)

    def _judge(self, trace: Trace, variant: str, findings: Sequence[JudgedFinding]) -> CaseRun:
        has_moves = "moves" in self.subject.features
        return case_verdict.case_run(trace, variant, findings, has_moves=has_moves)

    def _judged(self, context: CaseContext, result: PlayResult) -> Iterator[JudgedFinding]:
        """What the `T:` lines, the model and the monitors find."""
        if result.unasked:
            return
        reported: moves.Reported | None = None
        if "moves" in self.subject.features:
            reported = [(m, line) for m, line in context.caller.moves if m not in self.internal]
            if context.trace.goal is None and result.finished and not result.has_extras:
                parted = moves.compare_listed(context.trace, result.taken, reported)
                if parted is not None:
                    yield parted
        yield from self.log_judge.judge(context.trace, joined(context.log), reported)

    def _again(self, trace: Trace, variant: str, run: CaseRun) -> str:
        what = str(run.details.get(MEMBER, trace.id))
        if not case_verdict.is_shipped(trace):
            is_part = trace.origin.shares_file or trace.family
            what = case_verdict.file_of(trace) + (f"::{what}" if is_part else "")
        words = [*self.rerun, what, "--variant", variant, "--seed", str(self.seed)]
        return shlex.join(words)

    def _write_log(self, log: EventLog, trace: Trace, variant: str) -> str | None:
        """Write the events, one JSON line each; returns the file's name below the folder."""
        if self.out_dir is None:
            return None
        name = f"{LOGS}/{file_name(trace.id)}.{variant}.jsonl"
        file_line = trace.file_line if trace.origin.begin else None
        write_new(self.out_dir / name, log.to_lines(file_line=file_line))
        return name


def _is_timeout(event: Event) -> bool:
    return event.kind is Kind.RETURN and event.data["outcome"] == "timeout"


def _play(context: CaseContext) -> PlayResult:
    from conformance.run import goal, leaks, linear

    with ExitStack() as stack:
        if context.subject.level == 0:
            context.folder = stack.enter_context(scratch.folder("case"))
        result = linear.play(context) if context.trace.goal is None else goal.play(context)
        leaks.note(context)
    return result


def _broken(context: CaseContext, variant: str, verdict: Verdict, reason: str) -> CaseRun:
    finding = JudgedFinding(reason, context.caller.line, axis=Axis.API, verdict=verdict)
    return case_verdict.case_run(context.trace, variant, [finding], has_moves=False)
