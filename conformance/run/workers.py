"""Plays a run in several processes of this machine.

Each worker is started as a new process and not forked: the process of the run has a driver, its
pipes and the threads of servers, and a fork would copy them. A worker plays one batch of cases at
a time with a subject of its own, and writes its event logs itself. A worker that dies is replaced:
a client may have killed it, and only the case that it played is lost.
"""

from __future__ import annotations

import os
import signal
import time
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import get_context, resource_tracker
from multiprocessing.connection import Connection, wait

from conformance.run.case_verdict import without_verdict
from conformance.run.ending import LOST, Ending
from conformance.run.exit_status import Terminated
from conformance.run.order import Batch, Case, batches
from conformance.run.subject_run import Settings, SubjectRun
from conformance.verdict import CaseRun
from fake_servers.files import scratch

AWAKE_S = 5.0
"""A worker without a message for this long may have been stopped by its client: it is resumed."""
END_S = 15.0
"""How long the workers of a run have to end their subjects."""

_CONTEXT = get_context("spawn")


def play(
    subject_run: SubjectRun, cases: Sequence[Case], processes: int
) -> Generator[CaseRun, None, None]:
    """Play the cases in several processes; yields each result as soon as it is there.

    `subject_run` is that of this process: it collects how the workers' subjects ended.
    """
    waiting = deque(batches(cases))
    workers: list[Worker] = []
    try:
        with scratch.shared():
            yield from _played(subject_run, waiting, workers, processes)
    finally:
        _end(workers, subject_run)


def _played(
    subject_run: SubjectRun, waiting: deque[Batch], workers: list[Worker], processes: int
) -> Generator[CaseRun, None, None]:
    """Hand out all batches; `workers` are those at work at any time."""
    while waiting and len(workers) < processes:
        workers.append(Worker(subject_run.settings, waiting.popleft()))
    while workers:
        for worker in _ready(workers):
            message = worker.receive()
            if isinstance(message, Ending):
                subject_run.adopt(message)
            elif message is not None:
                if worker.has_played_all():
                    worker.give(waiting.popleft() if waiting else None)
                yield message
            else:
                workers.remove(worker)
                worker.join()
                if worker.batch is not None:
                    lost, remaining = worker.unplayed()
                    waiting.extendleft(remaining)
                    if waiting:
                        workers.append(Worker(subject_run.settings, waiting.popleft()))
                    yield without_verdict(*lost, LOST)


def _ready(workers: Sequence[Worker]) -> list[Worker]:
    """Wait for the workers that have a message or have died."""
    while not (ready := wait([worker.connection for worker in workers], AWAKE_S)):
        for worker in workers:
            worker.send_signal(signal.SIGCONT)
    return [worker for worker in workers if worker.connection in ready]


def _end(workers: Sequence[Worker], subject_run: SubjectRun) -> None:
    """End workers early: each gives up its case and ends its subject."""
    left = list(workers)
    deadline = time.monotonic() + END_S
    try:
        for worker in left:
            worker.give(None)
            worker.send_signal(signal.SIGTERM)
            worker.send_signal(signal.SIGCONT)
        while left and (ready := wait([w.connection for w in left], _remaining_s(deadline))):
            for worker in [each for each in left if each.connection in ready]:
                message = worker.receive()
                if isinstance(message, Ending):
                    subject_run.adopt(message)
                elif message is None:
                    left.remove(worker)
    finally:
        for worker in left:
            worker.kill()
        for worker in workers:
            worker.join()


def _remaining_s(deadline: float) -> float:
    return max(0.0, deadline - time.monotonic())


class Worker:
    """One process, as the process of the run sees it.

    batch  what it plays, without the cases whose results it has sent; None if it is to end
    """

    def __init__(self, settings: Settings, batch: Batch) -> None:
        self.batch: Batch | None = None
        self.connection, theirs = _CONTEXT.Pipe()
        self._process = _CONTEXT.Process(target=serve, args=(theirs, settings), daemon=True)
        with theirs, _sigint_held_back():
            self._process.start()
        self.give(batch)

    def give(self, batch: Batch | None) -> None:
        """Tell it to play a batch, or to end. If it has died, receive() notices."""
        self.batch = batch
        with suppress(OSError):
            self.connection.send(batch)

    def has_played_all(self) -> bool:
        """Note that it has sent one more result; returns whether that was the last of its batch."""
        assert self.batch is not None
        trace, variants = self.batch
        self.batch = trace, variants[1:]
        return len(variants) == 1

    def unplayed(self) -> tuple[Case, list[Batch]]:
        """The case that it was playing, and those of its batch that it has not begun."""
        assert self.batch is not None
        trace, variants = self.batch
        return (trace, variants[0]), [(trace, variants[1:])] if variants[1:] else []

    def receive(self) -> CaseRun | Ending | None:
        """Its next message; None if it has ended or died."""
        try:
            message: CaseRun | Ending = self.connection.recv()
        except (EOFError, OSError):
            return None
        return message

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self._process.is_alive() and self._process.pid is not None:
            os.kill(self._process.pid, number)

    def kill(self) -> None:
        """Kill it. The process that watches its client ends the client."""
        self._process.kill()

    def join(self) -> None:
        """Wait until it has ended, which it is about to do."""
        self._process.join(END_S)
        self._process.kill()
        self._process.join()
        self.connection.close()


@contextmanager
def _sigint_held_back() -> Iterator[None]:
    """Block SIGINT while a worker starts. Ctrl-C reaches every process of the terminal, but a
    worker ends only when the process of the run tells it to.
    """
    resource_tracker.ensure_running()  # multiprocessing starts it first, and resets the mask
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


# -- in the worker ------------------------------------------------------------


def serve(connection: Connection, settings: Settings) -> None:
    """Play what comes until there is no more, or until the process of the run has gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    os.set_inheritable(connection.fileno(), False)
    termination = _Termination()
    signal.signal(signal.SIGTERM, termination.ask)
    subject_run = SubjectRun(settings)
    try:
        with suppress(EOFError, ConnectionError, Terminated):
            while (batch := connection.recv()) is not None:
                trace, variants = batch
                for variant in variants:
                    with termination.allowed():
                        result = subject_run.run_case(trace, variant)
                    connection.send(result)
    finally:
        ending = subject_run.finish()
        with suppress(ConnectionError):
            connection.send(ending)


class _Termination:
    """SIGTERM ends only the case that is being played: no message is cut in two."""

    def __init__(self) -> None:
        self._is_asked_for = False
        self._is_allowed = False

    def ask(self, number: int, frame: object) -> None:
        """Handle the signal."""
        self._is_asked_for = True
        if self._is_allowed:
            raise Terminated

    @contextmanager
    def allowed(self) -> Iterator[None]:
        """Raise Terminated in this block, also for a signal that came before."""
        self._is_allowed = True
        try:
            if self._is_asked_for:
                raise Terminated
            yield
        finally:
            self._is_allowed = False
