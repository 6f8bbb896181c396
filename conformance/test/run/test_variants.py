"""Which delivery variants are played, and what each of them tells the client."""

from __future__ import annotations

import pytest

from conformance.run import subject_run
from conformance.run.context import CaseContext
from conformance.run.subject_run import Settings, SubjectRun
from conformance.subject import Subject, SubjectError
from conformance.test.small_cases import APOP, FETCH, POP3_DRIVER, driver, trace_of
from conformance.verdict import Verdict
from fake_servers.wire.delivery import VARIANTS

STLS = FETCH.replace("caps=[UIDL]", "caps=[UIDL] tls=starttls") + "R: ok\n"
IMPLICIT = STLS.replace("starttls", "implicit")


class Claims(SubjectRun):
    """A session whose subject claims these features."""

    def __init__(self, *features: str) -> None:
        super().__init__(Settings())
        self.features = frozenset(features)

    @property
    def subject(self) -> Subject:
        if not self.features:
            raise SubjectError("it cannot be started")
        with driver(POP3_DRIVER) as subject:
            setattr(subject, "features", self.features)
            return subject


@pytest.mark.parametrize("variant", ["whole", "octets", "crlf", "coalesced", "dribble"])
def test_variants_of_delivery_ask_nothing_of_the_client(variant: str) -> None:
    assert Claims("pop3").leaves_out(variant) == ""


@pytest.mark.parametrize("variant, feature", [("ipv6", "ipv6"), ("tls", "tls.implicit")])
def test_a_variant_that_the_client_does_not_claim_is_left_out(variant: str, feature: str) -> None:
    assert Claims("pop3").leaves_out(variant) == f"small does not claim {feature}"
    assert Claims("pop3", feature).leaves_out(variant) == ""


def test_ipv6_is_left_out_where_the_machine_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject_run, "has_ipv6", lambda: False)
    assert Claims("pop3", "ipv6").leaves_out("ipv6") == "this machine has no address ::1"


def test_a_subject_that_cannot_be_started_leaves_nothing_out() -> None:
    """Its cases tell why, each with an ERROR."""
    assert Claims().leaves_out("tls") == ""


def test_a_case_with_tls_of_its_own_is_not_played_over_another() -> None:
    texts = [STLS, IMPLICIT, APOP.replace("R: ok", "= starttls\nR: ok", 1)]
    texts += [APOP.replace("moves:", "policy: tls\nmoves:")]
    texts += [APOP.replace("A: pop3.connect", "A: pop3.connect tls=implicit")]
    texts += [f"{APOP}\nA: pop3.stls\nR: rejected-locally\n"]
    assert [trace_of(text).excludes("tls") for text in texts] == [True] * 6
    assert not any(trace_of(text).excludes("whole") for text in texts)
    assert not trace_of(APOP).excludes("tls")


@pytest.mark.parametrize(
    "text, variant, tls, host, has_ca",
    [
        (APOP, "whole", "none", "127.0.0.1", False),
        (APOP, "ipv6", "none", "::1", False),
        (APOP, "tls", "implicit", "127.0.0.1", True),
        (STLS, "whole", "none", "127.0.0.1", True),
        (IMPLICIT, "octets", "implicit", "127.0.0.1", True),
        (APOP.replace("moves:", "policy: tls\nmoves:"), "whole", "none", "127.0.0.1", True),
    ],
)
def test_what_connect_is_given(text: str, variant: str, tls: str, host: str, has_ca: bool) -> None:
    with driver(POP3_DRIVER) as subject:
        context = CaseContext(trace_of(text), subject, VARIANTS[variant], 1, Verdict.FAIL)
    args = context.connect_args(110)
    assert (args["tls"], args["host"], "ca" in args) == (tls, host, has_ca)
    assert (context.bindings.get("client_cert") is not None) is has_ca
