"""Logs about what a client reports: one that breaks the rule of a monitor, and the nearest that does not."""

from __future__ import annotations

from conformance.test.model.monitor_logs import (
    DIGEST,
    by_number,
    data,
    envelope,
    listed_in_two_sessions,
    mailbox,
)
from conformance.test.wires import Wire, pop3, smtp

OUTCOMES: list[tuple[str, Wire, Wire]] = [
    (
        "outcome.pop3-refused",
        mailbox().call("pop3.dele").c("DELE 1").s("-ERR").result("ok"),
        mailbox().call("pop3.dele").c("DELE 1").s("-ERR").result("refused"),
    ),
    (
        "outcome.pop3-refused",
        Wire().call("pop3.connect").connect().s("-ERR no").result("ok"),
        Wire().call("pop3.connect").connect().s("+OK").result("ok"),
    ),
    (
        "outcome.pop3-refused",
        mailbox().call("pop3.fetch").c("RETR 1").s("-ERR").c("RETR 2").s("+OK", ".").result("ok"),
        mailbox().call("pop3.fetch").c("RETR 1").s("-ERR").c("RETR 1").s("+OK", ".").result("ok"),
    ),
    (
        "outcome.smtp-refused",
        envelope().call("smtp.data").c("DATA").s("354 go").c(".").s("452 no").result("ok"),
        envelope().call("smtp.data").c("DATA").s("354 go").c(".").s("250 ok").result("ok"),
    ),
    (
        "outcome.smtp-refused",
        envelope().call("smtp.send").c("DATA").s("554 no").result("ok"),
        envelope().call("smtp.rcpt").c("RCPT TO:<e@f>").s("554 no").result("refused"),
    ),
    (
        "outcome.smtp-refused",
        envelope().call("smtp.data").c("DATA").s("354 go", "250 ok").result("ok"),
        envelope().call("smtp.data").c("DATA").s("354 go", "250 ok").result("ok").c("a", "."),
    ),
    (
        "outcome.smtp-refused",
        envelope().call("smtp.data").c("DATA").s("354 go").c("a").result("ok"),
        envelope().call("smtp.data").c("DATA").s("354 go", "250 ok").c("a").result("ok"),
    ),
    (
        "outcome.smtp-refused",
        smtp("AUTH LOGIN").call("smtp.auth").c("AUTH LOGIN").s("334 ", "235 ok").result("ok"),
        smtp("AUTH LOGIN")
        .call("smtp.auth")
        .c("AUTH LOGIN")
        .s("334 ", "235 ok")
        .result("ok")
        .c("YQ=="),
    ),
    (
        "outcome.pop3-unsent",
        mailbox().call("pop3.dele").result("ok"),
        mailbox().call("pop3.dele").result("rejected-locally"),
    ),
    (
        "outcome.smtp-unsent",
        envelope().call("smtp.data").result("ok"),
        envelope().call("smtp.rset").result("ok"),
    ),
    (
        "outcome.pop3-cut",
        mailbox().call("pop3.retr").c("RETR 1").s("+OK", "half").server_closes().result("ok"),
        mailbox().call("pop3.retr").c("RETR 1").s("+OK", "half").server_closes().result("io-error"),
    ),
    (
        "outcome.pop3-cut",
        mailbox().call("pop3.stat").c("STAT").s_raw(b"+OK 2 320").result("ok"),
        mailbox().call("pop3.stat").c("STAT").s_raw(b"+OK 2 320\n").result("ok"),
    ),
    (
        "outcome.smtp-cut",
        envelope().call("smtp.data").c("DATA").s("354 go").c(".").s_raw(b"25").result("ok"),
        envelope().call("smtp.data").c("DATA").s("354 go").c(".").s_raw(b"25").result("io-error"),
    ),
    (
        "outcome.pop3-numbers",
        mailbox().call("pop3.list", n=1).c("LIST 1").s("+OK 2 120").result("ok", items=[[1, 120]]),
        mailbox().call("pop3.list", n=1).c("LIST 1").s("+OK 2 120").result("ok", items=[[2, 120]]),
    ),
    (
        "outcome.pop3-numbers",
        mailbox()
        .call("pop3.list")
        .c("LIST")
        .s("+OK", "1 5", "2 7", ".")
        .result("ok", items=[[2, 5]]),
        mailbox()
        .call("pop3.list")
        .c("LIST")
        .s("+OK", "1 5 x", ".7 9", ".")
        .result("ok", items=[[7, 9]]),
    ),
    (
        "outcome.pop3-numbers",
        by_number("+OK 1 11", "+OK 2 12").result("ok", items=[[1, 11], [2, 11]]),
        by_number("+OK 1 11", "+OK 2 12").result("ok", items=[[1, 11], [2, 12]]),
    ),
    (
        "outcome.pop3-numbers",
        by_number("+OK 1 11", "+OK 4294967298 12").result("ok", items=[[1, 11], [2, 12]]),
        by_number("+OK 1 11", "+OK 2 12").c("LIST 3").s("-ERR").result("ok", items=[[1, 11]]),
    ),
    (
        "outcome.pop3-numbers",
        listed_in_two_sessions().result("ok", items=[[1, 5], [2, 9]]),
        listed_in_two_sessions().result("ok", items=[[1, 5], [2, 7]]),
    ),
    (
        "outcome.pop3-numbers",
        mailbox()
        .call("pop3.list")
        .c("STAT")
        .s("+OK 2 9")
        .c("LIST 1")
        .s("+OK 1 5")
        .result("ok", items=[[2, 9]]),
        mailbox()
        .call("pop3.list")
        .c("STAT")
        .s("+OK 1 5")
        .c("LIST 2")
        .s("+OK 2 7")
        .result("ok", items=[[1, 5]]),
    ),
    (
        "outcome.pop3-refused",
        by_number("+OK 1 11").c("LIST").s("-ERR").result("ok", items=[[1, 11]]),
        by_number("+OK 1 11", "-ERR no such message").result("ok", items=[[1, 11]]),
    ),
    (
        "outcome.pop3-refused",
        mailbox()
        .call("pop3.fetch", n=[1, 2])
        .c("RETR 1")
        .s("+OK", "a", ".")
        .c("RETR 2")
        .s("-ERR")
        .result("ok"),
        mailbox()
        .call("pop3.fetch", n="all")
        .c("RETR 1")
        .s("+OK", "a", ".")
        .c("RETR 2")
        .s("-ERR")
        .result("ok"),
    ),
    (
        "outcome.pop3-refused-login",
        pop3().call("pop3.list").c("USER a").s("+OK").c("PASS b").s("-ERR").result("ok"),
        pop3()
        .call("pop3.list")
        .c(f"APOP a {DIGEST}")
        .s("-ERR")
        .c("USER a")
        .s("+OK")
        .c("PASS b")
        .s("+OK")
        .c("LIST")
        .s("+OK", ".")
        .result("ok"),
    ),
]
