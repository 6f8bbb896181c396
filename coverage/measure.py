"""Measures how much of mailc the conformance run covers, and compares it with the floors.

Run it as `./mailspec coverage`; README.md in this folder describes the output.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from conformance import requirements
from conformance.run.subject_run import USUAL_VARIANTS
from conformance.verdict import UNDECIDED, Verdict

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build" / "coverage"
REPORTS = BUILD / "reports"
SUBJECT = ROOT / "coverage" / "mailc.toml"
FLOORS = ROOT / "coverage" / "floors.json"
MEASURED = ("client/src", "client/transport")


class Trouble(Exception):
    """A step failed; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class Figures:
    """The four figures: percentages of lines and branches, counts of rows and requirements."""

    lines: float
    branches: float
    rows: int
    requirements: int

    def below(self, floors: Figures) -> list[str]:
        """The names of the figures that are below their floor."""
        return [f.name for f in fields(self) if getattr(self, f.name) < getattr(floors, f.name)]


def main() -> int:
    """Returns 0 if all is well, 1 below a floor or after an unexpected run, 3 without a tool."""
    parser = argparse.ArgumentParser(prog="mailspec coverage", description=__doc__)
    parser.add_argument(
        "--floors", action="store_true", help="only check that no floor of floors.json was lowered"
    )
    try:
        if parser.parse_args().floors:
            return check_floors()
        return measure()
    except Trouble as trouble:
        print(f"mailspec coverage: {trouble}", file=sys.stderr)
        return 3


def measure() -> int:
    """Builds, runs, writes the reports and the summary line."""
    run_status = run_suite()
    results = json.loads((REPORTS / "results.json").read_text("utf-8"))
    tracefile = capture()
    lines, branches = render_html(tracefile)
    replayed = run_replay()
    rows, all_rows = write_moves(results)
    judged, all_requirements = write_requirements(results)
    figures = Figures(lines, branches, rows, judged)
    (BUILD / "summary.json").write_text(json.dumps(asdict(figures)) + "\n", "utf-8")
    floors = Figures(**json.loads(FLOORS.read_text("utf-8")))
    fallen = figures.below(floors)
    for name in fallen:
        text = f"{getattr(figures, name)}, its floor is {getattr(floors, name)}"
        print(f"coverage: {name} fell to {text}")
    if run_status:
        print(f"coverage: the run on mailc ended with exit status {run_status}")
    print(f"coverage: see {shown(BUILD / 'html' / 'index.html')} and {shown(BUILD / 'moves.md')}")
    print(f"coverage: with the replay, of client/src: {replayed}")
    print(
        f"coverage: lines {lines:.1f}%, branches {branches:.1f}%, rows {rows}/{all_rows},"
        f" requirements {judged}/{all_requirements}"
    )
    return 1 if fallen or run_status else 0


def shown(path: Path) -> str:
    """The path relative to the root of the repository."""
    return str(path.relative_to(ROOT))


def run_suite() -> int:
    """Runs the suite on the build with counters, which start at 0; returns its exit status."""
    for counters in BUILD.rglob("*.gcda"):
        counters.unlink()
    shutil.rmtree(REPORTS, ignore_errors=True)
    command = [sys.executable, "-P", "-m", "conformance", "run"]
    command += ["--subject", str(SUBJECT), "--out", str(REPORTS)]
    for variant in (*USUAL_VARIANTS, "tls"):
        command += ["--variant", variant]
    status = subprocess.run(command, cwd=ROOT, check=False).returncode
    if status not in (0, 1):
        raise Trouble(f"the run on mailc ended with exit status {status}")
    return status


def run_replay() -> str:
    """What the run and the replay together cover of client/src. Prints the line of the replay."""
    vectors = BUILD / "vectors.json"
    tool("cmake", "-S", str(ROOT), "-B", str(BUILD), "-DMAILC_TESTS=ON")
    tool("cmake", "--build", str(BUILD), "--parallel", "2", "--target", "mailc-replay")
    tool(sys.executable, "-P", "-m", "conformance", "export", "--out", str(vectors))
    program = BUILD / "client" / "test" / "replay" / "mailc-replay"
    print(f"coverage: {tool(str(program), str(vectors)).strip()}")
    both, wanted = BUILD / "both.info", BUILD / "src.info"
    option = branch_option()
    tool("lcov", "-q", *option, "--capture", "--directory", str(BUILD), "-o", str(both))
    pattern = f"{ROOT / 'client' / 'src'}/*"
    tool("lcov", "-q", *option, "--extract", str(both), pattern, "-o", str(wanted))
    lines, branches = percentages(wanted)
    return f"lines {lines:.1f}%, branches {branches:.1f}%"


def lcov_version() -> int:
    """The major version of lcov: 1 and 2 have different names for the option for branches."""
    text = tool("lcov", "--version")
    found = re.search(r"version (\d+)", text)
    if found is None:
        raise Trouble(f"lcov does not report its version: {text.strip()}")
    return int(found.group(1))


def branch_option() -> list[str]:
    """The option that makes lcov and genhtml count branches."""
    return ["--rc", "branch_coverage=1" if lcov_version() >= 2 else "lcov_branch_coverage=1"]


def capture() -> Path:
    """lcov's data of the measured folders."""
    whole, wanted = BUILD / "all.info", BUILD / "mailc.info"
    option = branch_option()
    tool("lcov", "-q", *option, "--capture", "--directory", str(BUILD), "-o", str(whole))
    patterns = [f"{ROOT / folder}/*" for folder in MEASURED]
    tool("lcov", "-q", *option, "--extract", str(whole), *patterns, "-o", str(wanted))
    return wanted


def render_html(tracefile: Path) -> tuple[float, float]:
    """Writes lcov's pages; the percentages of lines and branches taken."""
    out = BUILD / "html"
    shutil.rmtree(out, ignore_errors=True)
    option = branch_option()
    arguments = ["-q", *option, "--branch-coverage", "--prefix", str(ROOT), "--title", "mailc"]
    tool("genhtml", *arguments, "-o", str(out), str(tracefile))
    return percentages(tracefile)


def percentages(tracefile: Path) -> tuple[float, float]:
    """The percentages of lines and branches taken."""
    totals = {"LF": 0, "LH": 0, "BRF": 0, "BRH": 0}
    for line in tracefile.read_text("utf-8").splitlines():
        key, _, value = line.partition(":")
        if key in totals:
            totals[key] += int(value)
    return percent(totals["LH"], totals["LF"]), percent(totals["BRH"], totals["BRF"])


def percent(part: int, whole: int) -> float:
    """The percentage, rounded down to one decimal; 0 if there is nothing."""
    return part * 1000 // whole / 10 if whole else 0.0


def tool(*command: str) -> str:
    """What a tool prints; raises Trouble if it is missing or fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise Trouble(f"there is no {command[0]}: ./mailspec setup ci installs it") from error
    if done.returncode:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:]
        raise Trouble(f"{command[0]} failed: {' '.join(last)}")
    return done.stdout


def write_moves(results: Mapping[str, Any]) -> tuple[int, int]:
    """Writes moves.md; returns how many rows of both tables were taken, and how many there are."""
    lines = ["# Rows of the compiled state machines", ""]
    taken = total = 0
    for protocol, machine in sorted(results["transitions"].items()):
        rows = machine["rows"]
        taken += len(machine["hit"])
        total += len(rows)
        lines += [f"## {protocol}: {len(machine['hit'])} of {len(rows)} taken", ""]
        lines += ["| state | event | next | source | cases |", "|---|---|---|---|---:|"]
        for row in sorted(rows, key=lambda row: bool(row["cases"])):
            cells = [row["state"].replace("*", r"\*"), row["event"], row["next"], row["rfc"]]
            count = str(len(row["cases"])) if row["cases"] else "**not taken**"
            lines.append("| " + " | ".join([*cells, count]) + " |")
        lines.append("")
    (BUILD / "moves.md").write_text("\n".join(lines), "utf-8")
    return taken, total


def write_requirements(results: Mapping[str, Any]) -> tuple[int, int]:
    """Writes requirements.md; returns how many of the client's were judged, and the total."""
    judged = {
        row["id"]: row
        for row in results["requirements"]
        if Verdict(row["verdict"]) not in UNDECIDED
    }
    wanted = [entry for entry in requirements.load() if entry.party == "client"]
    lines = ["# The client's requirements", "", "| requirement | verdict | text |", "|---|---|---|"]
    for entry in wanted:
        verdict = judged[entry.id]["verdict"] if entry.id in judged else "**not judged**"
        lines.append(f"| {entry.id} | {verdict} | {entry.text.replace('|', chr(92) + '|')} |")
    (BUILD / "requirements.md").write_text("\n".join(lines) + "\n", "utf-8")
    return sum(entry.id in judged for entry in wanted), len(wanted)


def check_floors() -> int:
    """Returns 1 if a floor is lower than in an earlier commit. Needs git."""
    now = Figures(**json.loads(FLOORS.read_text("utf-8")))
    name = shown(FLOORS)
    git = ("git", "-C", str(ROOT), "-c", f"safe.directory={ROOT}")
    commits = tool(*git, "log", "--format=%H", "--", name).split()
    for commit in commits:
        text = tool(*git, "show", f"{commit}:{name}")
        before = Figures(**json.loads(text))
        fallen = now.below(before)
        if fallen:
            print(f"coverage: floors lowered since {commit[:10]}: {' '.join(fallen)}")
            return 1
    print(f"coverage: no floor lowered in {len(commits)} versions")
    return 0


if __name__ == "__main__":
    sys.exit(main())
