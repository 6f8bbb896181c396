"""traces/README.md says what the parser does."""

from __future__ import annotations

import re
from pathlib import Path

from fake_servers.trace.cases import cases
from fake_servers.trace.functions import SIGNATURES
from fake_servers.trace.header import KEYS
from fake_servers.trace.parser import parse_case
from fake_servers.trace.prelude import preludes
from fake_servers.trace.timeline import FAULTS, GROUPS, PLAIN_DIRECTIVES, SILENT

README = Path(__file__).parents[3] / "traces" / "README.md"
TEXT = README.read_text(encoding="utf-8")


def test_its_examples_are_traces() -> None:
    """A linear trace, a prelude, a table, an axis and a goal case, none with a fault."""
    examples = re.findall(r"```\n(.*?)```", TEXT, re.S)
    made = [[parse_case(README, case) for case in cases(README, text)] for text in examples]
    assert [len(each) for each in made] == [1, 1, 2, 4, 1]
    assert len(made[0][0].items) == 11
    goal = made[4][0].goal
    assert goal is not None and len(goal.overrides) == 1


def test_it_names_every_prelude() -> None:
    named = {name.partition(".")[2] for name in preludes()} - {"password"}
    assert [name for name in named if f"`{name}`" not in TEXT] == []


def test_it_names_all_that_there_is() -> None:
    """Every header key, directive, group and function."""
    names = [f"`{key}`" for key in KEYS]
    names += [
        f"`= {name}"
        for name in (
            *PLAIN_DIRECTIVES,
            "cut N",
            "pause MS",
            "leave-after MS",
            "deliver VARIANT",
            "starttls",
        )
    ]
    names += [f"`{kind} {{`" for kind in GROUPS]
    names += [signature.usage for signature in SIGNATURES.values()]
    names += [*FAULTS, SILENT]
    assert [name for name in names if name not in TEXT] == []
