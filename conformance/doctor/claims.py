"""Does the subject hand over what it claims, and does it see that a login is refused?"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from conformance.doctor import whole_session
from conformance.doctor.bad_servers import REFUSED
from conformance.doctor.finding import DoctorFinding, of_feature
from conformance.doctor.good_path import feature_of, logins
from conformance.doctor.good_servers import LIMIT_S, WHO, connect_args, goal_args, good_server
from conformance.doctor.unit import examined
from conformance.subject import Answer, Subject

WRONG = {"user": WHO["user"], "secret": "not-the-secret"}
NO_SECRET = frozenset({"ANONYMOUS", "EXTERNAL"})
TWO = ["b@server.example", "c@server.example"]


def check(subject: Subject, protocol: str) -> Iterator[DoctorFinding]:
    """Yields a finding for each claim that answers of `ok` do not bear out."""
    for login in logins(subject, protocol):
        if login[0] != "none" and login[1] not in NO_SECRET:
            refused = partial(_refused, protocol=protocol, login=login)
            yield from examined(subject, refused, feature_of(protocol, login))
    if subject.level == 0 or not subject.has_goals:
        return  # a command has its exit status alone; goals that are made of ops tell what these tell
    feature, one = {"pop3": ("pop3.list", _items), "smtp": ("smtp.multi-rcpt", _recipients)}[
        protocol
    ]
    if feature in subject.features:
        yield from examined(subject, one, feature)


def _refused(subject: Subject, protocol: str, login: tuple[str, str]) -> Iterator[DoctorFinding]:
    """A login with another secret, in a session that is right in everything else."""
    way, mech = login
    with good_server(protocol, sasl=mech, apop=way == "apop") as server:
        answer = _log_in(
            subject, protocol, way, WRONG | ({"mech": mech} if mech else {}), server.port
        )
    if answer.outcome == "ok":
        sentence = (
            f"it answers ok for login={way}{f' mech={mech}' if mech else ''} although the server "
            "refuses the password; it must report what the client returned"
        )
        yield DoctorFinding(sentence, REFUSED[protocol], (feature_of(protocol, login),), protocol)


def _log_in(subject: Subject, protocol: str, way: str, who: dict[str, Any], port: int) -> Answer:
    """The answer to the op of a login, or to a whole session with it."""
    if not subject.has_steps:
        args = goal_args(subject, protocol, port) | {"login": way} | who
        return whole_session.play(subject, protocol, args)
    subject.call(f"{protocol}.connect", connect_args(port), LIMIT_S)
    if protocol == "smtp":
        subject.call("smtp.ehlo", {"name": "client.example"}, LIMIT_S)
    elif "pop3.capa" in subject.features:
        subject.call("pop3.capa", {}, LIMIT_S)
    answer = subject.call(f"{protocol}.{way}", who, LIMIT_S)
    subject.call(f"{protocol}.close", {}, LIMIT_S)
    return answer


def _items(subject: Subject) -> Iterator[DoctorFinding]:
    """The listing of a maildrop with one message."""
    way, mech = next(logins(subject, "pop3"), ("own", ""))
    with good_server("pop3", sasl=mech, apop=way == "apop") as server:
        args = connect_args(server.port) | {"login": way} | WHO | ({"mech": mech} if mech else {})
        answer = whole_session.play(subject, "pop3", args, goal="pop3.list")
    if answer.outcome == "ok" and not answer.value.get("items"):
        yield of_feature(
            "pop3.list answers ok without an item, and the maildrop has a message; it must hand over "
            "items=[[1, SIZE]], or the subject must not claim the feature",
            "pop3.list",
            "pop3",
            goals_only=True,
        )


def _recipients(subject: Subject) -> Iterator[DoctorFinding]:
    """A message to two recipients, who are both taken."""
    with good_server("smtp") as server:
        args = goal_args(subject, "smtp", server.port) | {"login": "none", "to": TWO}
        answer = whole_session.play(subject, "smtp", args)
    rows = answer.value.get("rcpt")
    if answer.outcome == "ok" and (not isinstance(rows, list) or len(rows) != len(TWO)):
        yield of_feature(
            "smtp.send to two recipients answers ok without a row for each; it must hand over "
            'rcpt=[["b@server.example", "ok", 250, null], ...], or the subject must not claim the feature',
            "smtp.multi-rcpt",
            "smtp",
            goals_only=True,
        )
