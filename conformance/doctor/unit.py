"""One check of the doctor, which the subject may not survive."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from conformance.doctor.finding import DoctorFinding, rule
from conformance.subject import AdapterBroken, Crashed, Hung, NotInstalled, Subject

Check = Callable[[Subject], Iterator[DoctorFinding]]


def failure(subject: Subject, error: Exception) -> str:
    """The sentence about a subject that did not survive a check."""
    stderr = subject.take_stderr().strip().splitlines()
    hint = f" (its stderr ends: {stderr[-1]})" if stderr else ""
    return (
        f"the subject failed while the doctor examined it: {error}{hint}; fix that, or claim less"
    )


def examined(subject: Subject, check: Check, feature: str = "") -> Iterator[DoctorFinding]:
    """The findings of a check, and one more about `feature` if the subject dies in it.

    Without a feature, or if the adapter breaks the driver protocol, everything that the check
    covers is spoilt.
    """
    try:
        yield from check(subject)
    except (Crashed, Hung, AdapterBroken, NotInstalled) as error:
        if isinstance(error, AdapterBroken) and feature:
            feature = feature.partition(".")[0]
        spoilt = (feature,) if feature else ()
        rests_on = rule(feature) if feature else "driver.schema.json"
        yield DoctorFinding(failure(subject, error), rests_on, spoilt)
