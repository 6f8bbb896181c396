"""What changed between two runs: verdicts, reasons, cases that were added or removed."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.excerpt import shorten
from conformance.report.text import one_line
from conformance.run import exit_status
from conformance.verdict import FAILURES, Verdict
from fake_servers.files import inputs

MOST_OCTETS = 128 * inputs.MIB
"""Limit for a results.json. That of all cases in three variants has 4 MiB."""


class BaselineError(Exception):
    """A results.json that cannot be read; str() is one sentence for the user."""


@dataclass(frozen=True, slots=True)
class Change:
    """One case in one variant whose verdict, or reason of failure, changed.

    old, new  a verdict, or None if the case did not run
    """

    id: str
    variant: str
    old: Verdict | None
    new: Verdict | None
    reason: str

    @property
    def is_regression(self) -> bool:
        """Whether the client was good here and no longer is, or fails in another way."""
        return self.new in FAILURES or self.new is Verdict.ERROR

    def line(self) -> str:
        """`ID [VARIANT]  OLD -> NEW  REASON`."""
        old, new = (verdict or "not played" for verdict in (self.old, self.new))
        text = f"{self.id} [{self.variant}]  {old} -> {new}  {self.reason}".rstrip()
        return one_line(shorten(text))


def read(path: Path) -> dict[str, Any]:
    """The content of a results.json; raises BaselineError."""
    try:
        found = json.loads(inputs.read(path, MOST_OCTETS).decode())
    except OSError as error:
        raise BaselineError(f"{path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise BaselineError(f"{path} is not JSON: {error}") from error
    if not isinstance(found, dict) or not _has_verdicts(found):
        raise BaselineError(f"{path} is not a results.json")
    return found


def _has_verdicts(found: Mapping[str, Any]) -> bool:
    """Whether everything is there that a comparison needs."""
    suite, cases = found.get("suite"), found.get("cases")
    if not isinstance(suite, dict) or not isinstance(cases, list):
        return False
    variants = suite.get("variants")
    return (
        isinstance(variants, list)
        and all(isinstance(name, str) for name in variants)
        and all(isinstance(row, dict) and _is_case(row) for row in cases)
    )


def _is_case(row: Mapping[str, Any]) -> bool:
    texts = all(isinstance(row.get(name), str) for name in ("id", "variant", "reason"))
    return texts and row.get("verdict") in list(Verdict)


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    """Every change, regressions first, then by id and variant.

    Leaves out a variant that one of the two runs did not have at all.
    """
    shared = set(old["suite"]["variants"]) & set(new["suite"]["variants"])
    before, after = (_by_case(results, shared) for results in (old, new))
    found = [
        _change(key, before.get(key), after.get(key))
        for key in before.keys() | after.keys()
        if _said(before.get(key)) != _said(after.get(key))
    ]
    return iter(sorted(found, key=lambda one: (not one.is_regression, one.id, one.variant)))


def only(results: Mapping[str, Any], ids: Iterable[str]) -> dict[str, Any]:
    """The results without the cases that are not among `ids`."""
    wanted = frozenset(ids)
    return {**results, "cases": [row for row in results["cases"] if row["id"] in wanted]}


def _by_case(
    results: Mapping[str, Any], variants: set[str]
) -> dict[tuple[str, str], Mapping[str, Any]]:
    rows = [row for row in results["cases"] if row["variant"] in variants]
    return {(row["id"], row["variant"]): row for row in rows}


def _said(row: Mapping[str, Any] | None) -> tuple[str, str] | None:
    """What is compared: the verdict, and for a failure also its reason."""
    if row is None:
        return None
    return row["verdict"], row["reason"] if Verdict(row["verdict"]) in FAILURES else ""


def _change(
    key: tuple[str, str], old: Mapping[str, Any] | None, new: Mapping[str, Any] | None
) -> Change:
    was, now = (None if row is None else Verdict(row["verdict"]) for row in (old, new))
    return Change(*key, was, now, reason="" if new is None else new["reason"])


def diff(args: argparse.Namespace) -> int:
    """`mailspec diff OLD NEW`: exits with 1 if a verdict became a failure, or a failure a different
    one.
    """
    worse = tell(read(args.old), read(args.new))
    return exit_status.UNEXPECTED if worse else exit_status.OK


def tell(old: Mapping[str, Any], new: Mapping[str, Any]) -> int:
    """Print every change and how many there are; gives how many are for the worse."""
    found = list(changes(old, new))
    for change in found:
        print(change.line())
    worse = sum(change.is_regression for change in found)
    plural = "" if len(found) == 1 else "s"
    print(f"{len(found)} change{plural}, {worse} for the worse")
    return worse
