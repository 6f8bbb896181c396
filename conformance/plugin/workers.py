"""A run on several workers (pytest-xdist), here or on other machines.

The controller tells each worker the seed and the name of a mark: a file in the folder of the
reports. A worker that finds the mark writes its event logs there. Any other worker cannot reach
the folder, so it sends each log together with its result.
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
    """Tell one worker what all workers must share."""
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
    """Remove the mark: the run is over."""
    (out_dir / LOGS / RUN_MARK).unlink(missing_ok=True)


def seed_of(workerinput: Mapping[str, Any], seed: int | None) -> int | None:
    """The controller's seed for the whole run; without a controller, `seed`."""
    given = workerinput.get(_KEY)
    return int(given["seed"]) if given else seed


def reaches(workerinput: Mapping[str, Any], out_dir: Path) -> bool:
    """Whether a worker can reach the controller's folder of reports."""
    mark: str = workerinput.get(_KEY, {}).get("mark", "")
    try:
        return (out_dir / LOGS / RUN_MARK).read_text("ascii") == mark
    except (OSError, ValueError):
        return False


def send_ending(workeroutput: dict[str, Any], ending: Ending) -> None:
    """Tell the controller how the subject of this worker ended."""
    workeroutput[_KEY] = ending.to_dict()


def ending_of(node: Any) -> Ending:
    """How the subject of a worker that is down ended; nothing if the worker was killed."""
    given = getattr(node, "workeroutput", {}).get(_KEY)
    return Ending() if given is None else Ending.from_dict(given)


def lost(nodeid: str) -> CaseRun:
    """The result of a case during which its worker died."""
    name = nodeid.rpartition("::")[2]
    case_id, _, variant = name.removesuffix("]").partition("[")
    return CaseRun(case_id, variant or "whole", Verdict.ERROR, reason=LOST)


class Parcels:
    """The logs of a worker that must send them: it writes them to its own folder and reads them."""

    def __init__(self, stack: ExitStack) -> None:
        self.folder = stack.enter_context(scratch.folder("logs"))

    def take(self, run: CaseRun) -> str | None:
        """The log of one run; the file is then removed."""
        if run.log is None:
            return None
        path = self.folder / run.log
        text = path.read_text("utf-8")
        path.unlink()
        return text


def unpack(run: CaseRun, log: str | None, out_dir: Path | None) -> None:
    """Write a log that came with a result, under the name that is in the result."""
    if log is not None and run.log is not None and out_dir is not None:
        path = out_dir / LOGS / Path(run.log).name
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, log)
