"""Runs commands one after the other, each bounded in time and in what it prints."""

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


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended; a signal is a negative status. What it wrote is bounded."""

    status: int
    stdout: bytes
    stderr: str


class Shell:
    """The keeper of the commands of one subject.

    left    what they left behind
    stderr  what the last one wrote to stderr, also where it came to no end
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
        """Run one to its end; nothing that it started lives on.

        stdout_limit  so much of stdout is needed, 0 for nothing: then it is thrown away
        Raises AdapterBroken where it cannot be started, Hung after `limit_s` seconds or
        where it prints more than is needed and does not end.
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

        def has_too_much() -> bool:
            if not stdout_limit:
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
            raise Hung(f"came to no end within {limit_s:g} s")
        return status, bytes(child.out[: stdout_limit + 1])

    def close(self) -> None:
        """End the keeper."""
        self._keeper.close()
