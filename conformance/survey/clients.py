"""Plays the suite on one client after another, each in a process and a folder of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance import paths
from conformance.run import expect
from conformance.subject import spec
from conformance.survey import standing

MOST_SECONDS = 3600
"""How long one run of one client may take."""
OWN = ("netx", "netx-strict", "mailc", "mailc-mbedtls", "mailc-qemu")
"""The clients that the suite grew up with; a survey is about others."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A client that could not be judged, and why, in one sentence."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Judged:
    """A client that was judged; `results` is the results.json of its first run."""

    results: Path
    standing: standing.Standing


def names() -> list[str]:
    """The clients of a survey when none is named."""
    return [name for name in paths.subject_names() if name not in OWN]


def survey(
    wanted: Sequence[str], out: Path, options: Sequence[str] = (), *, twice: bool = False
) -> Iterator[Judged | LeftOut]:
    """Judge each of these subjects in turn.

    out      the folder below which each run gets one, runs/NAME and with `twice` runs/NAME.again
    options  further arguments of `run`
    twice    play each a second time and compare the verdicts
    """
    for name in wanted:
        folder = out / "runs" / name
        started = time.monotonic()
        reason = _play(name, folder, options)
        if reason:
            yield LeftOut(name, reason)
            continue
        seconds = time.monotonic() - started
        again = None
        if twice:
            reason = _play(name, folder.with_name(f"{name}.again"), options)
            if reason:
                yield LeftOut(name, f"its second run failed: {reason}")
                continue
            again = _read(folder.with_name(f"{name}.again"))
        known = expect.for_subject(name)
        found = _read(folder)
        told = standing.read(found, known, title=spec(name).title, seconds=seconds, again=again)
        yield Judged(folder / "results.json", told)


def _play(name: str, out: Path, options: Sequence[str]) -> str:
    """One run; gives why it has no results, or an empty text."""
    results = out / "results.json"
    results.unlink(missing_ok=True)
    argv = [sys.executable, "-P", "-m", "conformance", "run", "--subject", name, "--out", str(out)]
    try:
        done = subprocess.run(
            [*argv, *options],
            cwd=paths.PACKAGE.parent,
            env=os.environ | {"PYTHONPATH": str(paths.PACKAGE.parent)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=MOST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"its run did not end in {MOST_SECONDS} s"
    if results.is_file():
        return ""
    said = (done.stderr.strip() or done.stdout.strip()).splitlines()
    return said[-1].removeprefix("mailspec: ") if said else f"run ended with {done.returncode}"


def _read(out: Path) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads((out / "results.json").read_text("utf-8"))
    return found
