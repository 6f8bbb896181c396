"""Several workshops at once, one a thread: the work itself is done by processes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue
from typing import TypeVar

from strength.build_tree import Workshop

T = TypeVar("T")
R = TypeVar("R")


class Crew:
    """`jobs` workshops below `folder`."""

    def __init__(self, folder: Path, jobs: int) -> None:
        self.workshops = [Workshop(folder / str(number)) for number in range(1, jobs + 1)]

    def open(self, prepare: Callable[[Workshop], None]) -> None:
        """Have every workshop copied, configured and prepared. Raises what `prepare` raises."""

        def begin(workshop: Workshop) -> None:
            workshop.open()
            prepare(workshop)

        with ThreadPoolExecutor(len(self.workshops)) as pool:
            for _ in pool.map(begin, self.workshops):
                pass

    def each(self, items: Iterable[T], work: Callable[[T, Workshop], R]) -> Iterator[R]:
        """What `work` makes of each item, as it is done."""
        free: SimpleQueue[Workshop] = SimpleQueue()
        for workshop in self.workshops:
            free.put(workshop)

        def take(item: T) -> R:
            workshop = free.get()
            try:
                return work(item, workshop)
            finally:
                free.put(workshop)

        with ExitStack() as stack:
            pool = stack.enter_context(ThreadPoolExecutor(len(self.workshops)))
            stack.callback(pool.shutdown, wait=False, cancel_futures=True)
            for done in as_completed([pool.submit(take, item) for item in items]):
                yield done.result()
