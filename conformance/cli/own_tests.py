"""The project's own tests: ctest of client/, then pytest over the suite, its tools and mailc.

Run it as `./mailspec test [pytest's arguments]`. pytest comes last, so that its closing
line ends the output.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from conformance.subject import SubjectError, build, spec
from conformance.subject.build_progress import BuildProgress

ROOT = Path(__file__).resolve().parents[2]
MOST_WORKERS = 8


def main(arguments: Sequence[str]) -> int:
    """Returns 0 if all pass, otherwise the exit status of pytest, or 1 if only ctest failed."""
    if not (ROOT / "client").is_dir():
        print("mailspec test: this needs a clone of the repository", file=sys.stderr)
        return 3
    of_client = test_client()
    of_suite = subprocess.run(pytest_command(arguments), cwd=ROOT, check=False).returncode
    return of_suite or (1 if of_client else 0)


def test_client() -> int:
    """Builds mailc with its tests and runs them; returns the first exit status that is not 0."""
    jobs = str(os.cpu_count() or 1)
    mailc = spec("mailc")
    assert mailc.cmake is not None, "mailc is built from its sources"
    folder = str(mailc.cmake.build)
    try:
        build.ensure(mailc.cmake, mailc.name)
        progress = BuildProgress("the tests of mailc")
        build.steps(progress, ["cmake", "--build", folder, "--parallel", jobs])
    except SubjectError as error:
        print(f"mailspec test: {error}", file=sys.stderr)
        return 1
    ctest = ["ctest", "--test-dir", folder, "--output-on-failure", "--parallel", jobs]
    status = subprocess.run(ctest, check=False).returncode
    if status:
        print(f"mailspec test: ctest ended with exit status {status}", file=sys.stderr)
    return status


def pytest_command(arguments: Sequence[str]) -> list[str]:
    """pytest on all processors, unless the arguments give a number or need its terminal."""
    own = any(word.startswith(("-n", "--numprocesses", "--pdb", "-s")) for word in arguments)
    workers = [] if own else ["-n", "auto", "--maxprocesses", str(MOST_WORKERS)]
    return [sys.executable, "-P", "-m", "pytest", *workers, *arguments]
