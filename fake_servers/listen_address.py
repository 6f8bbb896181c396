"""Where the servers of this process listen, and by which name their clients reach them.

That is the loopback interface and a free port, unless a client on another machine or a board
is to be tested: then the command line sets it once, before any server is opened.
"""

from __future__ import annotations

from dataclasses import dataclass

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class ListenAddress:
    """listen     address of this machine, or 0.0.0.0 for all of its addresses
    advertise  the host that clients are told; empty for the address itself
    port       the one port of every server, 0 for a free one each
    """

    listen: str = LOOPBACK
    advertise: str = ""
    port: int = 0

    @property
    def is_default(self) -> bool:
        """Whether nothing was set."""
        return self == ListenAddress()

    def bind_host(self, usual: str) -> str:
        """Where a server listens that would usually listen at `usual`."""
        return usual if self.listen == LOOPBACK else self.listen

    def client_host(self, usual: str) -> str:
        """The host that a client is told, for a server that would usually listen at `usual`."""
        return self.advertise or self.bind_host(usual)


_current = ListenAddress()


def listen_address() -> ListenAddress:
    """Where this process's servers listen."""
    return _current


def set_listen_address(address: ListenAddress) -> None:
    """Have every server that is opened from now on listen there."""
    global _current  # pylint: disable=global-statement
    _current = address
