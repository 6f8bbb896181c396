"""The good path of each claimed feature, against servers that are correct.

What such a server refuses is the client's fault, and the cases judge it; an op that does
not succeed although nothing was refused is the adapter's.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from conformance.doctor.scene import (
    LIMIT_S,
    MESSAGE,
    SECRET,
    USER,
    connect_args,
    goal_args,
    goal_of,
    good_server,
    tls_args,
)
from conformance.subject import Answer, Subject, compose
from fake_servers.log import EventLog, Kind

REFUSAL = re.compile(rb"-ERR|[45][0-9][0-9]")
NEEDED_VALUES: Mapping[str, Sequence[str]] = {
    "pop3.retr": ("data",),
    "pop3.stat": ("count", "octets"),
}

MECHS = (
    "PLAIN",
    "LOGIN",
    "CRAM-MD5",
    "SCRAM-SHA-1",
    "SCRAM-SHA-256",
    "OAUTHBEARER",
    "XOAUTH2",
    "ANONYMOUS",
)
"""EXTERNAL is tried apart: it needs a certificate of the client's."""
WHO = {"user": USER, "secret": SECRET}

Step = tuple[str, Mapping[str, Any], str]
"""An op, its arguments, and the feature that must be claimed for it beside the protocol."""

POP3_STEPS: Sequence[Step] = (
    ("pop3.stat", {}, ""),
    ("pop3.list", {}, "pop3.list"),
    ("pop3.uidl", {}, "pop3.uidl"),
    ("pop3.retr", {"n": 1}, ""),
    ("pop3.top", {"n": 1, "lines": 0}, "pop3.top"),
    ("pop3.dele", {"n": 1}, "pop3.dele"),
    ("pop3.rset", {}, "pop3.rset"),
    ("pop3.noop", {}, "pop3.noop"),
)
SMTP_STEPS: Sequence[Step] = (
    ("smtp.noop", {}, "smtp.noop"),
    ("smtp.vrfy", {"arg": "b"}, "smtp.vrfy"),
    ("smtp.mail", {"from": "a@client.example", "params": []}, "smtp.rset"),
    ("smtp.rset", {}, "smtp.rset"),
    ("smtp.mail", {"from": "a@client.example", "params": []}, ""),
    ("smtp.rcpt", {"to": "b@server.example", "params": []}, ""),
    ("smtp.data", {"message": MESSAGE}, ""),
)


def check(subject: Subject) -> Iterator[str]:
    """A sentence for each claimed feature whose good path does not work."""
    for protocol in ("pop3", "smtp"):
        if protocol not in subject.features:
            continue
        for login, mech in logins(subject, protocol):
            if subject.has_steps:
                yield from _steps(subject, protocol, login, mech)
            if subject.has_goals:
                yield from _goal(subject, protocol, login, mech)
        for tls in ("implicit", "starttls"):
            if f"tls.{tls}" in subject.features:
                yield from _tls(subject, protocol, tls)
        if {f"{protocol}.auth.external", "client-cert", "tls.implicit"} <= subject.features:
            yield from _external(subject, protocol)
    yield from _helo(subject)


def logins(subject: Subject, protocol: str) -> Iterator[tuple[str, str]]:
    """Each way to log in that is claimed, with its mechanism for `auth`."""
    if protocol == "smtp":
        yield "none", ""
    else:
        for way in ("user", "apop"):
            if f"pop3.{way}" in subject.features:
                yield way, ""
    for mech in MECHS:
        if f"{protocol}.auth.{mech.lower()}" in subject.features:
            yield "auth", mech


def _steps(subject: Subject, protocol: str, login: str, mech: str) -> Iterator[str]:
    """One session by ops; the first login of a protocol goes through all of them."""
    is_first = (login, mech) == next(logins(subject, protocol))
    steps = POP3_STEPS if protocol == "pop3" else SMTP_STEPS
    opening: list[Step] = [("pop3.capa", {}, "pop3.capa")]
    if protocol == "smtp":
        opening = [("smtp.ehlo", {"name": "client.example"}, "")]
    if login == "auth":
        opening.append((f"{protocol}.auth", {"mech": mech, **WHO}, ""))
    elif login != "none":
        opening.append((f"pop3.{login}", WHO, ""))
    with good_server(protocol, sasl=mech, apop=login == "apop") as server:
        first: Step = (f"{protocol}.connect", connect_args(server.port), "")
        last: list[Step] = [(f"{protocol}.quit", {}, ""), (f"{protocol}.close", {}, "")]
        for op, args, feature in [first, *opening, *(steps if is_first else ()), *last]:
            if feature and feature not in subject.features:
                continue
            answer = subject.call(op, args, LIMIT_S)
            if answer.outcome != "ok":
                if not _has_refused(server.log):
                    yield _unlike_ok(subject, op, mech or feature, answer)
                break
            for name in NEEDED_VALUES.get(op, ()):
                if answer.value.get(name) is None:
                    yield f"{op} gives ok and no value {name}; driver.schema.json has its values"
    subject.call(f"{protocol}.close", {}, LIMIT_S)


def _has_refused(log: EventLog) -> bool:
    """Whether the server said no to anything, for which it had its reason."""
    return any(event.kind is Kind.TX and REFUSAL.match(event.octets) is not None for event in log)


def _unlike_ok(subject: Subject, op: str, feature: str, answer: Answer) -> str:
    claimed = f" ({feature} is claimed)" if feature else ""
    stderr = subject.take_stderr().strip().splitlines()
    hint = f"; its stderr ends: {stderr[-1]}" if stderr else ""
    return (
        f"{op} gives {answer.outcome} at a server that does everything right{claimed}; "
        f"it must give ok, or the feature must not be claimed{hint}"
    )


def _goal(subject: Subject, protocol: str, login: str, mech: str) -> Iterator[str]:
    """One whole session."""
    name = goal_of(protocol)
    with good_server(protocol, sasl=mech, apop=login == "apop") as server:
        args = goal_args(subject, protocol, server.port) | {"login": login}
        if login != "none":
            args |= WHO
        if mech:
            args["mech"] = mech
        with tempfile.TemporaryDirectory(prefix="mailspec-doctor-") as folder:
            answer = subject.goal(name, args, LIMIT_S, Path(folder))
    if answer.outcome == "unsupported" and subject.has_steps:
        return
    if answer.outcome != "ok":
        if not _has_refused(server.log):
            yield _unlike_ok(subject, f"{name} login={login}", mech, answer)
    elif protocol == "smtp" and not server.delivered:
        yield f"{name} gives ok, and the server has no message"
    elif protocol == "pop3" and not any(row[1] for row in answer.value.get("messages", [])):
        yield f"{name} gives ok and no message; is the place of its data right?"


def _tls(subject: Subject, protocol: str, tls: str) -> Iterator[str]:
    """A session over TLS, whose server has a good certificate."""
    login, mech = next(logins(subject, protocol), ("own", ""))
    with good_server(protocol, sasl=mech, apop=login == "apop", tls=tls) as server:
        who = WHO if login != "none" else {}
        named = {"mech": mech} if mech else {}
        args = goal_args(subject, protocol, server.port) | tls_args(server.port, tls)
        answer = _whole(subject, protocol, args | {"login": login, **who, **named})
    if answer.outcome != "ok" and not _has_refused(server.log):
        yield _unlike_ok(subject, f"{goal_of(protocol)} over TLS", f"tls.{tls}", answer)


def _external(subject: Subject, protocol: str) -> Iterator[str]:
    """A session over TLS in which the client's certificate says who it is."""
    from fake_servers.tls import CLIENT, client_files

    with good_server(protocol, sasl="EXTERNAL", tls="implicit", user=CLIENT) as server:
        args = goal_args(subject, protocol, server.port) | tls_args(server.port, "implicit")
        args |= {"login": "auth", "mech": "EXTERNAL", "user": "", "secret": ""}
        certificate, key = map(str, client_files())
        files = {"client_cert": certificate, "client_key": key}
        answer = _whole(subject, protocol, args | files)
    if answer.outcome != "ok" and not _has_refused(server.log):
        yield _unlike_ok(subject, f"{goal_of(protocol)} by EXTERNAL", "EXTERNAL", answer)


def _whole(subject: Subject, protocol: str, args: Mapping[str, Any]) -> Answer:
    """A session by the client's own goal, or made of its ops."""
    if subject.has_goals:
        with tempfile.TemporaryDirectory(prefix="mailspec-doctor-") as folder:
            return subject.goal(goal_of(protocol), args, LIMIT_S, Path(folder))
    ask = partial(subject.call, limit_s=LIMIT_S)
    return compose.play(goal_of(protocol), args, subject.features, ask)


def _helo(subject: Subject) -> Iterator[str]:
    if not subject.has_steps or not {"smtp", "smtp.helo"} <= subject.features:
        return
    with good_server("smtp") as server:
        subject.call("smtp.connect", connect_args(server.port), LIMIT_S)
        answer = subject.call("smtp.helo", {"name": "client.example"}, LIMIT_S)
        if answer.outcome != "ok" and not _has_refused(server.log):
            yield _unlike_ok(subject, "smtp.helo", "smtp.helo", answer)
        subject.call("smtp.quit", {}, LIMIT_S)
        subject.call("smtp.close", {}, LIMIT_S)
