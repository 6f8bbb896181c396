"""The well-behaved servers: what each offers, which accounts there are, and who takes the mail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from conformance.serve import judge
from conformance.serve.place import Place
from conformance.serve.sessions import Judgement, Session
from conformance.serve.store import Store
from fake_servers.reactive.options import Options
from fake_servers.reactive.sasl import dialogue
from fake_servers.reactive.server import ReactiveServer, ServerConfig, SharedMail
from fake_servers.reactive.smtp import Delivered
from fake_servers.server import Door, Server
from fake_servers.trace.syntax import Override
from fake_servers.trace.template import Bindings
from fake_servers.wire.connection import DATA_LIMIT
from fake_servers.wire.delivery import VARIANTS
from fake_servers.wire.errors import WireError

ACCOUNT = ("test", "test")
"""Name and secret of the account that there is where the user names none."""

MECHANISMS = ("PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256")
"""What is offered unless the user says otherwise."""

OFFERED = tuple(name.decode() for name in dialogue.MECHANISMS)
"""What can be offered."""

_POP3_CAPS = (b"TOP", b"UIDL", b"USER", b"PIPELINING", b"RESP-CODES", b"AUTH-RESP-CODE")
_SMTP_CAPS = (
    b"PIPELINING",
    b"SIZE %d" % DATA_LIMIT,
    b"8BITMIME",
    b"SMTPUTF8",
    b"ENHANCEDSTATUSCODES",
    b"CHUNKING",
    b"BINARYMIME",
    b"DSN",
    b"HELP",
)


@dataclass(frozen=True, slots=True)
class Service:
    """A kind of server, by the name of its option.

    protocol  `pop3` or `smtp`
    port      the port that IANA has assigned to it
    tls       TLS begins with the connection
    """

    protocol: str
    port: int
    tls: bool = False
    lmtp: bool = False
    login_first: bool = False


SERVICES: Mapping[str, Service] = {
    "pop3": Service("pop3", 110),
    "pop3s": Service("pop3", 995, tls=True),
    "smtp": Service("smtp", 25),
    "submission": Service("smtp", 587, login_first=True),
    "smtps": Service("smtp", 465, tls=True, login_first=True),
    "lmtp": Service("smtp", 24, lmtp=True),
}


@dataclass(frozen=True, slots=True)
class Offer:
    """What is common to all servers.

    users     name and secret of each account; all have the same mailbox
    sasl      the mechanisms, in the order in which they are offered
    starttls  the servers without implicit TLS offer STLS or STARTTLS
    clear     logins and mail are taken without TLS
    cert      `good`, or the fault of the TLS
    variant   how the octets are delivered
    on        the `on` lines by protocol; each session counts anew
    """

    users: Mapping[bytes, bytes]
    sasl: tuple[bytes, ...] = tuple(name.encode() for name in MECHANISMS)
    starttls: bool = False
    clear: bool = True
    cert: str = "good"
    variant: str = "whole"
    on: Mapping[str, Sequence[Override]] = field(default_factory=dict)


class ServiceTurn:
    """One session of a well-behaved server."""

    case = ""
    connections = 1

    def __init__(self, stand: ServiceStand) -> None:
        self.service = stand.name
        self.protocol = stand.protocol
        self._stand = stand

    def open(self, session: Session, door: Door) -> Server:
        """The server of this session; the mail is that of all sessions."""
        stand = self._stand
        overrides = tuple(stand.offer.on.get(self.protocol, ()))
        config = ServerConfig(self.protocol, stand.options, overrides=overrides)
        store = stand.store

        def deliver(mail: Delivered) -> None:
            try:
                store.deliver(session, mail)
            except OSError as error:
                why = f"{error.filename or 'the message'}: {error.strerror or error}"
                raise WireError(f"the message could not be kept: {why}") from None

        return ReactiveServer(
            config,
            session.log,
            VARIANTS[stand.offer.variant],
            Bindings(stand.seed, f"serve/{session.number}"),
            door=door,
            mail=SharedMail(store.maildrop, deliver),
        )

    def judge(self, session: Session, server: Server) -> Judgement:
        """By the monitors."""
        return judge.judge(session, server)


class ServiceStand:
    """A well-behaved server on one port."""

    def __init__(self, name: str, place: Place, offer: Offer, store: Store, seed: int) -> None:
        self.name = name
        self.place = place
        self.offer = offer
        self.store = store
        self.seed = seed
        self.protocol = SERVICES[name].protocol
        self.options = _options(SERVICES[name], offer)

    @property
    def has_tls(self) -> bool:
        """Whether the client can begin TLS."""
        return self.options.tls != "none"

    def next(self, number: int) -> ServiceTurn:
        """All sessions are alike."""
        return ServiceTurn(self)


def _options(service: Service, offer: Offer) -> Options:
    tls = "implicit" if service.tls else "starttls" if offer.starttls else "none"
    return Options(
        users=offer.users,
        caps=_POP3_CAPS if service.protocol == "pop3" else _SMTP_CAPS,
        sasl=offer.sasl,
        tls=tls,
        cert=offer.cert if tls != "none" else "good",
        clear=offer.clear,
        login_first=service.login_first,
        lmtp=service.lmtp,
    )
