"""Where the servers of this process listen, and by which name their clients reach them.

That is the loopback interface and a free port, unless a client on another machine or a board
is to be tested: then the command line settles it once, before any server is opened.
"""

from __future__ import annotations

from dataclasses import dataclass

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Place:
    """listen     address of this machine, or 0.0.0.0 for all of its addresses
    advertise  the host that clients are told; empty for the address itself
    port       the one port of every server, 0 for a free one each
    """

    listen: str = LOOPBACK
    advertise: str = ""
    port: int = 0

    @property
    def is_usual(self) -> bool:
        """Whether nothing was settled."""
        return self == Place()

    def address(self, usual: str) -> str:
        """Where a server listens that would usually listen at `usual`."""
        return usual if self.listen == LOOPBACK else self.listen

    def told(self, usual: str) -> str:
        """The host that a client is told, for a server that would usually listen at `usual`."""
        return self.advertise or self.address(usual)


_settled = Place()


def here() -> Place:
    """The place of this process's servers."""
    return _settled


def settle(place: Place) -> None:
    """Have every server that is opened from now on at this place."""
    global _settled  # pylint: disable=global-statement
    _settled = place
