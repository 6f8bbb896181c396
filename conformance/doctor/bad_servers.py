"""What a subject answers if there is no server, a silent one, or one that refuses everything."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from functools import partial

from conformance.doctor import whole_session
from conformance.doctor.finding import DoctorFinding
from conformance.doctor.good_path import logins
from conformance.doctor.good_servers import LIMIT_S, TIMEOUT_MS, WHO, connect_args, goal_args
from conformance.doctor.unit import examined
from conformance.subject import Answer, Hung, Subject, answer_limit_s
from fake_servers.listen_address import listen_address
from fake_servers.log import EventLog
from fake_servers.server import Server
from fake_servers.wire.connection import Wire
from fake_servers.wire.delivery import VARIANTS

SILENCE_MS = 150
REFUSED = {"pop3": "RFC1939-3-RESP-01", "smtp": "RFC5321-4.2-CODE-01"}
_SILENCE = {
    "pop3": "driver.schema.json, timeout_ms",
    "smtp": "RFC5321-4.5.3.2-TIME-02",
}


class Refusing(Server):
    """Refuses every command, with `greets` after a good greeting."""

    def __init__(self, protocol: str, *, greets: bool) -> None:
        super().__init__(EventLog(), VARIANTS["whole"], timeout_s=LIMIT_S)
        self._no = b"-ERR no\r\n" if protocol == "pop3" else b"554 5.0.0 no\r\n"
        self._hello = b"+OK <1.1@doctor.example>\r\n" if protocol == "pop3" else b"220 ready\r\n"
        self._greets = greets

    def serve(self, wire: Wire) -> None:
        wire.send(self._hello if self._greets else self._no)
        while True:
            wire.read_line()
            wire.send(self._no)


class Silent(Server):
    """Says nothing."""

    def __init__(self) -> None:
        super().__init__(EventLog(), VARIANTS["whole"], timeout_s=60)

    def serve(self, wire: Wire) -> None:
        self.fall_silent(wire)
        wire.wait_eof()


def check(subject: Subject, protocol: str) -> Iterator[DoctorFinding]:
    """Yields a finding for each answer that cannot be right."""
    for one in (_dead_port, _refusing, _silent):
        yield from examined(subject, partial(one, protocol=protocol), protocol)


def _spoils_all(sentence: str, requirement: str, protocol: str) -> DoctorFinding:
    return DoctorFinding(sentence, requirement, (protocol,), protocol)


def _open(subject: Subject, protocol: str, port: int, limit_s: float, timeout_ms: int) -> Answer:
    """The shortest request to a subject: to connect, or a whole session."""
    if subject.has_steps:
        op, args = f"{protocol}.connect", connect_args(port, timeout_ms)
        answer = subject.call(op, args, limit_s)
        subject.call(f"{protocol}.close", {}, LIMIT_S)
        return answer
    login, mech = next(logins(subject, protocol), ("own", ""))
    args = goal_args(subject, protocol, port, timeout_ms) | {"login": login}
    if login != "none":
        args |= WHO | ({"mech": mech} if mech else {})
    return whole_session.play(subject, protocol, args, limit_s)


def _dead_port(subject: Subject, protocol: str) -> Iterator[DoctorFinding]:
    host = listen_address().listen
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as held:  # bound, so that no other server gets the port meanwhile
        held.bind((host, 0))
        answer = _open(subject, protocol, held.getsockname()[1], LIMIT_S, TIMEOUT_MS)
    if answer.outcome not in ("io-error", "failed"):
        sentence = (
            f"it answers {answer.outcome} for {protocol} at a port where nobody listens; "
            "it must answer io-error"
        )
        yield _spoils_all(sentence, "driver.schema.json, outcome", protocol)


def _refusing(subject: Subject, protocol: str) -> Iterator[DoctorFinding]:
    for greets in (False, True):
        with Refusing(protocol, greets=greets) as server:
            if greets and subject.has_steps:
                answer = _login(subject, protocol, server.port)
            else:
                answer = _open(subject, protocol, server.port, LIMIT_S, TIMEOUT_MS)
        if answer.outcome == "ok":
            sentence = (
                f"it answers ok for {protocol} although the server refuses everything; "
                "it must check each reply"
            )
            yield _spoils_all(sentence, REFUSED[protocol], protocol)


def _login(subject: Subject, protocol: str, port: int) -> Answer:
    """The first op after a good greeting that a server can refuse."""
    subject.call(f"{protocol}.connect", connect_args(port), LIMIT_S)
    if protocol == "smtp":
        answer = subject.call("smtp.ehlo", {"name": "client.example"}, LIMIT_S)
    else:
        login, mech = next(logins(subject, protocol), ("user", ""))
        answer = subject.call(f"pop3.{login}", WHO | ({"mech": mech} if mech else {}), LIMIT_S)
    subject.call(f"{protocol}.close", {}, LIMIT_S)
    return answer


def _silent(subject: Subject, protocol: str) -> Iterator[DoctorFinding]:
    with Silent() as server:
        if "clock" in subject.features:
            server.on_silence = lambda: subject.advance(SILENCE_MS + 1)
        try:
            answer = _open(subject, protocol, server.port, answer_limit_s(SILENCE_MS), SILENCE_MS)
        except Hung:
            sentence = (
                f"it still waits for a silent {protocol} server after timeout_ms; "
                "each op must end by then"
            )
            yield _spoils_all(sentence, _SILENCE[protocol], protocol)
            return
    if answer.outcome == "ok":
        sentence = f"it answers ok for a silent {protocol} server; it must answer timeout"
        yield _spoils_all(sentence, _SILENCE[protocol], protocol)
