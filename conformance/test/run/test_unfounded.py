"""A success that no command stands for."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from conformance.run import unfounded
from conformance.test.small_cases import trace_of
from conformance.verdict import Verdict
from fake_servers.log import EventLog, Kind
from fake_servers.trace.syntax import Call, Result

LEFT = "opt {\nC: MAIL FROM:<a@b>\nS: 250 ok\n}\n"
ASKED = "C: MAIL FROM:<a@b>\nS: 250 ok\n"


@pytest.mark.parametrize(
    ("lines", "said", "outcome", "found"),
    [
        (LEFT, b"", "ok", True),
        (LEFT, b"MAIL FROM:<a@b>\r\n", "ok", False),
        (LEFT, b"", "rejected-locally", False),
        (ASKED, b"", "ok", False),
    ],
)
def test_a_client_that_may_leave_a_command_out_does_not_say_ok_then(
    lines: str, said: bytes, outcome: str, found: bool
) -> None:
    head = "id: smtp.x\ntitle: x\n\n"
    trace = trace_of(f"{head}A: smtp.mail from=a@b\n{lines}R: ok|rejected-locally\n")
    call, result = trace.items[0], trace.items[-1]
    assert isinstance(call, Call) and isinstance(result, Result)
    log = EventLog()
    log.append(Kind.CALL, data={"op": "smtp.mail", "args": {}})
    if said:
        log.append(Kind.RX, connection=1, octets=said)
    log.append(Kind.RETURN, data={"outcome": outcome, "value": {}})
    context: Any = SimpleNamespace(trace=trace, log=log, breach=Verdict.FAIL)
    finding = unfounded.success(context, call, result)
    assert (finding is not None) is found
    if finding is not None:
        assert (finding.expected, finding.verdict) == ("R: rejected-locally", Verdict.FAIL)
