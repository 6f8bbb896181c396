"""Known failures of a subject: conformance/subjects/NAME.expect.toml.

    [[case]]
    id = "pop3.list.gap"          # or a list of ids that all fail so
    verdict = "FAIL"
    match = "LIST"                # the reason of the run must contain it
    reason = "upstream issue 7: gaps in the listing are lost"
    variants = ["octets"]         # left out: in every variant
    sometimes = true              # left out: in every run

A run that fails just as its entry says is as expected. A run that passes, or fails in another
way, is not: the file must change with the subject. `sometimes` is for what the client itself leaves to
chance, such as a signal that comes if the server closes first, and for what only some of its versions
do: a run that passes is as expected too.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from conformance import paths
from conformance.verdict import FAILURES, FAMILY, UNDECIDED, CaseRun, Verdict
from fake_servers.files import inputs

SUFFIX = ".expect.toml"
MOST_OCTETS = inputs.MIB
EXPECTABLE = FAILURES | {Verdict.NON_STRICT, Verdict.INCONCLUSIVE}
"""Verdicts that an expectation can have."""

_NEEDED = ("id", "verdict", "match", "reason")
_KEYS = (*_NEEDED, "variants", "sometimes")


class ExpectError(Exception):
    """The file is missing or broken; the message is one sentence that names it."""


class Standing(StrEnum):
    """How a run compares with what was expected."""

    USUAL = "nothing was expected and nothing is wrong"
    KNOWN = "expected failure"
    FAILED = "unexpected failure"
    PASSED = "unexpected pass"
    OTHERWISE = "fails in another way than expected"

    @property
    def unexpected(self) -> bool:
        """Whether the exit status becomes 1."""
        return self not in (Standing.USUAL, Standing.KNOWN)


@dataclass(frozen=True, slots=True)
class Expected:
    """One known failure; with empty `variants` it is about every variant."""

    id: str
    verdict: Verdict
    match: str
    reason: str
    variants: frozenset[str] = frozenset()
    sometimes: bool = False

    def covers(self, run: CaseRun) -> bool:
        """Whether it is about this case and variant.

        The entry of a family also covers its single members that fail as it says.
        """
        is_of_family = run.details.get(FAMILY) == self.id and self.met_by(run)
        if run.id != self.id and not is_of_family:
            return False
        return not self.variants or run.variant in self.variants

    def met_by(self, run: CaseRun) -> bool:
        """Whether the run failed in just this way."""
        return run.verdict is self.verdict and self.match in run.reason


@dataclass(frozen=True, slots=True)
class Applied:
    """What the expectations say about one run, in one sentence, and the entry that says it."""

    standing: Standing
    sentence: str
    entry: Expected | None = None


@dataclass(frozen=True, slots=True)
class Expectations:
    """All known failures of one subject."""

    entries: tuple[Expected, ...] = ()

    def verdicts(self) -> dict[str, Verdict]:
        """The expected verdict of each case that has an entry."""
        return {entry.id: entry.verdict for entry in self.entries}

    def by_chance(self) -> set[str]:
        """The cases in which the client does not do the same in each run."""
        return {entry.id for entry in self.entries if entry.sometimes}

    def unknown(self, known_ids: Iterable[str]) -> list[str]:
        """The ids in the file that no case has."""
        return sorted({entry.id for entry in self.entries} - set(known_ids))

    def apply(self, run: CaseRun, strict: bool = False) -> Applied:
        """How `run` compares; with `strict` a NON-STRICT verdict is a failure.

        ERROR is never expected. A run without a judgement meets every expectation.
        """
        failed = run.verdict in FAILURES or run.verdict is Verdict.ERROR
        failed = failed or (strict and run.verdict is Verdict.NON_STRICT)
        entries = [entry for entry in self.entries if entry.covers(run)]
        met = next((entry for entry in entries if entry.met_by(run)), None)
        if met is not None:
            return Applied(Standing.KNOWN, met.reason, met)
        if not entries or run.verdict is Verdict.ERROR:
            standing = Standing.FAILED if failed else Standing.USUAL
            return Applied(standing, run.reason)
        if run.verdict in UNDECIDED or (entries[0].sometimes and not failed):
            return Applied(Standing.USUAL, run.reason, entries[0])
        expected = f"{entries[0].verdict} with {entries[0].match!r} was expected"
        if failed:
            sentence = f"{run.verdict}: {run.reason}; {expected}"
            return Applied(Standing.OTHERWISE, sentence, entries[0])
        return Applied(Standing.PASSED, f"{run.verdict}, though {expected}", entries[0])


def load(path: Path) -> Expectations:
    """The expectations of a file; raises ExpectError."""
    try:
        document = tomllib.loads(inputs.read(path, MOST_OCTETS).decode())
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ExpectError(f"{path}: the expectations cannot be read: {reason}") from None
    except (ValueError, RecursionError) as error:  # also for a number with too many digits
        raise ExpectError(f"{path}: not TOML: {error}") from None
    rows = document.get("case", [])
    if set(document) - {"case"} or not isinstance(rows, list):
        raise ExpectError(f"{path}: expectations are a list of [[case]] tables")
    entries = tuple(
        entry for number, row in enumerate(rows, start=1) for entry in _entries(path, number, row)
    )
    _check_doubles(path, entries)
    return Expectations(entries)


def for_subject(name: str) -> Expectations:
    """The expectations that come with the suite for a subject; none where there is no file."""
    path = paths.SUBJECTS / f"{name}{SUFFIX}"
    return load(path) if path.is_file() else Expectations()


def _entries(path: Path, number: int, row: Any) -> list[Expected]:
    """The entries of one table: one for each id."""
    where = f"{path}: case {number}"
    if not isinstance(row, dict):
        raise ExpectError(f"{where} is not a table")
    for key in sorted(set(row) - set(_KEYS)):
        raise ExpectError(f"{where}: there is no key {key!r}; the keys are {', '.join(_KEYS)}")
    ids = row.get("id")
    ids = ids if isinstance(ids, list) and ids else [ids]
    for key, value in [
        *((key, row.get(key)) for key in _NEEDED[1:]),
        *(("id", one) for one in ids),
    ]:
        if not isinstance(value, str) or not value.strip():
            raise ExpectError(f"{where}: {key} is missing or not a text")
    names = sorted(EXPECTABLE)
    if row["verdict"] not in names:
        raise ExpectError(
            f"{where}: verdict must be one of {', '.join(names)}, not {row['verdict']!r}"
        )
    variants = row.get("variants", [])
    if not isinstance(variants, list) or not all(isinstance(each, str) for each in variants):
        raise ExpectError(f"{where}: variants must be a list of names")
    if not isinstance(row.get("sometimes", False), bool):
        raise ExpectError(f"{where}: sometimes must be true or false")
    return [
        Expected(
            id=one,
            verdict=Verdict(row["verdict"]),
            match=row["match"],
            reason=row["reason"],
            variants=frozenset(variants),
            sometimes=row.get("sometimes", False),
        )
        for one in ids
    ]


def _check_doubles(path: Path, entries: Iterable[Expected]) -> None:
    """A case may have several entries only for different variants."""
    seen: dict[str, set[str]] = {}
    for entry in entries:
        mine = set(entry.variants) or {"*"}
        others = seen.setdefault(entry.id, set())
        if others & mine or (others and "*" in others | mine):
            raise ExpectError(
                f"{path}: {entry.id} has two entries for the same variant; remove one"
            )
        others |= mine
