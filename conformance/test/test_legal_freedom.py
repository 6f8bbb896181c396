"""What the RFCs leave to the client convicts nobody: neither a monitor nor the model."""

from __future__ import annotations

import pytest

from conformance.model.observer import NOWHERE, predict
from conformance.monitors import judge
from conformance.test.wires import Wire, pop3, smtp

PLAIN = "AHRpbQB0YW5zdGFhZnRhbnN0YWFm"
FREEDOM: dict[str, Wire] = {
    "pop3 without CAPA": pop3().c("USER a").s("+OK").c("PASS b").s("+OK").c("QUIT").s("+OK"),
    "pop3 with CAPA first": pop3().c("CAPA").s("+OK", "USER", ".").c("USER a").s("+OK"),
    "pop3 verbs in lower case": pop3()
    .c("user a")
    .s("+OK")
    .c("pass b")
    .s("+OK")
    .c("stat")
    .s("+OK 0 0"),
    "pop3 LIST before STAT": pop3()
    .c("USER a")
    .s("+OK")
    .c("PASS b")
    .s("+OK")
    .c("LIST")
    .s("+OK", "."),
    "pop3 closes without QUIT": pop3().c("USER a").s("-ERR no").client_closes(),
    "pop3 AUTH with a response": pop3()
    .c("CAPA")
    .s("+OK", "SASL PLAIN", ".")
    .c(f"AUTH PLAIN {PLAIN}")
    .s("+OK"),
    "pop3 AUTH without": pop3()
    .c("CAPA")
    .s("+OK", "SASL PLAIN", ".")
    .c("AUTH PLAIN")
    .s("+ ")
    .c(PLAIN)
    .s("+OK"),
    "smtp verbs in mixed case": smtp()
    .c("Mail From:<a@b>")
    .s("250 ok")
    .c("rcpt to:<c@d>")
    .s("250 ok"),
    "smtp AUTH with a response": smtp("AUTH PLAIN").c(f"AUTH PLAIN {PLAIN}").s("235 ok"),
    "smtp AUTH without": smtp("AUTH PLAIN").c("AUTH PLAIN").s("334 ").c(PLAIN).s("235 ok"),
    "smtp NOOP with an argument": smtp().c("NOOP hello").s("250 ok").c("QUIT").s("221 bye"),
    "smtp RSET between messages": smtp().c("RSET").s("250 ok").c("MAIL FROM:<>").s("250 ok"),
    "smtp closes after an error": smtp().c("MAIL FROM:<a@b>").s("550 no").client_closes(),
    "smtp without SIZE": smtp("SIZE 1000").c("MAIL FROM:<a@b>").s("250 ok"),
}


@pytest.mark.parametrize("name", FREEDOM)
def test_nobody_is_convicted(name: str) -> None:
    protocol, events = name.split()[0], FREEDOM[name].events
    assert [(each.monitor, each.reason) for each in judge(protocol, events, None)] == []
    assert NOWHERE not in {move.next for move in predict(protocol, events)}
