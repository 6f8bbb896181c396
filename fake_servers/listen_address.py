"""Where the servers of this process listen, and the host by which their clients reach them.

The default is the loopback interface and a free port. To test a client on another machine or a
board, the command line sets another address once, before it opens a server.
"""

from __future__ import annotations

from dataclasses import dataclass

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class ListenAddress:
    """listen     address of this machine, or 0.0.0.0 for all of its addresses
    advertise  the host that clients connect to; empty for the address itself
    port       the one port of every server, 0 for a free one each
    also       further hosts by which clients reach a server; certificates name them too
    """

    listen: str = LOOPBACK
    advertise: str = ""
    port: int = 0
    also: tuple[str, ...] = ()

    @property
    def is_default(self) -> bool:
        """Whether nothing was set."""
        return self == ListenAddress()

    @property
    def options(self) -> tuple[str, ...]:
        """The words of a command line that set this address."""
        listen = () if self.listen == LOOPBACK else ("--listen", self.listen)
        advertise = ("--advertise", self.advertise) if self.advertise else ()
        return (*listen, *advertise, *(("--port", str(self.port)) if self.port else ()))

    @property
    def names(self) -> tuple[str, ...]:
        """The hosts that a certificate of a server has to name, beside the usual ones."""
        return (self.advertise or self.listen, *self.also)

    def bind_host(self, usual: str) -> str:
        """Where a server listens whose default is `usual`."""
        return usual if self.listen == LOOPBACK else self.listen

    def client_host(self, usual: str) -> str:
        """The host to which a client connects, for a server whose default is `usual`."""
        return self.advertise or self.bind_host(usual)


_current = ListenAddress()


def listen_address() -> ListenAddress:
    """Where this process's servers listen."""
    return _current


def set_listen_address(address: ListenAddress) -> None:
    """Let every server that is opened from now on listen there."""
    global _current  # pylint: disable=global-statement
    _current = address
