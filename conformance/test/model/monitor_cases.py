"""For each monitor: a log that breaks its rule, and the nearest log that does not."""

from __future__ import annotations

from conformance.test.model.monitor_logs import (
    DIGEST,
    LONG,
    begun,
    data,
    envelope,
    gives_up_on_empty_line,
    greeted,
    logged_in,
    mailbox,
    offering,
    secured,
)
from conformance.test.model.monitor_names import NAMES
from conformance.test.model.monitor_outcomes import OUTCOMES
from conformance.test.model.monitor_syntax import SYNTAX
from conformance.test.wires import Wire, pop3, smtp

CASES: list[tuple[str, Wire, Wire]] = [
    (
        "chunk.not-mixed-with-data",
        envelope("CHUNKING").c("BDAT 0").s("250 ok").c("DATA"),
        envelope("CHUNKING").c("RSET").s("250 ok").c("DATA"),
    ),
    (
        "dsn.xtext",
        smtp("DSN").c("MAIL FROM:<a@b> ENVID=a+2b"),
        smtp("DSN").c("MAIL FROM:<a@b> ENVID=a+2B"),
    ),
    (
        "dsn.xtext",
        envelope("DSN").c("RCPT TO:<a@b> ORCPT=rfc822;a=b@c"),
        envelope("DSN").c("RCPT TO:<a@b> ORCPT=rfc822;a+3Db@c"),
    ),
    (
        "dsn.orcpt-length",
        envelope("DSN").c("RCPT TO:<a@b> ORCPT=rfc822;" + "x" * 494),
        envelope("DSN").c("RCPT TO:<a@b> ORCPT=rfc822;" + "x" * 493),
    ),
    (
        "dsn.envid-length",
        smtp("DSN").c("MAIL FROM:<a@b> ENVID=" + "x" * 39),
        smtp("DSN").c("MAIL FROM:<a@b> ENVID=" + "x" * 38),
    ),
    (
        "secrecy.left-behind",
        pop3().call("pop3.user", user="a", secret="tanstaaf").result("ok").leaves("stderr", "x"),
        pop3().call("pop3.user", user="a", secret="tanstaaf").result("ok"),
    ),
    (
        "secrecy.left-behind",
        smtp().call("smtp.auth", secret_b64="dA==").result("refused").leaves("a.log", "x"),
        smtp().call("smtp.noop").result("ok").leaves("a.log", "x"),
    ),
    ("line.ends-in-crlf", pop3().c_raw(b"QUIT\n"), pop3().c_raw(b"QUI")),
    ("line.ends-in-crlf", smtp().c_raw(b"NOOP\n"), smtp().c("DATA").c("QUIT")),
    ("line.no-cr-lf-nul", pop3().c("USER a\nDELE 1"), pop3().c("USER a")),
    ("line.no-cr-lf-nul", smtp().c("NOOP\0"), smtp().c("DATA").c("NOOP").c("QUIT")),
    ("line.no-cr-lf-nul", smtp().c("NOOP\r"), smtp().c_raw(b"NOOP\r")),
    (
        "line.smtp-ascii",
        smtp().c("MAIL FROM:<é@b>"),
        smtp("SMTPUTF8").c("MAIL FROM:<é@b> SMTPUTF8"),
    ),
    ("line.pop3-single-blanks", mailbox().c("RETR  1"), pop3().c("USER a  b")),
    ("line.pop3-single-blanks", mailbox().c("STAT "), mailbox().c("STAT")),
    ("line.pop3-message-number", mailbox().c("RETR 01"), mailbox().c("RETR 10")),
    ("line.pop3-top-arguments", mailbox().c("TOP 1"), mailbox().c("TOP 1 0")),
    ("line.pop3-length", pop3().c("USER " + "x" * 249), pop3().c("USER " + "x" * 248)),
    ("line.smtp-length", smtp().c("NOOP " + "x" * 506), smtp().c("NOOP " + "x" * 505)),
    (
        "line.smtp-length",
        smtp("AUTH PLAIN").c(f"MAIL FROM:<a@b> AUTH={'x' * 999}"),
        smtp("AUTH PLAIN").c(f"MAIL FROM:<a@b> AUTH={LONG}"),
    ),
    (
        "line.smtp-auth-length",
        smtp("AUTH PLAIN").c("AUTH PLAIN " + "QUFB" * 126),
        smtp("AUTH PLAIN").c("AUTH PLAIN").s("334 ").c("QUFB" * 126).s("235 ok"),
    ),
    ("line.smtp-bare-verb", smtp().c("RSET now"), smtp().c("NOOP now")),
    ("order.greeting-first", Wire().connect().c("QUIT").s("+OK"), pop3().c("QUIT")),
    ("order.greeting-first", Wire().connect().c("EHLO c").s("220 h"), smtp()),
    ("order.quit-last", pop3().c("QUIT").s("+OK").c("NOOP"), pop3().c("QUIT").s("+OK")),
    (
        "order.quit-last",
        smtp().c("QUIT").c_raw(b"R"),
        smtp("PIPELINING").c_raw(b"RSET\r\nQUIT\r\n"),
    ),
    (
        "order.one-at-a-time",
        mailbox().c("STAT", "LIST"),
        mailbox().c("CAPA").s("+OK", "PIPELINING", ".").c("STAT", "LIST"),
    ),
    (
        "order.one-at-a-time",
        smtp("SIZE").c_raw(b"MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n"),
        smtp("PIPELINING").c_raw(b"MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n"),
    ),
    (
        "order.end-of-group",
        smtp("PIPELINING").c_raw(b"NOOP\r\nRSET\r\n"),
        smtp("PIPELINING").c_raw(b"RSET\r\nNOOP\r\n"),
    ),
    (
        "order.pop3-refused-greeting",
        Wire().connect().s("-ERR no").c("USER a"),
        Wire().connect().s("-ERR no").c("QUIT"),
    ),
    (
        "order.smtp-refused-greeting",
        Wire().connect().s("554 no").c("EHLO c"),
        Wire().connect().s("554 no").c("QUIT"),
    ),
    (
        "order.smtp-421",
        smtp().c("NOOP").s("421 bye").c("RSET"),
        smtp().c("NOOP").s("421 x").c("QUIT"),
    ),
    ("order.smtp-421", smtp().c("NOOP").s("421 bye").c("RSET"), smtp().s("421 bye").c("RSET")),
    (
        "login.pass-after-user",
        pop3().c("USER a").s("+OK").c("CAPA").s("-ERR").c("PASS b"),
        pop3().c("USER a").s("+OK").c("PASS b"),
    ),
    (
        "login.no-pass-after-refused-user",
        pop3().c("USER a").s("-ERR").c("PASS b"),
        pop3().c("USER a").s("-ERR").c("QUIT"),
    ),
    ("login.apop-digest", pop3().c(f"APOP a {DIGEST.upper()}"), pop3().c(f"APOP a b {DIGEST}")),
    (
        "login.apop-needs-timestamp",
        Wire().connect().s("+OK <none").c(f"APOP a {DIGEST}"),
        Wire().connect().s("+OK a <1@b> c").c(f"APOP a {DIGEST}"),
    ),
    (
        "login.no-pass-after-apop",
        pop3()
        .call("pop3.fetch")
        .c(f"APOP a {DIGEST}")
        .s("-ERR")
        .c("USER a")
        .s("+OK")
        .c("PASS b")
        .s("-ERR")
        .result("auth-failed"),
        pop3()
        .call("pop3.apop")
        .c(f"APOP a {DIGEST}")
        .s("-ERR")
        .result("refused")
        .call("pop3.user")
        .c("USER a")
        .s("+OK")
        .c("PASS b")
        .s("-ERR")
        .result("refused"),
    ),
    (
        "login.before-maildrop",
        pop3().c("USER a").s("+OK").c("PASS b").s("-ERR").c("STAT"),
        pop3().c("AUTH PLAIN =").s("+OK").c("STAT"),
    ),
    (
        "login.once",
        mailbox().c("USER a"),
        pop3().c("USER a").s("+OK").c("PASS b").s("-ERR").c("USER a"),
    ),
    ("login.once", mailbox().c("STLS"), pop3().c("STLS")),
    ("sasl.initial-response", pop3().c("AUTH PLAIN a"), pop3().c("AUTH PLAIN =")),
    (
        "sasl.initial-response",
        smtp("AUTH PLAIN").c("AUTH PLAIN =="),
        smtp("AUTH PLAIN").c("AUTH PLAIN AGEAYg=="),
    ),
    (
        "sasl.response",
        smtp("AUTH PLAIN").c("AUTH PLAIN").s("334 ").c("="),
        smtp("AUTH PLAIN").c("AUTH PLAIN").s("334 ").c("*"),
    ),
    (
        "sasl.response",
        pop3().c("AUTH PLAIN").s("+ ").c("AGEAYg"),
        pop3().c("AUTH PLAIN").s("+ ").c(""),
    ),
    (
        "sasl.server-first",
        smtp("AUTH CRAM-MD5").c("AUTH cram-md5 YQ=="),
        smtp("AUTH CRAM-MD5").c("AUTH CRAM-MD5"),
    ),
    ("sasl.mechanism-name", pop3().c("AUTH A.B"), pop3().c("AUTH")),
    (
        "sasl.smtp-offered",
        smtp("AUTH LOGIN").c("AUTH PLAIN"),
        smtp("AUTH=LOGIN PLAIN").c("AUTH plain"),
    ),
    (
        "sasl.smtp-offered",
        smtp("AUTH LOGIN", "AUTH GSSAPI").c("AUTH PLAIN"),
        smtp("AUTH LOGIN", "AUTH GSSAPI").c("AUTH LOGIN"),
    ),
    (
        "sasl.smtp-offered",
        smtp("AUTH LOGIN", "X-LIKE AUTH=PLAIN").c("AUTH PLAIN"),
        smtp("AUTH PLAIN LOGIN", "auth=LOGIN").c("AUTH PLAIN"),
    ),
    (
        "sasl.smtp-offered",
        Wire().connect().s("220 h").c("HELO c").s("250 AUTH PLAIN").c("AUTH PLAIN"),
        smtp("AUTH PLAIN").c("AUTH PLAIN"),
    ),
    (
        "sasl.smtp-offered",
        smtp("AUTH LOGIN").call("smtp.auth", mech="X").c("AUTH X").s("504 no").result("refused"),
        smtp("AUTH LOGIN")
        .call("smtp.auth", mech="X", answers_b64=[])
        .c("AUTH X")
        .s("504 no")
        .result("refused"),
    ),
    (
        "sasl.smtp-once",
        smtp("AUTH PLAIN").c("AUTH PLAIN =").s("235 ok").c("AUTH PLAIN ="),
        smtp("AUTH PLAIN").c("AUTH PLAIN =").s("535 no").c("AUTH PLAIN ="),
    ),
    (
        "sasl.smtp-outside-transaction",
        smtp("AUTH PLAIN").c("MAIL FROM:<a@b>").s("250 ok").c("AUTH PLAIN ="),
        smtp("AUTH PLAIN").c("MAIL FROM:<a@b>").s("530 no").c("AUTH PLAIN ="),
    ),
    (
        "envelope.hello-first",
        Wire().connect().s("220 h").c("EHLO c").s("502 no").c("MAIL FROM:<a@b>"),
        Wire().connect().s("220 h").c("HELO c").s("250 h").c("MAIL FROM:<a@b>"),
    ),
    (
        "envelope.mail-first",
        smtp().c("MAIL FROM:<a@b>").s("550 no").c("RCPT TO:<c@d>"),
        smtp().c("MAIL FROM:<a@b>").s("250 ok").c("RCPT TO:<c@d>"),
    ),
    (
        "envelope.one-transaction",
        envelope().c("MAIL FROM:<e@f>"),
        envelope().c("RSET").s("250 ok").c("MAIL FROM:<e@f>"),
    ),
    (
        "envelope.recipient-first",
        smtp().c("MAIL FROM:<a@b>").s("250 ok").c("RCPT TO:<c@d>").s("550 no").c("DATA"),
        envelope().c("RCPT TO:<e@f>").s("550 no").c("DATA"),
    ),
    ("envelope.path-form", smtp().c("MAIL FROM: <a@b>"), smtp().c("mail from:<>")),
    (
        "envelope.path-form",
        smtp().c("MAIL FROM:<a@b>").s("250 ok").c("RCPT TO:c@d"),
        smtp().c("MAIL FROM:<a@b>").s("250 ok").c('RCPT TO:<"a >b"@d>'),
    ),
    (
        "envelope.offered-parameters",
        smtp().c("MAIL FROM:<a@b> SIZE=10"),
        smtp("SIZE").c("MAIL FROM:<a@b> SIZE=10"),
    ),
    (
        "envelope.offered-parameters",
        envelope("SIZE").c("RCPT TO:<c@d> NOTIFY=NEVER"),
        envelope("DSN").c("RCPT TO:<c@d> NOTIFY=NEVER"),
    ),
    (
        "envelope.parameters-once",
        smtp("SIZE").c("MAIL FROM:<a@b> SIZE=1 SIZE=2"),
        smtp("SIZE", "8BITMIME").c("MAIL FROM:<a@b> SIZE=1 BODY=7BIT"),
    ),
    (
        "envelope.parameters-once",
        smtp("DSN").c("MAIL FROM:<a@b> RET=FULL RET=HDRS"),
        smtp("AUTH").c("MAIL FROM:<a@b> AUTH=<> AUTH=<>"),
    ),
    ("message.after-354", envelope().c("DATA", "x", ".").s("354 go"), data(b"x\r\n.\r\n")),
    (
        "message.after-354",
        envelope().c("DATA").s("550 no").c("Subject: x"),
        envelope().c("DATA").s("550 no").c("RSET"),
    ),
    ("message.dot-stuffed", data(b".x\r\n.\r\n"), data(b"..x\r\n.\r\n")),
    ("message.dot-stuffed", data(b"a\r\n.x\r\n.\r\n"), data(b"a.x\r\n...\r\n.\r\n")),
    ("message.dot-stuffed", data(b"a\r\n.x\r\n"), data(b"a\r\n.\r")),
    ("message.crlf-only", data(b"a\nb\r\n.\r\n"), data(b"a\r\nb\r\n.\r\n")),
    ("message.crlf-only", data(b"a\rb\r\n.\r\n"), data(b".\r\n")),
    (
        "message.line-length",
        data(b"x" * 999 + b"\r\n.\r\n"),
        data(b".." + b"x" * 997 + b"\r\n.\r\n"),
    ),
    ("message.seven-bit", data(b"\xe9\r\n.\r\n"), data(b"\xe9\r\n.\r\n", "8BITMIME")),
    (
        "order.early-reply",
        smtp().s("250 surplus").c("MAIL FROM:<a@b>").c("RCPT TO:<c@d>"),
        smtp().s("250 surplus").c("MAIL FROM:<a@b>").c("QUIT"),
    ),
    (
        "order.early-reply",
        gives_up_on_empty_line().s("250 h").c("MAIL FROM:<a@b>"),
        gives_up_on_empty_line().s("250 h").c("QUIT"),
    ),
    (
        "order.one-at-a-time",
        greeted().c("EHLO c").s("250 fine").c("HELO c").c("MAIL FROM:<a@b>"),
        gives_up_on_empty_line().c("MAIL FROM:<a@b>").s("250 h"),
    ),
    (
        "order.one-at-a-time",
        mailbox().c("STAT").s_raw(b"+OK 2 3").c("NOOP"),
        mailbox().c("STAT").s_raw(b"+OK 2 320\n").c("NOOP").s("+OK").c("LIST"),
    ),
    (
        "order.one-at-a-time",
        Wire().connect().s("220 h").c("EHLO c").s("250 h").c_raw(b"HELO c\r\nRSET\r\n"),
        Wire().connect().s("220 h").c("EHLO c").s("", "250 h").c_raw(b"HELO c\r\nRSET\r\n"),
    ),
    ("tls.offered", offering("UIDL").c("STLS"), offering("STLS").c("STLS")),
    ("tls.offered", offering("..STLS").c("STLS"), offering("STLS", "STLS X").c("STLS")),
    ("tls.offered", smtp("SIZE").c("STARTTLS"), smtp("STARTTLS").c("STARTTLS")),
    (
        "tls.handshake-next",
        offering("STLS").c("STLS").s("+OK").c("QUIT"),
        begun(offering("STLS"), "STLS", "+OK").c("QUIT"),
    ),
    (
        "tls.handshake-next",
        smtp("STARTTLS").c("STARTTLS").s("220 go").c("EHLO c"),
        smtp("STARTTLS").c("STARTTLS").s("454 no").c("EHLO c"),
    ),
    (
        "tls.handshake-next",
        smtp("STARTTLS").c("STARTTLS").s("220-go", "220 on").c("QUIT"),
        smtp("STARTTLS").c("STARTTLS").s("250 fine").c("QUIT"),
    ),
    (
        "tls.once",
        begun(offering("STLS"), "STLS", "+OK").c("CAPA").s("+OK", "STLS", ".").c("STLS"),
        begun(offering("STLS"), "STLS", "+OK").c("CAPA").s("+OK", "STLS", ".").c("QUIT"),
    ),
    (
        "tls.smtp-hello-again",
        begun(smtp("STARTTLS"), "STARTTLS", "220 go").c("MAIL FROM:<a@b>"),
        begun(smtp("STARTTLS"), "STARTTLS", "220 go").c("EHLO c"),
    ),
    (
        "chunk.offered",
        envelope("SIZE").c("BDAT 1 LAST").c_raw(b"x"),
        envelope("CHUNKING").c("BDAT 1 LAST").c_raw(b"x"),
    ),
    (
        "chunk.reset-after-refusal",
        envelope("CHUNKING").c("BDAT 1").c_raw(b"x").s("552 no").c("BDAT 1 LAST").c_raw(b"x"),
        envelope("CHUNKING").c("BDAT 1").c_raw(b"x").s("552 no").c("RSET").s("250 ok"),
    ),
    (
        "envelope.recipient-first",
        smtp("CHUNKING").c("MAIL FROM:<a@b>").s("250 ok").c("BDAT 0 LAST"),
        envelope("CHUNKING").c("BDAT 0 LAST"),
    ),
    (
        "envelope.offered-parameters",
        smtp("8BITMIME").c("MAIL FROM:<a@b> BODY=BINARYMIME"),
        smtp("BINARYMIME").c("MAIL FROM:<a@b> BODY=BINARYMIME"),
    ),
    (
        "sasl.smtp-offered",
        begun(smtp("STARTTLS", "AUTH PLAIN"), "STARTTLS", "220 go").c("AUTH PLAIN AGEAYg=="),
        secured(smtp("AUTH PLAIN"))
        .c("EHLO c")
        .s("250-h", "250 AUTH PLAIN")
        .c("AUTH PLAIN AGEAYg=="),
    ),
    ("login.unasked", logged_in("none"), logged_in("auth")),
    *NAMES,
    *OUTCOMES,
    *SYNTAX,
]

SECRECY: list[tuple[str, str, Wire, Wire]] = [
    (
        "secrecy.pop3-login",
        "pop3",
        pop3().c("USER a").s("+OK").c("PASS b"),
        secured(pop3()).c("USER a").s("+OK").c("PASS b"),
    ),
    ("secrecy.pop3-login", "pop3", pop3().c("AUTH PLAIN"), pop3().c("AUTH")),
    (
        "secrecy.smtp-login",
        "smtp",
        smtp("AUTH PLAIN").c("AUTH PLAIN AGEAYg=="),
        secured(smtp("AUTH PLAIN")).c("AUTH PLAIN AGEAYg=="),
    ),
    ("secrecy.smtp-mail", "smtp", envelope(), smtp().c("QUIT")),
]
