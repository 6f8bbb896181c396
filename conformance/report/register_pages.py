"""The requirements of a run as pages: one an RFC, by section."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.report.text import section_name
from conformance.report.view import natural
from conformance.verdict import SEVERITY, Verdict

FOLDER = "requirements"
_NOT_IN_A_NAME = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Source:
    """One RFC, or another source of requirements.

    name      as people write it: `RFC 1939`
    file      its page, relative to the folder of the reports
    sections  its requirements by section, in natural order
    """

    name: str
    file: str
    sections: Mapping[str, Sequence[Mapping[str, Any]]]

    @property
    def judged(self) -> dict[str, list[Mapping[str, Any]]]:
        """The requirements that the subject supports, by section."""
        return self._part(is_supported=True)

    @property
    def unsupported(self) -> dict[str, list[Mapping[str, Any]]]:
        """All others."""
        return self._part(is_supported=False)

    def _part(self, *, is_supported: bool) -> dict[str, list[Mapping[str, Any]]]:
        found = {
            name: [r for r in rows if (r["verdict"] != Verdict.UNSUPPORTED) is is_supported]
            for name, rows in self.sections.items()
        }
        return {name: rows for name, rows in found.items() if rows}

    @property
    def counts(self) -> list[tuple[Verdict, int]]:
        """How many requirements have each verdict, the worst first."""
        found = Counter(Verdict(row["verdict"]) for rows in self.sections.values() for row in rows)
        return [(verdict, found[verdict]) for verdict in SEVERITY if found[verdict]]


def page_of(rfc: str) -> str:
    """The page of a source, below the reports folder."""
    return f"{FOLDER}/{slug(rfc)}.html"


def slug(text: str) -> str:
    """The text as a name for files and links: small letters, digits, hyphens."""
    return _NOT_IN_A_NAME.sub("-", text.lower()).strip("-")


def sources(requirements: Sequence[Mapping[str, Any]]) -> list[Source]:
    """The requirements of results.json by source and section."""
    found: dict[str, dict[str, list[Mapping[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for row in requirements:
        found[row["rfc"]][row["section"]].append(row)
    return [
        Source(
            section_name(rfc, "").removesuffix(" section "),
            page_of(rfc),
            {name: found[rfc][name] for name in sorted(found[rfc], key=natural)},
        )
        for rfc in sorted(found, key=natural)
    ]
