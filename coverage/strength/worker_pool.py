"""Several build trees at once, one for each thread; processes do the work itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue
from typing import TypeVar

from strength.build_tree import BuildTree

T = TypeVar("T")
R = TypeVar("R")


class WorkerPool:
    """`jobs` build trees in `folder`."""

    def __init__(self, folder: Path, jobs: int) -> None:
        self.trees = [BuildTree(folder / str(number)) for number in range(1, jobs + 1)]

    def open(self, prepare: Callable[[BuildTree], None]) -> None:
        """Copies, configures and prepares every tree. Raises what `prepare` raises."""

        def begin(tree: BuildTree) -> None:
            tree.open()
            prepare(tree)

        with ThreadPoolExecutor(len(self.trees)) as pool:
            for _ in pool.map(begin, self.trees):
                pass

    def each(self, items: Iterable[T], work: Callable[[T, BuildTree], R]) -> Iterator[R]:
        """The result of `work` for each item, as soon as it is done."""
        free: SimpleQueue[BuildTree] = SimpleQueue()
        for tree in self.trees:
            free.put(tree)

        def take(item: T) -> R:
            tree = free.get()
            try:
                return work(item, tree)
            finally:
                free.put(tree)

        with ExitStack() as stack:
            pool = stack.enter_context(ThreadPoolExecutor(len(self.trees)))
            stack.callback(pool.shutdown, wait=False, cancel_futures=True)
            for done in as_completed([pool.submit(take, item) for item in items]):
                yield done.result()
