"""A run on several workers (pytest-xdist), here or on other machines.

The controller tells each worker the seed and a mark that lies in the folder of the reports. A
worker that finds the mark writes its event logs there; to any other the folder is out of
reach, so it sends each log along with its result.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from conformance.out_folder import RUN_MARK, write
from conformance.run.ending import LOST, Ending
from conformance.verdict import LOGS, CaseRun, Verdict
from fake_servers.files import scratch

_KEY = "mailspec"


def brief(workerinput: dict[str, Any], seed: int, out_dir: Path | None) -> None:
    """Tell one worker what all must share."""
    mark = "" if out_dir is None else _mark(out_dir)
    workerinput[_KEY] = {"seed": seed, "mark": mark}


def _mark(out_dir: Path) -> str:
    """The mark of this run, made for its first worker."""
    path = out_dir / LOGS / RUN_MARK
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, secrets.token_hex())
    return path.read_text("ascii")


def finish(out_dir: Path) -> None:
    """The run is over: take its mark away."""
    (out_dir / LOGS / RUN_MARK).unlink(missing_ok=True)


def seed_of(workerinput: Mapping[str, Any], seed: int | None) -> int | None:
    """The seed of the whole run where a controller told one, or `seed`."""
    given = workerinput.get(_KEY)
    return int(given["seed"]) if given else seed


def reaches(workerinput: Mapping[str, Any], out_dir: Path) -> bool:
    """Whether a worker has the controller's folder of reports before it."""
    mark: str = workerinput.get(_KEY, {}).get("mark", "")
    try:
        return (out_dir / LOGS / RUN_MARK).read_text("ascii") == mark
    except (OSError, ValueError):
        return False


def send_ending(workeroutput: dict[str, Any], ending: Ending) -> None:
    """Have the controller know how the subject of this worker ended."""
    workeroutput[_KEY] = ending.to_dict()


def ending_of(node: Any) -> Ending:
    """How the subject of a worker ended that is down now; nothing where it was killed."""
    given = getattr(node, "workeroutput", {}).get(_KEY)
    return Ending() if given is None else Ending.from_dict(given)


def lost(nodeid: str) -> CaseRun:
    """The result of a case whose worker died over it."""
    name = nodeid.rpartition("::")[2]
    case_id, _, variant = name.removesuffix("]").partition("[")
    return CaseRun(case_id, variant or "whole", Verdict.ERROR, reason=LOST)


class Parcels:
    """The logs of a worker that has to send them: written into a folder of its own, and read."""

    def __init__(self, stack: ExitStack) -> None:
        self.folder = stack.enter_context(scratch.folder("logs"))

    def take(self, run: CaseRun) -> str | None:
        """The log of one run, which is then gone from here."""
        if run.log is None:
            return None
        path = self.folder / run.log
        text = path.read_text("utf-8")
        path.unlink()
        return text


def unpack(run: CaseRun, log: str | None, out_dir: Path | None) -> None:
    """Keep a log that came with a result, under the name that the result has for it."""
    if log is not None and run.log is not None and out_dir is not None:
        path = out_dir / LOGS / Path(run.log).name
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, log)
