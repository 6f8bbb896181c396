"""Seeded bugs: one TOML file each, as texts to find and to replace in mailc's sources.

    title = "The digest of APOP is sent in upper case"
    breaks = "RFC1939-7-APOP-02"
    kind = "login"

    [[edit]]
    file = "client/src/pop3/pop3_login.c"
    find = '"0123456789abcdef"'
    replace = '"0123456789ABCDEF"'

`breaks` is the requirement that a client with this bug does not meet, and that the suite has to
find broken. Where a client's other duties show the bug instead, `shown_by` lists them. `kind` is
what the mistake is about, one of KINDS. `goals` says why no whole session can show the bug, neither
on the wire nor by its outcome; a bug without it must be found in goals, too. `is_mild = true` says
that NON-STRICT finds it, where the requirement is a MUST but does not bind the client in what the
bug does. A text to find occurs in its file exactly once; blanks and line endings in it are any blanks and line endings.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.requirements import Register, Requirement
from conformance.verdict import Verdict
from strength.build_tree import ROOT

BUGS = Path(__file__).parent / "bugs"

KINDS = {
    "reply": "reads a reply or a listing wrongly",
    "argument": "sends what the caller hands over, or a message, in a wrong form",
    "login": "logs in wrongly",
    "order": "sends a command at the wrong time, or leaves one out",
    "extension": "uses what the server does not offer, or not as it is offered",
    "tls": "uses TLS wrongly",
}
"""What a bug is about."""

_KEYS = {"title", "breaks", "shown_by", "kind", "goals", "is_mild", "edit"}
_EDIT_KEYS = {"file", "find", "replace"}


class BugError(Exception):
    """The file of a bug is wrong or does not fit the sources; the message names file and fault."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One replacement in one file; its path is relative to the root."""

    file: str
    find: str
    replace: str

    @property
    def pattern(self) -> re.Pattern[str]:
        """Finds the text however it is broken into lines."""
        return re.compile(r"\s+".join(map(re.escape, self.find.split())))


@dataclass(frozen=True, slots=True)
class Bug:
    """One bug.

    name       that of its file
    title      one sentence: what the client does
    breaks     the requirement that it breaks
    kind       one of KINDS
    shown_by   other requirements of which one may be found broken instead
    goals      why no goal can show it; empty if goals must find it
    is_mild    whether NON-STRICT finds it, too
    edits      what is changed, in this order
    """

    name: str
    title: str
    breaks: Requirement
    kind: str
    shown_by: tuple[str, ...]
    goals: str
    is_mild: bool
    edits: tuple[Edit, ...]

    @property
    def expected_broken(self) -> tuple[str, ...]:
        """The requirements of which one must be found broken."""
        return (self.breaks.id, *self.shown_by)

    def texts(self) -> dict[str, str]:
        """The changed files with their new texts. Raises BugError if an edit does not fit."""
        texts: dict[str, str] = {}
        for edit in self.edits:
            text = texts.get(edit.file)
            if text is None:
                text = _read(self.name, edit.file)
            found = [*edit.pattern.finditer(text)]
            if len(found) != 1:
                raise BugError(
                    f"the bug {self.name} does not fit: {edit.find!r} occurs {len(found)} times in"
                    f" {edit.file}, not once"
                )
            texts[edit.file] = text[: found[0].start()] + edit.replace + text[found[0].end() :]
        return texts


def load(register: Register, folder: Path = BUGS) -> list[Bug]:
    """Every bug of a folder, by name. Raises BugError."""
    return [read(path, register) for path in sorted(folder.glob("*.toml"))]


def read(path: Path, register: Register) -> Bug:
    """One bug. Raises BugError."""
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise BugError(f"{path.name}: {error}") from error
    _refuse_unknown(path.name, data, _KEYS)
    if not data.get("title") or not data.get("edit"):
        raise BugError(f"{path.name}: a bug needs a title and an edit")
    shown_by = tuple(data.get("shown_by", ()))
    if data.get("kind") not in KINDS:
        raise BugError(f"{path.name}: the kind of a bug is one of {', '.join(KINDS)}")
    if "goals" in data and not str(data["goals"]).strip():
        raise BugError(f"{path.name}: goals must say why no goal can show the bug")
    for name in (data.get("breaks"), *shown_by):
        if not register.known(str(name)):
            raise BugError(f"{path.name}: there is no requirement {name}")
    return Bug(
        name=path.stem,
        title=str(data["title"]),
        breaks=register[data["breaks"]],
        kind=str(data["kind"]),
        shown_by=shown_by,
        goals=str(data.get("goals", "")),
        is_mild=data.get("is_mild", False) or register[data["breaks"]].breach is Verdict.NON_STRICT,
        edits=tuple(_edit(path.name, row) for row in data["edit"]),
    )


def _edit(name: str, row: dict[str, Any]) -> Edit:
    _refuse_unknown(name, row, _EDIT_KEYS)
    missing = sorted(_EDIT_KEYS - row.keys())
    if missing:
        raise BugError(f"{name}: an edit has no {missing[0]}")
    if row["find"] == row["replace"]:
        raise BugError(f"{name}: an edit changes nothing")
    return Edit(str(row["file"]), str(row["find"]), str(row["replace"]))


def _refuse_unknown(name: str, row: dict[str, Any], known: set[str]) -> None:
    unknown = sorted(row.keys() - known)
    if unknown:
        raise BugError(f"{name}: unknown key {unknown[0]}")


def _read(name: str, file: str) -> str:
    try:
        return (ROOT / file).read_text("utf-8")
    except OSError as error:
        raise BugError(f"the bug {name} does not fit: {file}: {error.strerror}") from error
