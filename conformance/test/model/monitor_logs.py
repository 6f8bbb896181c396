"""Sessions that the cases of the monitors begin with."""

from __future__ import annotations

from conformance.test.wires import Wire, pop3, smtp

DIGEST = "c4c9334bac560ecc979e58001b3e22fb"


def mailbox() -> Wire:
    """A POP3 session after a login."""
    return pop3().c("USER a").s("+OK").c("PASS b").s("+OK")


def envelope(*capabilities: str) -> Wire:
    """An SMTP session with MAIL and RCPT accepted."""
    wire = smtp(*capabilities).c("MAIL FROM:<a@b>").s("250 ok")
    return wire.c("RCPT TO:<c@d>").s("250 ok")


def greeted() -> Wire:
    """An SMTP session after the greeting."""
    return Wire().connect().s("220 h")


def gives_up_on_empty_line() -> Wire:
    """A client that reads an empty line as the whole reply to EHLO, and says HELO."""
    return greeted().c("EHLO c").s_raw(b"\r\n250 fine\r\n").c("HELO c")


def data(content: bytes, *capabilities: str) -> Wire:
    """An SMTP session in which these octets, terminator included, are the message."""
    return envelope(*capabilities).c("DATA").s("354 go").c_raw(content).s("250 ok")


def secured(wire: Wire) -> Wire:
    """The wire with TLS up from now on."""
    return wire.tls("up")


def begun(wire: Wire, verb: str, reply: str) -> Wire:
    """The wire with TLS asked for, accepted and up."""
    return secured(wire.c(verb).s(reply))


def offering(*capabilities: str) -> Wire:
    """A POP3 session after CAPA."""
    return pop3().c("CAPA").s("+OK", *capabilities, ".")


def by_number(*replies: str) -> Wire:
    """A list that a client asks for message by message."""
    wire = mailbox().call("pop3.list").c("STAT").s("+OK 2 23")
    for number, reply in enumerate(replies, start=1):
        wire.c(f"LIST {number}").s(reply)
    return wire


def listed_in_two_sessions() -> Wire:
    """A list whose second message is asked for in another session."""
    wire = Wire().call("pop3.list")
    for number, reply in ((1, "+OK 1 5"), (2, "+OK 2 7")):
        wire.connect().s("+OK").c("USER a").s("+OK").c("PASS b").s("+OK")
        wire.c(f"LIST {number}").s(reply).c("QUIT").s("+OK").server_closes()
    return wire


def logged_in(login: str) -> Wire:
    """A goal with this login, in which the client logs in."""
    wire = Wire().call("smtp.send", login=login).connect().s("220 h").c("EHLO c")
    wire.s("250-h", "250 AUTH PLAIN").c("AUTH PLAIN AGEAYg==").s("235 ok")
    return wire.c("QUIT").s("221 bye").result("refused")


LONG = "x" * 600
