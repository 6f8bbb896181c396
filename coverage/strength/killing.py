"""Builds mutants of mailc's sources, one at a time, and tests each with the suite's vectors."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from strength.build_tree import ROOT, BuildTree, Trouble, Unbuildable
from strength.mutate import Mutant, mutants

SOURCES = "client/src"
TARGET = "mailc-replay"
CPU_SECONDS = 20
"""A replay of the unchanged sources takes a few seconds; what takes longer never ends."""
LIMITED = ("sh", "-c", f'ulimit -t {CPU_SECONDS} && exec "$0" "$@"')


class Fate(StrEnum):
    """The fate of a mutant.

    KILLED    the vectors found a fault, or the program crashed or did not end
    SURVIVED  the vectors see no difference
    SAME      the compiler makes the same program of it
    NO_BUILD  the compiler refuses it
    """

    KILLED = "killed"
    SURVIVED = "survived"
    SAME = "same"
    NO_BUILD = "no-build"


@dataclass(frozen=True, slots=True)
class Killing:
    """One mutant with its fate and a sentence that says what showed it."""

    mutant: Mutant
    fate: Fate
    by: str = ""

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON types."""
        mutant = self.mutant
        return {
            "file": mutant.file,
            "line": mutant.line,
            "what": mutant.what,
            "fate": self.fate.value,
            "by": self.by,
        }


def read_sources() -> dict[str, str]:
    """The texts that are mutated, by their path from the root."""
    found = sorted((*(ROOT / SOURCES).rglob("*.c"), *(ROOT / SOURCES).rglob("*.def")))
    return {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in found}


def all_mutants(sources: dict[str, str]) -> list[Mutant]:
    """Every mutant of every source."""
    return [mutant for file, source in sources.items() for mutant in mutants(file, source)]


class Judge:
    """Kills mutants with the vectors of one file."""

    def __init__(self, vectors: Path, sources: dict[str, str]) -> None:
        self._vectors = vectors
        self._sources = sources
        self._sound: dict[Path, str] = {}

    def export(self) -> None:
        """Writes the vectors. Raises Trouble."""
        self._vectors.parent.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-P", "-m", "conformance", "export", "--out", str(self._vectors)]
        env = os.environ | {"PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, env=env, capture_output=True, text=True)
        if done.returncode:
            raise Trouble(f"the vectors cannot be exported: {done.stderr.strip()}")

    def prepare(self, tree: BuildTree) -> None:
        """Builds the unchanged program, which must pass every vector. Raises Trouble."""
        tree.change({})
        try:
            tree.build(TARGET)
        except Unbuildable as error:
            raise Trouble(f"the replay cannot be built:\n{error}") from error
        self._sound[tree.folder] = _digest(tree.program(TARGET))
        fault = self._play(tree)
        if fault:
            raise Trouble(f"the unchanged mailc does not pass the vectors: {fault}")

    def kill(self, mutant: Mutant, tree: BuildTree) -> Killing:
        """Builds one mutant and tests it with the vectors."""
        tree.change({mutant.file: mutant.applied(self._sources[mutant.file])})
        try:
            tree.build(TARGET)
        except Unbuildable:
            return Killing(mutant, Fate.NO_BUILD)
        if _digest(tree.program(TARGET)) == self._sound[tree.folder]:
            return Killing(mutant, Fate.SAME)
        fault = self._play(tree)
        return Killing(mutant, Fate.KILLED if fault else Fate.SURVIVED, fault)

    def _play(self, tree: BuildTree) -> str:
        """What the replay found; empty if nothing."""
        program = str(tree.program(TARGET))
        command = [*LIMITED, program, "--first-fault", str(self._vectors)]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True)
        if -done.returncode in (signal.SIGXCPU, signal.SIGKILL):
            return f"it does not finish within {CPU_SECONDS} s"
        if done.returncode < 0:
            return f"it dies by {signal.Signals(-done.returncode).name}"
        if done.returncode == 0:
            return ""
        # Not even the vectors could be read where the status is another than that of a fault:
        # the replay decodes them by the sources that are judged.
        output = done.stderr.decode("utf-8", "replace").strip()
        return output.splitlines()[0] if output else f"exit status {done.returncode}"


def _digest(program: Path) -> str:
    return hashlib.sha256(program.read_bytes()).hexdigest()
