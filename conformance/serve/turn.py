"""What a port offers to the next client: a turn, which makes the test server of one session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from conformance.serve.place import Place
from conformance.serve.sessions import Judgement, Session
from fake_servers.server import Door, Server


class Turn(Protocol):
    """One session that is going to be served.

    service      see Session
    protocol     `pop3` or `smtp`
    case         id of the case, or the empty string
    connections  so many connections are one session
    """

    @property
    def service(self) -> str:
        ...

    @property
    def protocol(self) -> str:
        ...

    @property
    def case(self) -> str:
        ...

    @property
    def connections(self) -> int:
        ...

    def open(self, session: Session, door: Door) -> Server:
        """The test server, which gets its connections from the door."""

    def judge(self, session: Session, server: Server) -> Judgement:
        """The verdict, once the session is over."""


class Stand(Protocol):
    """What one port offers."""

    @property
    def name(self) -> str:
        """The service, or what cases take turns."""

    @property
    def protocol(self) -> str:
        """`pop3` or `smtp`."""

    @property
    def place(self) -> Place:
        """Where it wants to listen."""

    @property
    def has_tls(self) -> bool:
        """Whether a client needs the authority that it has to trust."""

    def next(self, number: int) -> Turn:
        """The turn of the session with this number; called by one thread."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a stand can be reached: host and port are what a client connects to.

    tls  whether the authority to trust is of use to the client
    """

    name: str
    protocol: str
    host: str
    port: int
    tls: bool
