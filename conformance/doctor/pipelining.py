"""Whether a subject that claims pipelining sends its commands in one group.

RFC 2449 section 6.6 and RFC 2920 section 3.1 permit that but do not require it. A client that
groups less breaks no rule; it must not claim the feature, and then no case needs it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from conformance.doctor.finding import DoctorFinding, of_feature
from conformance.doctor.good_servers import LIMIT_S, MESSAGE, WHO, connect_args
from conformance.subject import Subject
from fake_servers.log import EventLog
from fake_servers.server import Server
from fake_servers.wire.connection import Wire
from fake_servers.wire.delivery import VARIANTS

WAIT_S = 1.0
"""How long the server waits for the next command of a group. A client waits longer for a reply."""

_GREETING = {"pop3": b"+OK <1.1@doctor.example>\r\n", "smtp": b"220 ready\r\n"}
_REPLIES: Mapping[str, Mapping[bytes, bytes]] = {
    "pop3": {b"CAPA": b"+OK\r\nUSER\r\nPIPELINING\r\n.\r\n", b"STAT": b"+OK 0 0\r\n"},
    "smtp": {b"EHLO": b"250-doctor.example\r\n250 PIPELINING\r\n", b"DATA": b"354 go on\r\n"},
}
_GROUPS: Mapping[str, Sequence[bytes]] = {
    "pop3": (b"STAT", b"NOOP"),
    "smtp": (b"MAIL", b"RCPT", b"DATA"),
}


class Grouping(Server):
    """Accepts everything; notes whether the commands of a group come before the first reply."""

    def __init__(self, protocol: str) -> None:
        super().__init__(EventLog(), VARIANTS["whole"], timeout_s=LIMIT_S)
        self._protocol = protocol
        self.has_group = False

    def serve(self, wire: Wire) -> None:
        wanted = list(_GROUPS[self._protocol])
        wire.send(_GREETING[self._protocol])
        while True:
            verbs = [_verb(wire.read_line())]
            while verbs == wanted[: len(verbs)] != wanted and _comes(wire):
                verbs.append(_verb(wire.read_line()))
            self.has_group |= verbs == wanted
            for verb in verbs:
                wire.send(self._reply(verb))
            if self._protocol == "smtp" and verbs[-1] == b"DATA":
                wire.read_data()
                wire.send(self._reply(b"DOT"))

    def _reply(self, verb: bytes) -> bytes:
        usual = b"+OK\r\n" if self._protocol == "pop3" else b"250 ok\r\n"
        return _REPLIES[self._protocol].get(verb, usual)


def _comes(wire: Wire) -> bool:
    """Whether another command has arrived, or arrives without a reply."""
    return bool(wire.received) or wire.has_news(WAIT_S)


def _verb(line: bytes) -> bytes:
    return line[:4].upper()


def check(subject: Subject, protocol: str) -> Iterator[DoctorFinding]:
    """Yields a finding if the commands do not arrive as one group."""
    with Grouping(protocol) as server:
        for op, args in _session(subject, protocol, server.port):
            subject.call(op, args, LIMIT_S)
    if not server.has_group:
        verbs = ", ".join(verb.decode() for verb in _GROUPS[protocol])
        sentence = (
            f"it claims {protocol}.pipelining but does not send {verbs} before the first reply, "
            "although PIPELINING is offered; that is legal, but then it must not claim the feature"
        )
        yield of_feature(sentence, f"{protocol}.pipelining")


def _session(subject: Subject, protocol: str, port: int) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The ops of a session with one group."""
    yield f"{protocol}.connect", connect_args(port)
    if protocol == "smtp":
        yield "smtp.ehlo", {"name": "client.example"}
        people = {"from": "a@client.example", "to": ["b@server.example"]}
        yield "smtp.send", {**people, "message": MESSAGE}
    else:
        if "pop3.capa" in subject.features:
            yield "pop3.capa", {}
        login = "pop3.user" if "pop3.user" in subject.features else "pop3.apop"
        yield login, WHO
        yield "pop3.batch", {"ops": [{"op": "pop3.stat"}, {"op": "pop3.noop"}]}
    yield f"{protocol}.quit", {}
    yield f"{protocol}.close", {}
