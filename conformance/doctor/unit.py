"""One part of an examination, which a subject may not survive."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from conformance.doctor.finding import DoctorFinding, rule
from conformance.subject import AdapterBroken, Crashed, Hung, NotInstalled, Subject

Check = Callable[[Subject], Iterator[DoctorFinding]]


def failure(subject: Subject, error: Exception) -> str:
    """The sentence about a subject that did not survive a question."""
    stderr = subject.take_stderr().strip().splitlines()
    hint = f" (its stderr ends: {stderr[-1]})" if stderr else ""
    return f"the subject failed while it was examined: {error}{hint}; mend that, or claim less"


def examined(subject: Subject, check: Check, feature: str = "") -> Iterator[DoctorFinding]:
    """The findings of a check; a subject that dies in it has one more, about `feature`.

    Without a feature, and where the adapter breaks the rules of its protocol, everything that
    the check stands for is spoilt.
    """
    try:
        yield from check(subject)
    except (Crashed, Hung, AdapterBroken, NotInstalled) as error:
        if isinstance(error, AdapterBroken) and feature:
            feature = feature.partition(".")[0]
        spoilt = (feature,) if feature else ()
        rests_on = rule(feature) if feature else "driver.schema.json"
        yield DoctorFinding(failure(subject, error), rests_on, spoilt)
