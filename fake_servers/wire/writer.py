"""Writes to the client in the pieces of a delivery variant."""

from __future__ import annotations

from fake_servers.log import EventLog, Kind
from fake_servers.wire.carrier import Carrier
from fake_servers.wire.delivery import PAUSE_MS, PAUSES_A_WRITE, Delivery
from fake_servers.wire.errors import EndOfStream, WireTimeout

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
        unread = 0
        for index, piece in enumerate(pieces):
            drained = self._before_piece(index, len(pieces))
            unread += not drained
            if unread == UNREAD_PIECES:
                self._write(b"".join(pieces[index:]), line, drained)
                return
            self._write(piece, line, drained)

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

    def _before_piece(self, index: int, count: int) -> bool:
        """Wait until the client has read the piece before; False if it has not in time."""
        if self._delivery.pauses:
            if index in range(1, count, max(1, count // PAUSES_A_WRITE)):
                self._pause()
            return True
        if index == 0 and not self._has_cut:
            return True
        return self._carrier.drain.wait()

    def _pause(self) -> None:
        """Let the client read what it has, as long as the connection has pauses left."""
        if self._pauses_left > 0:
            self._pauses_left -= 1
            self._carrier.drain.wait(PAUSE_MS)

    def _write(self, piece: bytes, line: int, drained: bool) -> None:
        data = None if drained else {"undrained": True}
        self._log.append(Kind.TX, connection=self._connection, octets=piece, line=line, data=data)
        self._carrier.send(piece, line)
        self._has_cut = self._cuts
