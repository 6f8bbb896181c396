"""Checks that a subject gets the same verdicts in every run, in random order and on two processes.

Run it as `PYTHONPATH=. /usr/bin/python3 -P coverage/stability.py python-stdlib curl [--runs 20]`.
Prints a line for each run and each case whose verdict differs from the first run; exits with 1 if
one does.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from conformance import catalogue

ROOT = Path(__file__).resolve().parents[1]
TRACES = ROOT / "traces"
LONGEST_S = 1800

Verdicts = dict[tuple[str, str], str]


def play(subject: str, number: int, out_dir: Path) -> Verdicts:
    """The verdict of each case and variant in one run, in an order of its own.

    Raises RuntimeError if the run left no results.
    """
    cases = [f"{trace.path}::{trace.id}" for trace in catalogue.everything()]
    random.Random(number).shuffle(cases)
    command = [sys.executable, "-P", "-m", "pytest", "-q", "-c", os.devnull, "--noconftest"]
    command += ["--rootdir", str(TRACES), "-p", "conformance.plugin", "-p", "xdist.plugin"]
    command += ["-p", "no:cacheprovider", "-n", "2", "--subject", subject, "--seed", str(number)]
    command += ["--out", str(out_dir), *cases]
    env = os.environ | {"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(
        command, cwd=ROOT, env=env, capture_output=True, check=False, timeout=LONGEST_S
    )
    results = out_dir / "results.json"
    if not results.is_file():
        raise RuntimeError(done.stdout.decode(errors="replace")[-2000:])
    found = json.loads(results.read_text("utf-8"))["cases"]
    return {(case["id"], case["variant"]): case["verdict"] for case in found}


def differences(first: Verdicts, later: Verdicts) -> list[str]:
    """One line for each case that differs from the first run."""
    return [
        f"  {case} [{variant}]: {first.get((case, variant))}, then {later.get((case, variant))}"
        for case, variant in sorted(first.keys() | later.keys())
        if first.get((case, variant)) != later.get((case, variant))
    ]


def examine(subject: str, runs: int) -> int:
    """Returns how many runs differ from the first."""
    first: Verdicts | None = None
    differing = 0
    for number in range(1, runs + 1):
        with tempfile.TemporaryDirectory(prefix="mailspec-stability-") as folder:
            verdicts = play(subject, number, Path(folder))
        first = verdicts if first is None else first
        found = differences(first, verdicts)
        differing += bool(found)
        text = f"{len(found)} differ" if found else "the same verdicts"
        print(f"{subject}, run {number} of {runs}: {len(verdicts)} results, {text}", flush=True)
        print("\n".join(found) + "\n" if found else "", end="", flush=True)
    return differing


def main() -> int:
    """0 if every run of every subject gave the same verdicts, else 1."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("subjects", nargs="+", metavar="SUBJECT")
    parser.add_argument("--runs", type=int, default=20)
    args = parser.parse_args()
    return 1 if sum(examine(subject, args.runs) for subject in args.subjects) else 0


if __name__ == "__main__":
    sys.exit(main())
