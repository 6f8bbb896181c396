"""`mailspec serve` in a process of its own, for tests that are its clients."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[3]
ENVIRONMENT = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
END_S = 60.0

MAIL = b"From: a@example.org\r\nSubject: one\r\n\r\n.a dot\r\nthe end\r\n"


class Served:
    """A running server.

    head    the lines that it printed before the first session
    ports   by the name of the service; a case has the name `case`
    ca      the authority to trust, or the empty string
    """

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.head: list[str] = []
        self.ports: dict[str, int] = {}
        self.ca = ""

    def read_head(self, count: int, has_tls: bool) -> None:
        """Read until so many ports and, where there is TLS, the authority were told."""
        assert self.process.stdout is not None
        while len(self.ports) < count or (has_tls and not self.ca):
            line = self.process.stdout.readline()
            assert line, "".join(self.head)
            self.head.append(line)
            if found := re.match(r"(.+?)(: \w+)? on \S+ port (\d+)", line):
                self.ports["case" if found[2] else found[1]] = int(found[3])
            if line.startswith("authority"):
                self.ca = line.partition(": ")[2].strip()

    def end(self, number: int = signal.SIGTERM) -> str:
        """Send a signal; what was printed, after it has ended."""
        self.process.send_signal(number)
        return self.wait()

    def wait(self) -> str:
        """What was printed, once it has ended by itself."""
        output, _ = self.process.communicate(timeout=END_S)
        return output


@contextmanager
def served(*words: str, count: int = 1, has_tls: bool = False) -> Iterator[Served]:
    """Start it with these arguments; killed at the end if it still runs."""
    command = [sys.executable, "-P", "-m", "conformance", "serve", *words]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            made = Served(process)
            made.read_head(count, has_tls)
            yield made
        finally:
            process.kill()


def refused(*words: str) -> tuple[int, str]:
    """Exit status and output of arguments that cannot be served."""
    command = [sys.executable, "-P", "-m", "conformance", "serve", *words]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=END_S,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr
