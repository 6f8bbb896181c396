"""Loads the register from the JSONL files beside this module, one file an RFC.

A line is one requirement in our own words. Its `breach` is the verdict of a client that does
not meet it: FAIL for MUST, MUST NOT and what the grammar or the order of the protocol implies;
NON-STRICT for SHOULD, SHOULD NOT and implied advice; INFO for MAY, and where the RFC leaves the
choice open.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

from conformance.verdict import Verdict

FOLDER = Path(__file__).parent

_BREACHES: dict[str, frozenset[Verdict]] = {
    "MUST": frozenset({Verdict.FAIL}),
    "MUST NOT": frozenset({Verdict.FAIL}),
    "SHOULD": frozenset({Verdict.NON_STRICT}),
    "SHOULD NOT": frozenset({Verdict.NON_STRICT}),
    "MAY": frozenset({Verdict.INFO}),
    "implied": frozenset({Verdict.FAIL, Verdict.NON_STRICT, Verdict.INFO}),
}


class RegisterError(Exception):
    """The register's data is broken; the message names the file, the line and the fault."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement.

    id             stable, never renumbered
    protocol       pop3, smtp, sasl, tls, lmtp or mime
    rfc, section   the source, "RFC1939" and "7"
    level          MUST, MUST NOT, SHOULD, SHOULD NOT, MAY or implied
    breach         FAIL, NON-STRICT or INFO
    party          whom it binds: client, or server (our test servers must keep it)
    observed       where a violation shows: wire, API or wire+API
    kind           positive, negative, robustness or security
    text           the requirement in our own words
    test           how a test shows it
    note, errata, superseded_by   remarks on the source, or empty
    """

    id: str
    protocol: str
    rfc: str
    section: str
    level: str
    breach: Verdict
    party: str
    observed: str
    kind: str
    text: str
    test: str
    note: str = ""
    errata: str = ""
    superseded_by: str = ""

    @property
    def source(self) -> str:
        """The source in its usual form: "RFC 1939 section 7"."""
        rfc = f"RFC {self.rfc[3:]}" if self.rfc.startswith("RFC") else self.rfc
        return f"{rfc} section {self.section}"


class Register:
    """All requirements by id, in the order of their files."""

    def __init__(self, requirements: Iterable[Requirement]) -> None:
        """Raises RegisterError for an id that comes twice."""
        self._by_id: dict[str, Requirement] = {}
        for requirement in requirements:
            if requirement.id in self._by_id:
                raise RegisterError(f"requirement {requirement.id} is registered twice; remove one")
            self._by_id[requirement.id] = requirement

    def __getitem__(self, requirement_id: str) -> Requirement:
        return self._by_id[requirement_id]

    def __iter__(self) -> Iterator[Requirement]:
        return iter(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)

    def known(self, requirement_id: str) -> bool:
        """Whether the id is registered."""
        return requirement_id in self._by_id

    def of_client(self) -> Iterator[Requirement]:
        """The requirements that bind the client: cases must cover these."""
        return (each for each in self if each.party == "client")


_FIELDS = frozenset(f.name for f in fields(Requirement))


def _requirement(row: dict[str, Any], where: str) -> Requirement:
    unknown = sorted(set(row) - _FIELDS)
    if unknown:
        raise RegisterError(f"{where}: unknown key {unknown[0]}")
    try:
        requirement = Requirement(**{**row, "breach": Verdict(row["breach"])})
    except (KeyError, TypeError, ValueError) as error:
        raise RegisterError(f"{where}: not a requirement: {error}") from error
    if requirement.breach not in _BREACHES.get(requirement.level, frozenset()):
        raise RegisterError(
            f"{where}: {requirement.level} cannot have the breach {requirement.breach}"
        )
    return requirement


def _lines(path: Path) -> Iterator[Requirement]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        where = f"{path.name}:{number}"
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise RegisterError(f"{where}: not JSON: {error.msg}") from error
        if not isinstance(row, dict):
            raise RegisterError(f"{where}: not an object")
        yield _requirement(row, where)


def read(folder: Path) -> Register:
    """The register of the *.jsonl files in `folder`; raises RegisterError."""
    paths = sorted(folder.glob("*.jsonl"))
    return Register(requirement for path in paths for requirement in _lines(path))


@cache
def load() -> Register:
    """The register that comes with the suite, read once a process."""
    return read(FOLDER)
