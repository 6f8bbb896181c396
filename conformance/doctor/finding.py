"""A finding of the doctor, and the cases that it spoils."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from conformance import features
from conformance.ops import OPS
from fake_servers.trace.syntax import Trace
from fake_servers.wire.delivery import VARIANTS


@dataclass(frozen=True, slots=True)
class DoctorFinding:
    """One thing that is not fit, or a note about one that is.

    sentence     what is wrong and what to fix
    requirement  the id of the register, or the rule of the formats, that it is based on
    features     what is not fit: a case that needs one of them is an ERROR; empty: everything
    protocol     only cases of this protocol are spoilt; empty: those of both
    goals_only   only goal cases are spoilt
    is_note      nothing is spoilt: the cases judge what it tells
    """

    sentence: str
    requirement: str
    features: tuple[str, ...] = ()
    protocol: str = ""
    goals_only: bool = False
    is_note: bool = False

    def __str__(self) -> str:
        return f"{self.sentence} ({self.requirement})"

    def spoils(self, trace: Trace, variant: str) -> bool:
        """Whether a verdict on this case would be worthless."""
        if self.is_note:
            return False
        if self.protocol not in ("", trace.protocol) or (self.goals_only and trace.goal is None):
            return False
        needs = {trace.protocol, *trace.needs, VARIANTS[variant].needs}
        return not self.features or not needs.isdisjoint(self.features)

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON types."""
        row = {**asdict(self), "features": list(self.features)}
        del row["is_note"]  # notes have a list of their own
        return row


def of_feature(
    sentence: str, feature: str, protocol: str = "", *, goals_only: bool = False
) -> DoctorFinding:
    """A feature that is claimed but does not work, in one protocol or in both."""
    return DoctorFinding(sentence, rule(feature), (feature,), protocol, goals_only)


def of_op(sentence: str, op: str) -> DoctorFinding:
    """An op or a goal whose answer breaks the schema."""
    known = OPS.get(op)
    protocol = op.partition(".")[0]
    spoilt = (known.feature or protocol) if known else protocol
    return DoctorFinding(
        sentence,
        f"driver.schema.json, {op}",
        (spoilt,),
        protocol if protocol in ("pop3", "smtp") else "",
        goals_only=known is None,
    )


def rule(feature: str) -> str:
    """The line of features.toml that a claim refers to."""
    return f"features.toml, {feature}: {features.describe().get(feature, 'no such feature')}"
