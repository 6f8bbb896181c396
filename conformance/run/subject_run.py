"""One process's part of a run: the subject, its doctor, and the runner of cases."""

from __future__ import annotations

import os
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from conformance import features, paths
from conformance.run.ending import Ending, together
from conformance.run.expect import Applied, Expectations, for_subject
from conformance.run.expect import load as load_expectations
from conformance.subject import AdapterBroken, Hung, Subject, SubjectError, load
from conformance.subject.answer import Move
from conformance.subject.shell import Shell
from conformance.subject.table import TableRow, parse_table
from conformance.verdict import CaseRun
from fake_servers.listen_address import listen_address
from fake_servers.trace.syntax import Trace
from fake_servers.wire.delivery import LOOPBACK_IPV6, VARIANTS, has_ipv6

if TYPE_CHECKING:
    from conformance.doctor.finding import DoctorFinding
    from conformance.run.case import Runner

SEEDS = 1_000_000
USUAL_VARIANTS = ("whole", "octets", "crlf")
"""The variants of a run that names no variant; the user must ask for any other."""

ALL = "all"
TABLE_LIMIT_S = 10
TABLE_OCTETS = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user asked for. `doctored`: another process has run the doctor already, and
    `findings` are what it found. `without`: features that are left out, as names and globs.
    """

    subject: str = "mailc"
    variants: tuple[str, ...] = USUAL_VARIANTS
    seed: int = 0
    out_dir: Path | None = None
    strict: bool = False
    expect: Path | None = None
    doctored: bool = False
    findings: tuple[DoctorFinding, ...] = ()
    without: tuple[str, ...] = ()


def variants_of(asked: Sequence[str] | None) -> tuple[str, ...]:
    """The variants that these names mean, in the order in which they run."""
    if not asked:
        return USUAL_VARIANTS
    return tuple(name for name in VARIANTS if name in asked or ALL in asked)


def draw_seed() -> int:
    """A seed for a run whose user gave no seed."""
    return random.SystemRandom().randrange(SEEDS)


class SubjectRun:
    """The part of a run that one process plays. It starts nothing before a case needs it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._subject: Subject | None = None
        self._examined: dict[str, list[DoctorFinding]] = {}
        self._endings: list[Ending] = []

    @property
    def subject(self) -> Subject:
        """The subject, started; raises SubjectError with a sentence for the user."""
        if self._subject is None:
            subject = load(self.settings.subject, checked=self.settings.doctored)
            subject.without = features.matching(self.settings.without)
            subject.start()
            self._subject = subject
        return self._subject

    def leaves_out(self, variant: str) -> str:
        """Why this machine or the subject cannot play this variant, or the empty string.

        If the subject cannot be started, no variant is left out: each case reports why.
        """
        needs = VARIANTS[variant].needs
        if VARIANTS[variant].host == LOOPBACK_IPV6 and not listen_address().is_default:
            return "--listen or --advertise fixes the address of the servers"
        if not needs:
            return ""
        if VARIANTS[variant].host == LOOPBACK_IPV6 and not has_ipv6():
            return "this machine has no address ::1"
        try:
            claims = self.subject.features
        except SubjectError:
            return ""
        return "" if needs in claims else f"{self.subject.name} does not claim {needs}"

    @cached_property
    def left_out(self) -> dict[str, str]:
        """The variants of the settings that cannot be played here, each with the reason."""
        reasons = {name: self.leaves_out(name) for name in self.settings.variants}
        return {name: reason for name, reason in reasons.items() if reason}

    @property
    def variants(self) -> tuple[str, ...]:
        """The variants that are played."""
        return tuple(name for name in self.settings.variants if name not in self.left_out)

    def findings(self, protocols: Iterable[str]) -> list[DoctorFinding]:
        """What the doctor finds unfit about the subject in these protocols."""
        if self.settings.doctored:
            return list(self.settings.findings)
        return [each for each in self._examination(protocols) if not each.is_note]

    def notes(self, protocols: Iterable[str]) -> list[DoctorFinding]:
        """What the doctor tells besides; no case is spoilt by it."""
        return [each for each in self._examination(protocols) if each.is_note]

    def _examination(self, protocols: Iterable[str]) -> list[DoctorFinding]:
        from conformance import doctor

        for protocol in protocols:
            if protocol not in self._examined:
                self._examined[protocol] = doctor.examine(self.subject, [protocol])
        return list(dict.fromkeys(each for found in self._examined.values() for each in found))

    @cached_property
    def expectations(self) -> Expectations:
        """The known failures of the subject; raises ExpectError."""
        if self.settings.expect is not None:
            return load_expectations(self.settings.expect)
        return for_subject(self.subject.name)

    def standing(self, run: CaseRun) -> Applied:
        """How a run compares with what is expected."""
        return self.expectations.apply(run, self.settings.strict)

    @cached_property
    def tables(self) -> dict[str, tuple[TableRow, ...]] | None:
        """The subject's compiled tables by protocol, or None if it has no tables."""
        table = self.subject.table
        if table is None:
            return None
        shell = Shell()
        try:
            done = shell.run(table, Path.cwd(), os.environ, b"", TABLE_LIMIT_S, TABLE_OCTETS)
            if done.status:
                raise ValueError(f"exit status {done.status}")
            return parse_table(done.stdout.decode("utf-8"))
        except (AdapterBroken, Hung, ValueError) as error:
            raise SubjectError(f"{self.subject.name} does not print its table: {error}") from error
        finally:
            shell.close()

    @cached_property
    def runner(self) -> Runner:
        from conformance.run.case import Runner

        rows = [row for rows in (self.tables or {}).values() for row in rows if row.internal]
        internal: frozenset[Move] = frozenset((row.state, row.event, row.next) for row in rows)
        again: tuple[str, ...] = (paths.command(), "run")
        if self.settings.subject != "mailc":
            again = (*again, "--subject", self.settings.subject)
        if self.settings.without:
            again = (*again, "--without", ",".join(self.settings.without))
        again = (*again, *listen_address().options)
        return Runner(self.subject, self.settings.seed, self.settings.out_dir, internal, again)

    def claims(self, trace: Trace) -> bool:
        """Whether the subject claims all that a case needs; if not, the case is UNSUPPORTED."""
        return self.subject.features.issuperset((trace.protocol, *trace.needs))

    def unfit(self, trace: Trace, variant: str) -> str:
        """The doctor's finding because of which this case cannot be judged, or the empty string."""
        found = self.findings([trace.protocol]) if self.claims(trace) else []
        spoilt = (f"doctor: {each}" for each in found if each.spoils(trace, variant))
        return next(spoilt, "")

    def settled(self, trace: Trace, variant: str) -> CaseRun | None:
        """The result of a case that the subject cannot be asked, None for one that is played."""
        try:
            return self.runner.unsupported(trace, variant)
        except SubjectError:
            return None

    def run_case(self, trace: Trace, variant: str) -> CaseRun:
        """Play one case; ERROR where the subject cannot be started or is not fit for the case."""
        try:
            reason = self.unfit(trace, variant)
            runner = None if reason else self.runner
        except SubjectError as error:
            reason, runner = str(error), None
        if runner is not None:
            return runner.run_case(trace, variant)
        from conformance.run import case_verdict

        return case_verdict.without_verdict(trace, variant, reason)

    def stop(self) -> None:
        """End the subject."""
        self.finish()

    def adopt(self, ending: Ending) -> None:
        """Add what another process of this run saw when its subject ended."""
        self._endings.append(ending)

    def finish(self) -> Ending:
        """End the subject. Returns what showed at its end, here and in the other processes.

        It can be called again, and then returns only what is new.
        """
        if (runner := self.__dict__.get("runner")) is not None:
            self._endings.append(Ending(tuple(runner.late)))
            runner.late.clear()
        if self._subject is not None:
            self._endings.append(Ending.of(self._subject))
        ending = together(self._endings)
        self._endings.clear()
        return ending
