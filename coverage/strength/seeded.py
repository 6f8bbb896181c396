"""Runs the suite on mailc with one bug in it, which the suite must find: by single operations, and
by whole sessions alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from enum import StrEnum
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from strength.bug import Bug
from strength.build_tree import BuildTree, Trouble, Unbuildable
from strength.search import ENOUGH, Found, Request, search

DRIVER, TABLE = "mailc-driver", "mailc-table"
SUBJECT = """\
name = "mailc"
title = "mailc with a seeded bug"
driver = ["{driver}"]
table = ["{table}"]
"""
PROTOCOLS = {"pop3": ("pop3",), "smtp": ("smtp",)}
"""By the first word of a bug's name; a bug of both has another."""
BOTH = ("pop3", "smtp")
WARNING = re.compile(r"^.*\bwarning: .*$", re.MULTILINE)


class Grain(StrEnum):
    """What a client offers: single operations, or whole sessions alone."""

    STEPS = "steps"
    GOALS = "goals"


@dataclass(frozen=True, slots=True)
class Detection:
    """What the suite found of one bug in each grain; `fault` says why mailc cannot be built."""

    bug: Bug
    grains: dict[Grain, Found]
    fault: str = ""

    def is_right(self, grain: Grain) -> bool:
        """Whether the bug was found where it can show, and nowhere else."""
        found = self.grains[grain]
        if self.fault or found.fault:
            return False
        return bool(found.cases) != self.is_hidden(grain)

    def is_hidden(self, grain: Grain) -> bool:
        """Whether the bug's file says that this grain cannot show it."""
        return grain is Grain.GOALS and bool(self.bug.goals)

    def is_thin(self, grain: Grain) -> bool:
        """Whether one case alone finds it."""
        return 0 < len(self.grains[grain].cases) < ENOUGH

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON types."""
        return {
            "name": self.bug.name,
            "title": self.bug.title,
            "kind": self.bug.kind,
            "breaks": self.bug.breaks.id,
            "rfc": self.bug.breaks.source,
            "cannot_show_in_goals": self.bug.goals,
            "fault": self.fault,
            **{
                str(grain): {
                    "cases": [{"id": case, "found_by": by} for case, by in found.cases.items()],
                    "others": found.others,
                    "fault": found.fault,
                }
                for grain, found in self.grains.items()
            },
        }


class Seeder:
    """Plays bugs; each build tree has a process that plays the cases. Close it at the end."""

    def __init__(self, grains: Sequence[Grain] = tuple(Grain)) -> None:
        self.grains = tuple(grains)
        self._stack = ExitStack()
        self._players: dict[BuildTree, ProcessPoolExecutor] = {}

    def __enter__(self) -> Seeder:
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def prepare(self, tree: BuildTree) -> None:
        """Builds the unchanged mailc and plays its goals: later failures are due to the bugs."""
        player = ProcessPoolExecutor(1, get_context("spawn"))
        self._players[tree] = self._stack.enter_context(player)
        tree.change({})
        try:
            tree.build(DRIVER, TABLE)
        except Unbuildable as error:
            raise Trouble(f"mailc cannot be built:\n{error}") from error
        programs = {"driver": tree.program(DRIVER), "table": tree.program(TABLE)}
        _subject(tree).write_text(SUBJECT.format(**programs), "utf-8")

    def check_sound(self, tree: BuildTree) -> None:
        """Plays the goals of the unchanged mailc. Raises Trouble if one fails."""
        found = self._search(tree, Request(str(_subject(tree)), (), BOTH, is_goals=True))
        failed = found.fault or " ".join(found.others)
        if failed:
            raise Trouble(f"the unchanged mailc fails in goals, so no bug can be told: {failed}")

    def play(self, bug: Bug, tree: BuildTree) -> Detection:
        """Builds mailc with the bug and looks for it in each grain. Raises BugError."""
        nothing = {grain: Found() for grain in self.grains}
        tree.change(bug.texts())
        try:
            output = tree.build(DRIVER)
        except Unbuildable as error:
            return Detection(bug, nothing, f"mailc with it cannot be built:\n{error}")
        if (warned := WARNING.search(output)) is not None:
            return Detection(bug, nothing, f"the compiler notices it: {warned.group()}")
        protocols = PROTOCOLS.get(bug.name.partition("-")[0], BOTH)
        found = {}
        for grain in self.grains:
            request = Request(
                str(_subject(tree)),
                bug.expected_broken,
                protocols,
                is_mild=bug.is_mild,
                is_goals=grain is Grain.GOALS,
            )
            found[grain] = self._search(tree, request)
        return Detection(bug, found)

    def _search(self, tree: BuildTree, request: Request) -> Found:
        return self._players[tree].submit(search, request).result()


def _subject(tree: BuildTree) -> Path:
    return tree.folder / "mailc.toml"
