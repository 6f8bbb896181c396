"""Plays a run: each selected case in each variant, in this process or in several.

The way of a case, from its file to results.json:

    select.py         reads FILE.trace into a Trace
       |
    order.py          makes a Case of it for each delivery variant
       |
    loop.py           settles each Case that the subject cannot be asked (UNSUPPORTED), and
       |              plays one Case after the other; with several processes, workers.py gives
       |              them in batches to processes that are free, the long ones first
       |
    subject_run.py    one process's part of the run: it starts the subject once, and asks the
       |              doctor once; a Case for which the subject is not fit is an ERROR
       |
    case.py           plays the Case and judges it:
       |                context.py       what one play needs: log, random values, files
       |                linear.py        the timeline line by line, against a scripted server
       |                goal.py          one whole session, against a reactive server
       |                log_judge.py     what the model and the monitors find in the event log
       |                case_verdict.py  makes one CaseRun of all findings
       |              It plays a Case again if the time may have run out on a busy machine, and
       |              it writes the event log into the folder `log` of the reports.
       |
    cli/progress.py   shows the CaseRun, whichever process it comes from
       |
    report/of_run.py  sorts all of them by id and variant, and writes results.json; every other
                      report is rendered from that file

A run has the same results in any order and with any number of processes. The only exception
that a Case raises is the user's interrupt: SIGINT, or SIGTERM as exit_status.Terminated. It
ends the loop and the subjects; the reports show the cases that were played before.
conformance/plugin plays the same cases through the same subject_run.py for people who call
pytest.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence

from conformance.run.order import Case
from conformance.run.subject_run import SubjectRun
from conformance.verdict import CaseRun


def settle(subject_run: SubjectRun, cases: Sequence[Case]) -> tuple[list[CaseRun], list[Case]]:
    """The results of the cases that the subject cannot be asked, and the cases that are played."""
    settled: list[CaseRun] = []
    remaining: list[Case] = []
    for case in cases:
        run = subject_run.settled(*case)
        if run is None:
            remaining.append(case)
        else:
            settled.append(run)
    return settled, remaining


def play(
    subject_run: SubjectRun, cases: Sequence[Case], processes: int = 1
) -> Generator[CaseRun, None, None]:
    """Play the cases; gives each result as soon as it is there.

    Close the generator if you stop early: that ends the cases that are being played. Afterwards
    subject_run.finish() says what showed when the subjects ended.
    """
    if processes > 1:
        from conformance.run import workers

        return workers.play(subject_run, cases, processes)
    return (subject_run.run_case(trace, variant) for trace, variant in cases)
