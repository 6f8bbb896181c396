"""From the findings of a case to the verdict of its run."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from conformance import paths
from conformance.excerpt import shorten, window, without_numbers
from conformance.finding import Axis, JudgedFinding
from conformance.requirements import Register
from conformance.run.plain import is_plain
from conformance.verdict import AS_IN, CAUSE, GOES_ON, SEVERITY, CaseRun, Difference, Verdict, worst
from fake_servers.trace.syntax import Trace


def breach_of(trace: Trace, register: Register) -> Verdict:
    """The verdict of a client that does not meet this case: the case's own `breach`, or the worst
    breach of the requirements that it proves.
    """
    if trace.breach:
        return Verdict(trace.breach)
    breaches = [register[name].breach for name in trace.proves if register.known(name)]
    return worst(breaches) if breaches else Verdict.FAIL


def file_of(trace: Trace) -> str:
    """The trace's file relative to the traces folder, or to the current one if it is elsewhere."""
    return _place(trace.path)[0]


def is_shipped(trace: Trace) -> bool:
    """Whether it is in the traces folder, where it can be found by its id."""
    return _place(trace.path)[1]


@functools.cache
def _place(path: Path) -> tuple[str, bool]:
    whole, folder = path, paths.traces()
    if not whole.is_relative_to(folder) or ".." in whole.parts:
        whole, folder = path.resolve(), folder.resolve()
    if whole.is_relative_to(folder):
        return whole.relative_to(folder).as_posix(), True
    return Path(os.path.relpath(path)).as_posix(), False


def without_verdict(trace: Trace, variant: str, reason: str) -> CaseRun:
    """ERROR: the result of a case that could not be played."""
    run = case_run(trace, variant, [], has_moves=False)
    return replace(run, verdict=Verdict.ERROR, wire=None, api=None, reason=reason)


def verdict_of(findings: Iterable[JudgedFinding]) -> Verdict:
    """PASS where there are no findings.

    A fault counts also where the client left before the tested point.
    """
    verdicts = [each.verdict for each in findings]
    for undecided in (Verdict.UNSUPPORTED, Verdict.INCONCLUSIVE):
        if undecided in verdicts and all(SEVERITY.index(v) >= _INFO for v in verdicts):
            return undecided
    return worst([*verdicts, Verdict.PASS])


_INFO = SEVERITY.index(Verdict.INFO)
_ALSO_MOST = 3


def case_run(
    trace: Trace, variant: str, findings: Sequence[JudgedFinding], *, has_moves: bool
) -> CaseRun:
    """The result without the log, the moves and the time: the caller adds them."""
    verdict = verdict_of(findings)
    worst_ones = [each for each in findings if each.verdict is verdict]
    main = min(worst_ones, key=lambda each: each.goes_on, default=None)
    axes = {axis: _axis(axis, findings) for axis in Axis}
    undecided = verdict in (Verdict.UNSUPPORTED, Verdict.INCONCLUSIVE)
    return CaseRun(
        id=trace.id,
        variant=variant,
        verdict=verdict,
        wire=None if undecided else axes[Axis.WIRE],
        api=None if undecided else axes[Axis.API],
        moves=axes[Axis.MOVES] if has_moves and not undecided else None,
        reason=_reason(trace, main, findings) if main else "",
        difference=_difference(trace, main) if main else None,
        requirements=_requirements(trace, findings),
        details=_details(trace, main) if main else {},
        monitors=tuple(dict.fromkeys(each.monitor for each in findings if each.monitor)),
        file=file_of(trace),
        title=trace.title,
    )


def _reason(trace: Trace, main: JudgedFinding, findings: Sequence[JudgedFinding]) -> str:
    """Why the verdict is not PASS, why it is not worse, and what else was found."""
    is_mild = trace.breach == main.verdict and not main.monitor
    reason = f"{main.reason}; {trace.breach_reason}" if is_mild else main.reason
    return shorten(reason + _besides(trace, main, findings))


def _besides(trace: Trace, main: JudgedFinding, findings: Sequence[JudgedFinding]) -> str:
    """The other faults of a case that went on after a deviation, in its words."""
    charged = [each for each in findings if SEVERITY.index(each.verdict) < _INFO]
    if not any(each.goes_on for each in charged):
        return ""
    others = {each.reason: each for each in charged if each.reason != main.reason}
    texts = [f"; also at line {trace.file_line(o.line)}: {o.reason}" for o in others.values()]
    return "".join(texts[:_ALSO_MOST])


def without_doubles(findings: Sequence[JudgedFinding]) -> list[JudgedFinding]:
    """The findings; a deviation that a monitor judges as hard is that monitor's alone.

    The trace knows where the line differs, and the monitor which rule that breaks.
    """
    went_on = {each.actual: each for each in findings if each.goes_on}
    kept, judged = [], set()
    for each in findings:
        seen = went_on.get(each.actual) if each.monitor else None
        if seen is not None and SEVERITY.index(each.verdict) <= SEVERITY.index(seen.verdict):
            judged.add(each.actual)
            each = replace(
                each, line=seen.line, expected=seen.expected, octet=seen.octet, goes_on=True
            )
        kept.append(each)
    return [e for e in kept if e.monitor or not (e.goes_on and e.actual in judged)]


def _axis(axis: Axis, findings: Sequence[JudgedFinding]) -> Verdict:
    return verdict_of([each for each in findings if each.axis is axis])


def _details(trace: Trace, main: JudgedFinding) -> dict[str, str]:
    details = {CAUSE: _cause(trace, main)}
    if main.as_in:
        details[AS_IN] = main.as_in
    if main.goes_on:
        details[GOES_ON] = "yes"
    return details


def _cause(trace: Trace, main: JudgedFinding) -> str:
    """The reason without its numbers, and the monitor or the requirement that it is about."""
    if main.monitor:
        return f"{without_numbers(main.reason)} ({main.monitor})"
    if main.deviations:
        what = "handed over" if trace.protocol == "pop3" else "sent"
        return f"the message that is {what} differs: {', '.join(map(str, main.deviations))}"
    reason = "the message differs" if main.is_message else without_numbers(main.reason)
    about = trace.proves[:1] if main.verdict in (Verdict.FAIL, Verdict.NON_STRICT) else ()
    return f"{reason} ({about[0]})" if about else reason


def _requirements(trace: Trace, findings: Sequence[JudgedFinding]) -> tuple[str, ...]:
    """The requirements that the case proves, and those that a monitor found broken.

    Where every finding of a plain good case has requirements of its own, only these are charged,
    not those that the case proves.
    """
    bad = [each for each in findings if SEVERITY.index(each.verdict) < _INFO]
    charged = [_charged(trace, each) for each in bad]
    if charged and all(charged) and is_plain(trace):
        return tuple(dict.fromkeys(name for names in charged for name in names))
    broken = [name for each in findings for name in each.requirements]
    return tuple(dict.fromkeys([*trace.proves, *broken]))


def _charged(trace: Trace, each: JudgedFinding) -> tuple[str, ...]:
    """The requirements that this finding itself breaks; empty where only the case knows them."""
    changed = [name for one in each.deviations for name in one.requirements(trace.protocol)]
    return (*each.requirements, *changed)


def _difference(trace: Trace, main: JudgedFinding) -> Difference | None:
    if not main.line and not main.expected and not main.actual:
        return None
    line = trace.file_line(main.line or trace.header_lines.get("id", 1))
    shown = window(main.expected, main.actual, main.octet)
    return Difference(
        file_of(trace), line, main.octet, shown.expected, shown.actual, shown.mark, trace.row
    )
