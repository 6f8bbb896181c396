"""traces/README.md says what the parser does."""

from __future__ import annotations

import re
from pathlib import Path

from fake_servers.trace.functions import SIGNATURES
from fake_servers.trace.header import KEYS
from fake_servers.trace.parser import parse_text
from fake_servers.trace.timeline import FAULTS, GROUPS, PLAIN_DIRECTIVES, SILENT

README = Path(__file__).parents[2] / "traces" / "README.md"
TEXT = README.read_text(encoding="utf-8")


def test_its_examples_are_traces() -> None:
    """One linear trace and one goal case, both without a fault."""
    linear, goal = (parse_text(text, README) for text in re.findall(r"```\n(.*?)```", TEXT, re.S))
    assert len(linear.items) == 11 and linear.goal is None
    assert goal.goal is not None and len(goal.goal.overrides) == 1


def test_it_names_all_that_there_is() -> None:
    """Every header key, directive, group and function."""
    names = [f"`{key}`" for key in KEYS]
    names += [f"`= {name}" for name in (*PLAIN_DIRECTIVES, "cut N", "pause MS", "starttls")]
    names += [f"`{kind} {{`" for kind in GROUPS]
    names += [signature.usage for signature in SIGNATURES.values()]
    names += [*FAULTS, SILENT]
    assert [name for name in names if name not in TEXT] == []
