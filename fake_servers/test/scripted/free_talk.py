"""States of a session, each by the exchanges that lead to it, for the tests of free commands."""

from __future__ import annotations

from collections.abc import Callable

from fake_servers.test.scripted.scripted_client import HEAD, Client, ScriptedRun

SMTP_HEAD = HEAD.replace("pop3", "smtp")
VARIANTS = ["whole", "octets", "crlf", "coalesced"]
HELLO_REPLY = "250-s.example\r\n250-PIPELINING\r\n250 HELP\r\n"

SMTP = {
    "GREETED": [("", "220 s.example\r\n")],
    "READY": [("EHLO c.example\r\n", HELLO_REPLY)],
    "MAIL": [("MAIL FROM:<a@c.example>\r\n", "250 ok\r\n")],
    "RCPT": [("RCPT TO:<b@s.example>\r\n", "250 ok\r\n")],
    "REFUSED": [("DATA\r\n", "451 not now\r\n")],
}
"""For each state, the exchanges that lead to it from the state before."""

POP3 = {
    "AUTHORIZATION": [("", "+OK ready\r\n")],
    "TRANSACTION": [("USER a\r\n", "+OK\r\n"), ("PASS b\r\n", "+OK\r\n")],
}
STATES = {"smtp": SMTP, "pop3": POP3}


def lead_to(protocol: str, state: str) -> list[tuple[str, str]]:
    """The exchanges up to a state."""
    said: list[tuple[str, str]] = []
    for name, exchanges in STATES[protocol].items():
        said += exchanges
        if name == state:
            return said
    raise AssertionError(state)


def timeline(exchanges: list[tuple[str, str]]) -> str:
    """These exchanges as a trace in one call, and its result."""
    lines = []
    for sent, reply in exchanges:
        lines += [f"C| {sent!r}".replace("'", "")] if sent else []
        lines += [f"S| {reply!r}".replace("'", "")]
    return "\n".join(["A: any.op", *lines, "R: ok", ""])


def say(client: Client, sent: str, reply: str) -> None:
    """One exchange, on the client's side."""
    client.say(sent.encode())
    client.hear(reply.encode())


def saying(*exchanges: tuple[str, str]) -> Callable[[Client], None]:
    """The client's side of these exchanges."""

    def act(client: Client) -> None:
        for sent, reply in exchanges:
            say(client, sent, reply)

    return act


def head(protocol: str, strict: str = "") -> str:
    """The header of a trace of this protocol."""
    base = HEAD if protocol == "pop3" else SMTP_HEAD
    return f"{base}strict: {strict}\n" if strict else base


def infos(played: ScriptedRun) -> list[str]:
    """The first words of what was noted; there is nothing else."""
    assert [each for each in played.findings if not each.info] == []
    return [each.actual.split("\\r")[0] for each in played.findings]


NOOP = ("NOOP\r\n", "250 2.0.0 done\r\n")
ANYWHERE = [
    ("NOOP\r\n", "250 done\r\n"),
    ("noop hello\r\n", "250 done\r\n"),
    ("RSET\r\n", "250 reset\r\n"),
    ("VRFY b\r\n", "252 not verified, but mail for it is taken\r\n"),
    ("EXPN list\r\n", "252 lists are not shown\r\n"),
]
HELP = ("HELP\r\n", "214 see RFC 5321\r\n")
EHLO = ("EHLO c.example\r\n", HELLO_REPLY)
MAILBOX = [
    ("NOOP\r\n", "+OK\r\n"),
    ("STAT\r\n", "+OK 2 320\r\n"),
    ("LIST\r\n", "+OK\r\n1 120\r\n2 200\r\n.\r\n"),
    ("LIST 2\r\n", "+OK 2 200\r\n"),
    ("UIDL 1\r\n", "+OK 1 uid-1\r\n"),
    ("RSET\r\n", "+OK maildrop has 2 messages (320 octets)\r\n"),
]

NEXT = {
    "GREETED": ("EHLO d.example\r\n", "250 s.example\r\n"),
    "READY": ("MAIL FROM:<a@d.example>\r\n", "250 ok\r\n"),
    "MAIL": ("RCPT TO:<c@s.example>\r\n", "250 ok\r\n"),
    "RCPT": ("RCPT TO:<c@s.example>\r\n", "250 ok\r\n"),
    "REFUSED": ("STARTTLS\r\n", "502 no\r\n"),
    "AUTHORIZATION": ("USER c\r\n", "-ERR no\r\n"),
    "TRANSACTION": ("RETR 3\r\n", "-ERR no\r\n"),
}
"""The exchange with which the trace goes on in each state."""
