"""Logs about the syntax of commands and parameters, and about what comes twice or too late."""

from __future__ import annotations

from conformance.test.model.monitor_logs import envelope, mailbox
from conformance.test.wires import Wire, pop3, smtp


def mail(parameters: str, *capabilities: str) -> Wire:
    """A session with MAIL and these parameters, whose extensions are offered."""
    return smtp("SIZE", "8BITMIME", "AUTH PLAIN", "SMTPUTF8", "DSN", *capabilities).c(
        f"MAIL FROM:<a@b> {parameters}"
    )


def rcpt(parameters: str) -> Wire:
    """A session with RCPT and these parameters, whose extension is offered."""
    return envelope("DSN", "SMTPUTF8").c(f"RCPT TO:<a@b> {parameters}")


def challenged(response: str) -> Wire:
    """An SMTP exchange of AUTH with this response."""
    return smtp("AUTH PLAIN").c("AUTH PLAIN").s("334 ").c(response)


def answers_itself(response: str) -> Wire:
    """The same, where the caller gives the response."""
    wire = smtp("AUTH PLAIN").call("smtp.auth", mech="PLAIN", answers_b64=[response])
    return wire.c("AUTH PLAIN").s("334 ").c(response).s("535 no").result("refused")


def late(wire: Wire, op: str, command: str, reply: str) -> Wire:
    """A call that gives up waiting; the reply comes afterwards."""
    return wire.call(op).c(command).result("timeout").s(reply)


def helo() -> Wire:
    """An SMTP session after HELO."""
    return Wire().connect().s("220 h").c("HELO c").s("250 h")


_BLANKS = [
    (smtp().c("DATA "), smtp().c("DATA")),
    (smtp().c("MAIL FROM:<a@b> "), smtp().c("MAIL FROM:<a@b>")),
    (smtp("SIZE").c("MAIL FROM:<a@b>  SIZE=1"), smtp("SIZE").c("MAIL FROM:<a@b> SIZE=1")),
    (smtp("AUTH PLAIN").c("AUTH  PLAIN ="), smtp("AUTH PLAIN").c("AUTH PLAIN =")),
    (smtp().c(" NOOP"), smtp().c('VRFY "a  b "')),
    (smtp().c("QUIT\t"), smtp().c('MAIL FROM:<"a  b"@c>')),
]

_ARGUMENTS = [
    (mailbox().c("STAT 1"), mailbox().c("STAT")),
    (mailbox().c("NOOP x"), mailbox().c("LIST 1")),
    (pop3().c("QUIT now"), pop3().c("QUIT")),
    (mailbox().c("RSET 1"), mailbox().c("UIDL")),
    (pop3().c("CAPA x"), pop3().c("AUTH PLAIN =")),
    (pop3().c("STLS x"), pop3().c("STLS")),
    (mailbox().c("RETR"), mailbox().c("RETR 1")),
    (mailbox().c("DELE 1 2"), mailbox().c("TOP 1 2")),
    (mailbox().c("LIST 1 2"), mailbox().c("LIST 2")),
    (pop3().c("USER "), pop3().c("USER a b c")),
    (pop3().c("USER a").s("+OK").c("PASS"), pop3().c("USER a").s("+OK").c("PASS   ")),
]

_FORMS = [
    (mail("SIZE="), mail("SIZE=1")),
    (mail("-SIZE=1"), mail("X-Y=-1", "X-Y")),
    (mail("A_B", "A_B"), mail("A-B", "A-B")),
    (mail("SIZE=1=2"), mail("AUTH=<>")),
    (mail("AUTH=<> RET="), mail("AUTH=<> RET=FULL")),
    (rcpt("NOTIFY="), rcpt("ORCPT=utf-8;é@b")),
]

_VALUES = [
    ("size", mail("SIZE=1k"), mail("SIZE=01")),
    ("size", mail("SIZE=" + "1" * 21), mail("size=" + "1" * 20)),
    ("size", mail("SIZE"), mail("RET=FULL")),
    ("body", mail("BODY=8BIT"), mail("BODY=8bitmime")),
    ("auth", mail("AUTH=a+2b"), mail("AUTH=a+2Bb@c")),
    ("smtputf8", mail("SMTPUTF8=1"), mail("SMTPUTF8")),
    ("ret", mail("RET=HEADERS"), mail("RET=hdrs")),
    ("notify", rcpt("NOTIFY=NEVER,DELAY"), rcpt("NOTIFY=success,DELAY,FAILURE")),
    ("notify", rcpt("NOTIFY=SUCCESS,"), rcpt("NOTIFY=NEVER")),
    ("orcpt", rcpt("ORCPT=a@b"), rcpt("ORCPT=rfc822;a@b")),
    ("orcpt", rcpt("ORCPT=;a@b"), rcpt("ORCPT=utf-8;é@b")),
]

SYNTAX: list[tuple[str, Wire, Wire]] = [
    (
        "envelope.path-form",
        smtp().c("MAIL FROM:<a@b>AUTH=<>"),
        smtp().c('MAIL FROM:<"a> b"@c> AUTH=<>'),
    ),
    *(("line.smtp-single-blanks", guilty, innocent) for guilty, innocent in _BLANKS),
    *(("line.pop3-arguments", guilty, innocent) for guilty, innocent in _ARGUMENTS),
    *(("parameter.form", guilty, innocent) for guilty, innocent in _FORMS),
    *((f"parameter.{name}", guilty, innocent) for name, guilty, innocent in _VALUES),
    ("dsn.xtext", rcpt("ORCPT=utf-8;é=b"), rcpt("ORCPT=utf-8;é+40b")),
    ("envelope.offered-parameters", smtp().c("MAIL FROM:<a@b> AUTH=<>"), mail("AUTH=<>")),
    (
        "line.smtp-length",
        smtp().c("VRFY " + "x" * 515),
        smtp("SMTPUTF8").c("VRFY " + "x" * 515),
    ),
    ("sasl.no-command", challenged("QUIT"), challenged("QUJD")),
    ("sasl.no-command", challenged("quit"), challenged("*")),
    ("sasl.no-command", challenged("EHLO c"), challenged("EHLO")),
    ("sasl.no-command", challenged("RSET"), answers_itself("RSET")),
    (
        "sasl.no-command",
        pop3().c("AUTH PLAIN").s("+ ").c("USER a"),
        pop3().c("AUTH PLAIN").s("-ERR").c("USER a"),
    ),
    (
        "order.after-timeout",
        late(smtp(), "smtp.noop", "NOOP", "250 ok").call("smtp.rset").c("RSET"),
        late(smtp(), "smtp.noop", "NOOP", "250 ok").call("smtp.quit").c("QUIT"),
    ),
    (
        "order.after-timeout",
        late(mailbox(), "pop3.noop", "NOOP", "+OK").c("STAT"),
        late(mailbox(), "pop3.noop", "NOOP", "+OK").connect().s("+OK").c("CAPA"),
    ),
    (
        "order.after-timeout",
        Wire().call("smtp.connect").connect().result("timeout").s("220 h").c("EHLO c"),
        Wire().call("smtp.connect").connect().s("220 h").result("ok").c("EHLO c"),
    ),
    ("envelope.hello-again", helo().c("EHLO c"), helo().c("MAIL FROM:<>")),
    (
        "envelope.hello-again",
        helo().c("RSET").s("250 ok").c("EHLO c"),
        Wire().connect().s("220 h").c("HELO c").s("500 no").c("EHLO c").s("250 h").c("EHLO c"),
    ),
    (
        "envelope.hello-again",
        helo().c("EHLO c"),
        helo().c("STARTTLS").s("220 go").tls("up").c("EHLO c"),
    ),
    (
        "sasl.token-refusal",
        smtp("AUTH OAUTHBEARER").c("AUTH OAUTHBEARER YQ==").s("334 eyJzdGF0dXMiOiI0MDEifQ==").c(""),
        smtp("AUTH OAUTHBEARER")
        .c("AUTH OAUTHBEARER YQ==")
        .s("334 eyJzdGF0dXMiOiI0MDEifQ==")
        .c("AQ=="),
    ),
    (
        "sasl.token-refusal",
        pop3().c("AUTH XOAUTH2").s("+ ").c("YQ==").s("+ eyJzdGF0dXMiOiI0MDEifQ==").c("AQ=="),
        pop3().c("AUTH XOAUTH2").s("+ ").c("YQ==").s("+ eyJzdGF0dXMiOiI0MDEifQ==").c(""),
    ),
    (
        "sasl.token-refusal",
        pop3().c("AUTH XOAUTH2 YQ==").s("+ eyJzdGF0dXMiOiI0MDEifQ==").c("YQ=="),
        pop3().c("AUTH XOAUTH2").s("+ eyJzdGF0dXMiOiI0MDEifQ==").c("YQ=="),
    ),
]
