"""Threads that are used again."""

from __future__ import annotations

import threading

import pytest

from fake_servers import threads


def test_a_thread_that_is_done_takes_the_next_call() -> None:
    seen: list[int] = []

    def note() -> None:
        seen.append(threading.get_ident())

    for _ in range(20):
        job = threads.start(note)
        assert job.join(10.0) and job.is_done
    assert len(seen) == 20 and len(set(seen)) == 1
    assert threading.get_ident() not in seen


def test_calls_at_the_same_time_have_threads_of_their_own() -> None:
    gate = threading.Event()
    jobs = [threads.start(gate.wait) for _ in range(3)]
    assert not any(job.join(0.0) or job.is_done for job in jobs)
    gate.set()
    assert all(job.join(10.0) for job in jobs)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_call_that_raises_is_over_all_the_same() -> None:
    def fail() -> None:
        raise RuntimeError("on purpose")

    assert threads.start(fail).join(10.0)
    assert threads.start(lambda: None).join(10.0)
