"""`mailspec strength`: seeded bugs that the suite must find, mutants that its vectors must kill.

Exit status: 0 if all bugs are found and the vectors kill as many mutants as the floor in
coverage/strength.toml; 1 otherwise; 2 for wrong usage, or a bug that does not fit the sources; 3 if
nothing can be measured.
"""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from conformance import near, paths
from conformance.requirements import load as load_register
from conformance.run import exit_status
from strength import bug, bug_lines, killing, mutate
from strength.build_tree import ROOT, Trouble
from strength.killing import Fate, Killing
from strength.seeded import Grain, Seeder
from strength.worker_pool import WorkerPool

FLOOR = ROOT / "coverage" / "strength.toml"


def strength(args: argparse.Namespace) -> int:
    """Runs the command; returns its exit status."""
    if args.names and args.mutants:
        return _refuse("mutants have no names", exit_status.USAGE)
    both = not args.bugs and not args.mutants
    try:
        pool = WorkerPool(args.out.resolve(), args.jobs)
        report: dict[str, Any] = {}
        good = True
        if args.bugs or both:
            good = _seed(args, pool, report)
        if args.mutants or (both and not args.names):
            good = _mutate(args, pool, report) and good
        _write(args.out, report)
    except bug.BugError as error:
        return _refuse(str(error), exit_status.USAGE)
    except Trouble as error:
        return _refuse(str(error), exit_status.CANNOT_RUN)
    return exit_status.OK if good else exit_status.UNEXPECTED


def _seed(args: argparse.Namespace, pool: WorkerPool, report: dict[str, Any]) -> bool:
    """Returns whether every bug was found; adds the results to `report`."""
    known = bug.load(load_register())
    for name in args.names:
        if not any(fnmatchcase(each.name, name) for each in known):
            meant = near.hint(name, [each.name for each in known])
            raise bug.BugError(f"there is no bug {name}{meant}")
    wanted = [
        each
        for each in known
        if not args.names or any(fnmatchcase(each.name, name) for name in args.names)
    ]
    for each in wanted:
        each.texts()
    _begin(pool)
    grains = [Grain(args.grain)] if args.grain else list(Grain)
    detections = []
    with Seeder(grains) as seeder:
        pool.open(seeder.prepare)
        if Grain.GOALS in grains:
            seeder.check_sound(pool.trees[0])
        for detection in pool.each(wanted, seeder.play):
            detections.append(detection)
            print(bug_lines.sentence(detection), flush=True)
    detections.sort(key=lambda detection: detection.bug.name)
    report["bugs"] = [detection.to_dict() for detection in detections]
    print(bug_lines.summary(detections))
    return all(each.is_right(grain) for each in detections for grain in grains)


def _mutate(args: argparse.Namespace, pool: WorkerPool, report: dict[str, Any]) -> bool:
    """Returns whether the vectors kill enough mutants; adds the mutants to `report`."""
    sources = killing.read_sources()
    found = killing.all_mutants(sources)
    chosen = mutate.sample(found, args.limit or len(found), args.seed, sources)
    judge = killing.Judge(args.out.resolve() / "vectors.json", sources)
    judge.export()
    _begin(pool)
    pool.open(judge.prepare)
    killings = []
    for one in pool.each(chosen, judge.kill):
        killings.append(one)
        if one.fate is Fate.SURVIVED:
            print(f"survived  {one.mutant.place}: {one.mutant.what}", flush=True)
    return _tell(args, killings, len(found), report)


def _tell(
    args: argparse.Namespace, killings: list[Killing], known: int, report: dict[str, Any]
) -> bool:
    """Prints the results and adds them to `report`; there are `known` mutants in all."""
    killings.sort(key=lambda each: (each.mutant.file, each.mutant.start, each.mutant.what))
    counts = {fate: sum(each.fate is fate for each in killings) for fate in Fate}
    judged = counts[Fate.KILLED] + counts[Fate.SURVIVED]
    percent = counts[Fate.KILLED] * 1000 // judged / 10 if judged else 0.0
    floor = float(tomllib.loads(FLOOR.read_text("utf-8"))["killed_percent"])
    report["mutants"] = {
        "seed": args.seed,
        "of": known,
        "counts": {fate.value: count for fate, count in counts.items()},
        "killed_percent": percent,
        "all": [each.to_dict() for each in killings],
    }
    print(
        f"strength: {counts[Fate.KILLED]} of {judged} mutants killed, {percent}%"
        f" (floor {floor}%); {counts[Fate.SAME]} more make the same program,"
        f" {counts[Fate.NO_BUILD]} none; {len(killings)} of {known} tried, seed {args.seed}"
    )
    return percent >= floor


def _write(out: Path, report: dict[str, Any]) -> None:
    file = out / "strength.json"
    text = json.dumps({"schema": 2, **report}, indent=1, ensure_ascii=False)
    file.write_text(text + "\n", "utf-8")
    print(f"strength: see {paths.shown(file)}")


def _begin(pool: WorkerPool) -> None:
    """Explains the silence that follows."""
    count = len(pool.trees)
    print(f"strength: building mailc in {count} copies", file=sys.stderr, flush=True)


def _refuse(sentence: str, status: int) -> int:
    print(f"mailspec strength: {sentence}", file=sys.stderr)
    return status
