"""What a completion script completes: the commands with their options and operands."""

from __future__ import annotations

from dataclasses import dataclass

FILES, FOLDERS = "files", "folders"
"""Words that stand for the names of files or of folders."""


@dataclass(frozen=True, slots=True)
class Option:
    """One option: its names, its help, and what its value can be (None if it takes none)."""

    names: tuple[str, ...]
    help: str
    value: tuple[str, ...] | None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Described:
    """One command with its options, and what its operands can be."""

    name: str
    help: str
    options: tuple[Option, ...]
    operands: tuple[str, ...]
    choices: tuple[str, ...]
