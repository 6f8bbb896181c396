"""Writes to the client in the pieces of a delivery variant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fake_servers.log import EventLog, Kind
from fake_servers.wire.carrier import Carrier
from fake_servers.wire.delivery import PAUSE_MS, PAUSES_A_WRITE, Delivery
from fake_servers.wire.errors import EndOfStream, WireTimeout

_UNDRAINED = {"undrained": True}
UNREAD_PIECES = 3
"""At this many pieces of one write that the client has not read in time, the rest of the
write leaves at once."""


class Writer:
    """Cuts the writes of one connection, joins those that a variant holds back, and logs both."""

    def __init__(
        self, carrier: Carrier, log: EventLog, connection: int, delivery: Delivery
    ) -> None:
        self._carrier = carrier
        self._log = log
        self._connection = connection
        self._delivery = delivery
        self._cuts = delivery.cuts
        self._has_cut = False
        self._pauses_left = delivery.pauses
        self._held: list[tuple[bytes, int]] = []

    def send(self, octets: bytes, line: int) -> None:
        """See Wire.send."""
        if self._delivery.joins:
            self._held.append((octets, line))
            return
        pieces = self._delivery.pieces(octets)
        has_pauses = self._delivery.pauses > 0
        unread = 0
        for index, piece in enumerate(pieces):
            if has_pauses:
                self._pause_before(index, len(pieces))
            elif self._has_cut and not self._carrier.drain.wait():
                unread += 1
                if unread == UNREAD_PIECES:
                    self._write(b"".join(pieces[index:]), line, _UNDRAINED)
                    return
                self._write(piece, line, _UNDRAINED)
                continue
            self._write(piece, line)

    def flush(self) -> None:
        """Send in one write what was held back; raises as `send`."""
        held, self._held = self._held, []
        for octets, line in held:
            self._log.append(Kind.TX, connection=self._connection, octets=octets, line=line)
        if held:
            self._carrier.send(b"".join(octets for octets, _ in held), held[-1][1])

    def deliver(self, delivery: Delivery) -> None:
        """Cut by another delivery from now on; what was held back leaves first."""
        self.flush()
        self._delivery = delivery
        self._cuts = delivery.cuts
        self._pauses_left = delivery.pauses

    def flush_unless_gone(self) -> None:
        """Flush; a client that is gone or does not read loses what was held back."""
        try:
            self.flush()
        except (EndOfStream, WireTimeout):
            pass

    # -- inside -------------------------------------------------------------------

    def _pause_before(self, index: int, count: int) -> None:
        """Let the client read what it has, as long as the connection has pauses left."""
        is_due = index in range(1, count, max(1, count // PAUSES_A_WRITE))
        if is_due and self._pauses_left > 0:
            self._pauses_left -= 1
            self._carrier.drain.wait(PAUSE_MS)

    def _write(self, piece: bytes, line: int, data: Mapping[str, Any] | None = None) -> None:
        self._log.append(Kind.TX, connection=self._connection, octets=piece, line=line, data=data)
        self._carrier.send(piece, line)
        self._has_cut = self._cuts
