"""Cases accuse a client of no more than the RFC's sentence does."""

from __future__ import annotations

import pytest

from conformance.requirements import load
from conformance.run import select
from conformance.run.case_verdict import breach_of
from conformance.verdict import Verdict


@pytest.mark.parametrize(
    ("pattern", "verdict"),
    [
        ("smtp.goal.send/mail/other-third-digit", Verdict.FAIL),
        ("smtp.goal.send/*/252", Verdict.NON_STRICT),
        ("smtp.goal.send/mail/251", Verdict.NON_STRICT),
        ("smtp.goal.lmtp/connect/251", Verdict.NON_STRICT),
        ("smtp.goal.send/rcpt/251", Verdict.FAIL),
        ("smtp.goal.send/mail/code-alone", Verdict.FAIL),
        ("smtp.goal.send/connect/code-alone", Verdict.NON_STRICT),
    ],
)
def test_a_listed_code_and_a_bare_greeting_are_advice(pattern: str, verdict: Verdict) -> None:
    """RFC 5321 section 4.2 has a MUST for codes that are not listed, and leaves out the text of
    220; section 4.3.2 has a SHOULD for the others. RCPT has 251 in its list.
    """
    register = load()
    assert {breach_of(trace, register) for trace in select.select([pattern])} == {verdict}
