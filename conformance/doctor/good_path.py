"""The good path of each claimed feature, against correct servers.

If such a server refuses something, the client is wrong, and the cases judge that. If an op fails
although nothing was refused, the adapter is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from conformance.doctor import pipelining, whole_session
from conformance.doctor.finding import DoctorFinding, of_feature, of_op
from conformance.doctor.good_servers import (
    LIMIT_S,
    MESSAGE,
    USER,
    WHO,
    connect_args,
    goal_args,
    goal_of,
    good_server,
    tls_args,
)
from conformance.doctor.unit import Check, examined, failure
from conformance.subject import Answer, Crashed, Hung, Subject
from fake_servers.log import EventLog, Kind

REFUSAL = re.compile(rb"-ERR|[45][0-9][0-9]")
NEEDED_VALUES: Mapping[str, Sequence[str]] = {
    "pop3.retr": ("data",),
    "pop3.stat": ("count", "octets"),
    "pop3.list": ("items",),
    "pop3.uidl": ("items",),
    "pop3.top": ("data",),
    "pop3.capa": ("caps",),
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
"""EXTERNAL has a check of its own, because it needs a client certificate."""

Step = tuple[str, Mapping[str, Any], str]
"""An op, its arguments, and the feature that it needs in addition to the protocol."""

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


Login = tuple[str, str]
"""A way to log in, and its mechanism for `auth`."""


def check(subject: Subject, protocol: str) -> Iterator[DoctorFinding]:
    """Yields a finding for each claimed feature whose good path does not work."""
    is_walked = False
    for login in logins(subject, protocol):
        feature = feature_of(protocol, login)
        failed = False
        if subject.has_steps:
            walk = partial(_steps, protocol=protocol, login=login, is_first=not is_walked)
            for finding in examined(subject, walk, feature):
                yield finding
                failed |= feature in finding.features
                if protocol in finding.features:
                    return
            is_walked |= not failed
        if (subject.has_goals or not subject.has_steps) and not failed:
            yield from examined(subject, partial(_goal, protocol=protocol, login=login), feature)
    for feature, one in _further(subject, protocol):
        yield from examined(subject, one, feature)


def _further(subject: Subject, protocol: str) -> Iterator[tuple[str, Check]]:
    """Checks that need a server or a session of their own, each with its feature."""
    for tls in ("implicit", "starttls"):
        if f"tls.{tls}" in subject.features:
            yield f"tls.{tls}", partial(_tls, protocol=protocol, tls=tls)
    external = f"{protocol}.auth.external"
    if {external, "client-cert", "tls.implicit"} <= subject.features:
        yield external, partial(_external, protocol=protocol)
    alone = {"smtp": ("smtp.helo", _helo), "pop3": ("pop3.user-alone", _user_alone)}
    feature, one = alone[protocol]
    if subject.has_steps and feature in subject.features:
        yield feature, one
    if subject.has_steps and f"{protocol}.pipelining" in subject.features:
        yield f"{protocol}.pipelining", partial(pipelining.check, protocol=protocol)


def feature_of(protocol: str, login: Login) -> str:
    """The feature that a way to log in needs."""
    way, mech = login
    if way == "auth":
        return f"{protocol}.auth.{mech.lower()}"
    return protocol if way == "none" else f"{protocol}.{way}"


def logins(subject: Subject, protocol: str) -> Iterator[Login]:
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


def _steps(
    subject: Subject, protocol: str, login: Login, is_first: bool
) -> Iterator[DoctorFinding]:
    """Sessions made of ops, each without the ops that failed in earlier ones. The first login that
    works runs all ops.
    """
    way, mech = login
    opening: list[Step] = [("pop3.capa", {}, "pop3.capa")]
    if protocol == "smtp":
        opening = [("smtp.ehlo", {"name": "client.example"}, "")]
    entry = f"{protocol}.{way}"
    if way == "auth":
        opening.append((entry, {"mech": mech, **WHO}, ""))
    elif way != "none":
        opening.append((entry, WHO, ""))
    middle = (POP3_STEPS if protocol == "pop3" else SMTP_STEPS) if is_first else ()
    steps: list[Step] = [
        *opening,
        *middle,
        (f"{protocol}.quit", {}, ""),
        (f"{protocol}.close", {}, ""),
    ]
    left_out: set[str] = set()
    while True:
        kept = [step for step in steps if left_out.isdisjoint((step[0], step[2]))]
        failed, about = _session(subject, login, protocol, kept)
        if about is None:
            return
        if failed == entry:
            about = of_feature(about.sentence, feature_of(protocol, login))
        yield about
        if failed == entry or protocol in about.features:
            return
        left_out.add(failed)


def _session(
    subject: Subject, login: Login, protocol: str, steps: Sequence[Step]
) -> tuple[str, DoctorFinding | None]:
    """Runs one session up to the first op that fails; returns that op and its finding."""
    way, mech = login
    with good_server(protocol, sasl=mech, apop=way == "apop") as server:
        first: Step = (f"{protocol}.connect", connect_args(server.port), "")
        for op, args, feature in [first, *steps]:
            if feature and feature not in subject.features:
                continue
            try:
                answer = subject.call(op, args, LIMIT_S)
            except (Crashed, Hung) as error:
                return op, of_op(failure(subject, error), op)
            about = _wrong(subject, op, mech or feature, answer, server.log)
            if about is not None or answer.outcome != "ok":
                break
    subject.call(f"{protocol}.close", {}, LIMIT_S)
    return op, about


def _wrong(
    subject: Subject, op: str, claimed: str, answer: Answer, log: EventLog
) -> DoctorFinding | None:
    """The finding about the answer to an op in a session with a good server, if there is one."""
    if answer.outcome != "ok":
        return None if _has_refused(log) else of_op(_unlike_ok(subject, op, claimed, answer), op)
    for name in NEEDED_VALUES.get(op, ()):
        if answer.value.get(name) in (None, []):
            sentence = (
                f"{op} answers ok without the value {name}; driver.schema.json lists the values"
            )
            return of_op(sentence, op)
    return None


def _has_refused(log: EventLog) -> bool:
    """Whether the server refused anything; it is correct, so it had a reason."""
    return any(event.kind is Kind.TX and REFUSAL.match(event.octets) is not None for event in log)


def _unlike_ok(subject: Subject, op: str, feature: str, answer: Answer) -> str:
    claimed = f" ({feature} is claimed)" if feature else ""
    stderr = subject.take_stderr().strip().splitlines()
    hint = f"; its stderr ends: {stderr[-1]}" if stderr else ""
    reason = f", because {answer.reason}," if answer.reason else ""
    return (
        f"{op} answers {answer.outcome}{reason} although the server does everything right{claimed}; "
        f"it must answer ok, or the subject must not claim the feature{hint}"
    )


def _goal(subject: Subject, protocol: str, login: Login) -> Iterator[DoctorFinding]:
    """One whole session."""
    way, mech = login
    name, feature = goal_of(protocol), feature_of(protocol, login)
    with good_server(protocol, sasl=mech, apop=way == "apop") as server:
        args = goal_args(subject, protocol, server.port) | {"login": way}
        if way != "none":
            args |= WHO
        if mech:
            args["mech"] = mech
        answer = whole_session.play(subject, protocol, args)
    if answer.outcome == "unsupported" and subject.has_steps:
        return
    sentence = ""
    if answer.outcome != "ok":
        if not _has_refused(server.log):
            sentence = _unlike_ok(subject, f"{name} login={way}", mech, answer)
    elif protocol == "smtp" and not server.delivered:
        sentence = f"{name} answers ok, but the server has no message"
    elif protocol == "pop3" and not any(row[1] for row in answer.value.get("messages", [])):
        sentence = f"{name} answers ok without a message; check where its data is"
    if sentence:
        yield of_feature(sentence, feature, protocol, goals_only=True)


def _tls(subject: Subject, protocol: str, tls: str) -> Iterator[DoctorFinding]:
    """A session over TLS, whose server has a good certificate."""
    login, mech = next(logins(subject, protocol), ("own", ""))
    with good_server(protocol, sasl=mech, apop=login == "apop", tls=tls) as server:
        who = WHO if login != "none" else {}
        named = {"mech": mech} if mech else {}
        args = goal_args(subject, protocol, server.port) | tls_args(server.port, tls)
        answer = whole_session.play(subject, protocol, args | {"login": login, **who, **named})
    if answer.outcome != "ok" and not _has_refused(server.log):
        sentence = _unlike_ok(subject, f"{goal_of(protocol)} over TLS", f"tls.{tls}", answer)
        yield of_feature(sentence, f"tls.{tls}", protocol)


def _external(subject: Subject, protocol: str) -> Iterator[DoctorFinding]:
    """A session over TLS in which the client's certificate says who it is."""
    from fake_servers.wire.certificates import CLIENT, client_files

    with good_server(protocol, sasl="EXTERNAL", tls="implicit", user=CLIENT) as server:
        args = goal_args(subject, protocol, server.port) | tls_args(server.port, "implicit")
        args |= {"login": "auth", "mech": "EXTERNAL", "user": "", "secret": ""}
        certificate, key = map(str, client_files())
        files = {"client_cert": certificate, "client_key": key}
        answer = whole_session.play(subject, protocol, args | files)
    if answer.outcome != "ok" and not _has_refused(server.log):
        sentence = _unlike_ok(subject, f"{goal_of(protocol)} by EXTERNAL", "EXTERNAL", answer)
        yield of_feature(sentence, f"{protocol}.auth.external")


def _helo(subject: Subject) -> Iterator[DoctorFinding]:
    steps: list[Step] = [("smtp.helo", {"name": "client.example"}, ""), ("smtp.quit", {}, "")]
    _, about = _session(subject, ("none", ""), "smtp", steps)
    if about is not None:
        yield about


def _user_alone(subject: Subject) -> Iterator[DoctorFinding]:
    steps: list[Step] = [("pop3.user", {"user": USER}, ""), ("pop3.quit", {}, "")]
    _, about = _session(subject, ("user", ""), "pop3", steps)
    if about is not None:
        yield of_feature(f"without a secret {about.sentence}", "pop3.user-alone")
