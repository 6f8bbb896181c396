"""The correct servers that the doctor examines a subject with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from conformance.subject import Subject
from fake_servers.listen_address import LOOPBACK, listen_address
from fake_servers.log import EventLog
from fake_servers.reactive import open_server
from fake_servers.reactive.server import ReactiveServer
from fake_servers.trace.parser import parse_text
from fake_servers.trace.template import Bindings
from fake_servers.wire.delivery import VARIANTS

USER = "mrose"
SECRET = "tanstaaf"
WHO = {"user": USER, "secret": SECRET}
MESSAGE = b"Subject: one\r\n\r\n.two dots\r\n"
TIMEOUT_MS = 2000
LIMIT_S = 5.0

_POP3 = """\
id:      pop3.doctor
title:   A maildrop with one message
needs:   pop3
proves:  RFC1939-3-GREET-01
goal:    pop3.list login=user user=mrose secret=tanstaaf
server:  users=[{users}] caps=[UIDL, TOP, USER] sasl=[{sasl}] apop={apop}{tls}

M: 1
D: Subject: one
D:
D: .two dots
R: ok
"""

_SMTP = """\
id:      smtp.doctor
title:   A server that takes every message
needs:   smtp
proves:  RFC5321-3.1-GREET-01
goal:    smtp.send login=none from=a@client.example to=[b@server.example]
server:  users=[{users}] caps=[8BITMIME] sasl=[{sasl}]{tls}

D: Subject: one
R: ok
"""


def good_server(
    protocol: str, *, sasl: str = "", apop: bool = False, tls: str = "", user: str = USER
) -> ReactiveServer:
    """A correct server that offers this mechanism. Without one, an SMTP server accepts mail from
    anybody.

    tls  `starttls` or `implicit`, empty for a server without TLS
    """
    users = f"[{user}, {SECRET}]" if sasl or protocol == "pop3" else ""
    text = _POP3 if protocol == "pop3" else _SMTP
    offered = f" tls={tls}" if tls else ""
    text = text.format(users=users, sasl=sasl, apop="yes" if apop else "no", tls=offered)
    trace = parse_text(text, Path("doctor.trace"))
    return open_server(trace, EventLog(), VARIANTS["whole"], Bindings(1, trace.id))


def connect_args(port: int, timeout_ms: int = TIMEOUT_MS) -> dict[str, Any]:
    """The arguments of connect, and of each goal."""
    return {
        "host": listen_address().client_host(LOOPBACK),
        "port": port,
        "tls": "none",
        "policy": "clear",
        "timeout_ms": timeout_ms,
    }


def tls_args(port: int, tls: str) -> dict[str, Any]:
    """The arguments of connect if the server has this kind of TLS."""
    from fake_servers.wire.certificates import ca_file

    begins = "implicit" if tls == "implicit" else "none"
    return connect_args(port) | {"tls": begins, "policy": "tls", "ca": str(ca_file())}


def goal_args(
    subject: Subject, protocol: str, port: int, timeout_ms: int = TIMEOUT_MS
) -> dict[str, Any]:
    """The arguments of a goal, except for its login."""
    args = connect_args(port, timeout_ms)
    if protocol == "pop3":
        return args | {"n": "all" if subject.fetches_all else [1]}
    return args | {
        "name": "client.example",
        "from": "a@client.example",
        "to": ["b@server.example"],
        "message": MESSAGE,
    }


def goal_of(protocol: str) -> str:
    """The goal that the doctor uses for a protocol."""
    return "pop3.fetch" if protocol == "pop3" else "smtp.send"
