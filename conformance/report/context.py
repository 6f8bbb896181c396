"""What the reports need to know about a run besides the results of its cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from conformance.subject.table import TableRow
from conformance.verdict import Verdict


class RequirementRow(Protocol):
    """One entry of the register, as far as the reports show it."""

    @property
    def id(self) -> str:
        """For example RFC1939-7-APOP-02."""

    @property
    def rfc(self) -> str:
        """RFC1939 and so on, or the name of another source."""

    @property
    def section(self) -> str:
        """For example 4.1.1; may be empty."""

    @property
    def level(self) -> str:
        """MUST, SHOULD, MAY, their NOTs, or implied."""

    @property
    def breach(self) -> str:
        """FAIL, NON-STRICT or INFO."""

    @property
    def text(self) -> str:
        """What is required, in our own words."""


class RegisterLike(Protocol):
    """The register of requirements; an id that it does not know raises KeyError."""

    def __getitem__(self, key: str, /) -> RequirementRow:
        """The requirement of this id."""


@dataclass(frozen=True, slots=True)
class RunContext:
    """A run of the suite against one subject.

    subject_*    from the subject's file and its own answer; level 0 a command, 1 a driver;
                 `subject_without` are features that it claims and the run left out
    variants     the delivery variants that were run, in the order of the run
    variants_left_out   variant and the reason why this machine cannot give it
    seed         the run's seed, as it is given to --seed
    proves       the requirements that each case proves, by its id; also of cases that could not run
    register     the requirements, for their texts
    tables       the compiled tables by protocol (parse_table), None where the subject has none
    table_error  why the subject's table could not be had, where it should have one
    strict       a NON-STRICT verdict counts as a failure
    expected     case id -> the verdict that the subject's expectations name
    unexpected   (case id, variant) of each run whose verdict is not as expected
    interrupted  the run was ended before it had played all of its cases
    out_dir_name the reports folder as the user gave it, for the last line on the terminal
    """

    subject_name: str
    subject_version: str
    subject_level: int
    subject_features: tuple[str, ...]
    variants: tuple[str, ...]
    seed: int
    proves: Mapping[str, Sequence[str]]
    register: RegisterLike
    tables: Mapping[str, Sequence[TableRow]] | None = None
    table_error: str = ""
    strict: bool = False
    interrupted: bool = False
    expected: Mapping[str, Verdict] = field(default_factory=dict)
    unexpected: frozenset[tuple[str, str]] = frozenset()
    variants_left_out: Mapping[str, str] = field(default_factory=dict)
    out_dir_name: Path | None = None
    subject_without: tuple[str, ...] = ()
