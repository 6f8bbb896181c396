"""The ways in which a server is known to lie, from attacks.toml next to this module.

Each was published: in a paper, as a CVE, in the RFC that warns of it, or as a fault of a client.
The header key `source` of a case names those that the case is one of.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "attacks.toml"


@dataclass(frozen=True, slots=True)
class Attack:
    """One attack.

    id      stable, never renumbered
    title   what the server does, in our own words
    source  where it was published: papers, CVEs, RFCs with their section, faults of clients
    test    the file of a test that does it where no case can, from the root of the clone
    excuse  why nothing does it; empty where a case or a test does
    """

    id: str
    title: str
    source: str
    test: str = ""
    excuse: str = ""


@cache
def load() -> dict[str, Attack]:
    """Each attack by its id, in the order of the file."""
    rows = tomllib.loads(FILE.read_text("utf-8"))
    return {name: Attack(id=name, **row) for name, row in rows.items()}
