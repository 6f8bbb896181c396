"""What the RFCs leave to the client is no violation, for no monitor and not for the model."""

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
    "pop3 STLS without CAPA": pop3().c("STLS").s("-ERR no").c("QUIT").s("+OK"),
    "pop3 PASS in one group with a refused USER": pop3()
    .c("CAPA")
    .s("+OK", "PIPELINING", ".")
    .c("USER a")
    .s("-ERR no")
    .c("PASS b")
    .s("-ERR no"),
    "pop3 STAT in one group with the login": pop3()
    .c("CAPA")
    .s("+OK", "PIPELINING", ".")
    .c_raw(b"USER a\r\nPASS b\r\nSTAT\r\n")
    .s("+OK", "+OK", "+OK 0 0"),
    "pop3 UIDL before STAT, NOOP and RSET": pop3()
    .c("APOP a c4c9334bac560ecc979e58001b3e22fb")
    .s("+OK")
    .c("UIDL")
    .s("+OK", ".")
    .c("NOOP")
    .s("+OK")
    .c("STAT")
    .s("+OK 0 0")
    .c("RSET")
    .s("+OK"),
    "pop3 a bare AUTH, as if to ask for mechanisms": pop3().c("AUTH").s("-ERR").c("CAPA"),
    "pop3 QUIT as the only command": pop3().c("QUIT").client_closes(),
    "pop3 a second connection": pop3().c("CAPA").s("-ERR").client_closes().connect().s("+OK"),
    "smtp an address literal": Wire().connect().s("220 h").c("EHLO [127.0.0.1]").s("250 h"),
    "smtp an IPv6 literal": Wire().connect().s("220 h").c("EHLO [IPv6:::1]").s("250 h"),
    "smtp HELO after a refused EHLO": Wire()
    .connect()
    .s("220 h")
    .c("EHLO c")
    .s("502 no")
    .c("HELO c"),
    "smtp EHLO again": smtp("SIZE").c("EHLO c").s("250 h").c("MAIL FROM:<a@b>").s("250 ok"),
    "smtp RSET and NOOP before MAIL": smtp().c("RSET").s("250 ok").c("NOOP").s("250 ok"),
    "smtp RCPT and DATA in one group with a refused MAIL": smtp("PIPELINING")
    .c("MAIL FROM:<a@b>")
    .s("550 no")
    .c("RCPT TO:<c@d>")
    .s("503 no")
    .c("DATA")
    .s("503 no"),
    "smtp a user name behind AUTH LOGIN": smtp("AUTH LOGIN").c("AUTH LOGIN YQ==").s("334 UGE6"),
    "smtp QUIT without waiting for its reply": smtp().c("QUIT").client_closes(),
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


NO_ROW = {
    "pop3 PASS in one group with a refused USER": "the model knows a group by what succeeds",
    "smtp EHLO again": "the model has EHLO once, until TLS begins",
}
"""Legal, and no row of the model, which nobody but a client that reports moves is held to."""


@pytest.mark.parametrize("name", FREEDOM)
def test_legal_freedom_is_no_violation(name: str) -> None:
    protocol, events = name.split()[0], FREEDOM[name].events
    assert [(each.monitor, each.reason) for each in judge(protocol, events, None)] == []
    is_lost = NOWHERE in {move.next for move in predict(protocol, events)}
    assert is_lost == (name in NO_ROW)
