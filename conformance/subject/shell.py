"""Runs commands one after the other, each with a limit on its time and its output."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from conformance.subject.child import Child
from conformance.subject.error import AdapterBroken, Hung
from conformance.subject.json_line import short
from conformance.subject.keeper import Keeper, KeeperGone
from fake_servers.files import scratch

STDOUT_KEPT = 64 * 1024
"""How much is kept of a stdout that nobody needs."""


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended; a signal is a negative status. Its output is limited."""

    status: int
    stdout: bytes
    stderr: str


class Shell:
    """The keeper of the commands of one subject.

    left    what they left behind
    stderr  what the last one wrote to stderr, even if it did not finish
    """

    def __init__(self) -> None:
        self._keeper = Keeper(scratch.root())
        self.stderr = ""

    @property
    def left(self) -> list[str]:
        return self._keeper.left

    def run(
        self,
        argv: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        stdin: bytes,
        limit_s: float,
        stdout_limit: int,
    ) -> Done:
        """Runs one to its end; ends everything that it started.

        stdout_limit  how much of stdout is needed; with 0 only its begin is kept

        Raises AdapterBroken if it cannot be started, and Hung if it does not finish within
        `limit_s` seconds or prints more than is needed and does not end.
        """
        try:
            child = Child(self._keeper, argv, folder, environment)
        except (OSError, ValueError, KeeperGone) as error:
            reason = (error.strerror if isinstance(error, OSError) else "") or str(error)
            raise AdapterBroken(f"{short(argv[0])} cannot be started: {reason}") from error
        try:
            child.write(stdin, last=True)
            status, stdout = self._await(child, limit_s, stdout_limit)
        except KeeperGone as error:
            raise AdapterBroken(str(error)) from error
        finally:
            self.stderr = child.err.take()
            child.close()
        return Done(status, stdout, self.stderr)

    @staticmethod
    def _await(child: Child, limit_s: float, stdout_limit: int) -> tuple[int, bytes]:
        """Its status and its stdout."""

        begin = bytearray()

        def has_too_much() -> bool:
            if not stdout_limit:
                begin.extend(child.out[: max(0, STDOUT_KEPT - len(begin))])
                child.out.clear()
            return len(child.out) > stdout_limit

        in_time = child.carry(time.monotonic() + limit_s, has_too_much)
        status = child.status
        if status is None:
            child.kill()
            if in_time:
                message = f"printed more than {stdout_limit >> 20} MiB and did not end"
                raise Hung(
                    message if stdout_limit >= 1 << 20 else "printed too much and did not end"
                )
            raise Hung(f"did not finish within {limit_s:g} s")
        has_too_much()
        return status, bytes(child.out[: stdout_limit + 1]) if stdout_limit else bytes(begin)

    def close(self) -> None:
        """End the keeper."""
        self._keeper.close()
