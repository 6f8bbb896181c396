"""The mail of a bench: what POP3 shows, and where received mail goes."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterable, Sequence

from conformance.serve.keep import Keeper
from conformance.serve.mailbox import Box, to_crlf
from conformance.serve.sessions import Session
from fake_servers.files.inputs import MIB
from fake_servers.reactive.maildrop import Maildrop, MemoryMessage, Message
from fake_servers.reactive.smtp import Delivered
from fake_servers.wire.errors import WireError

MOST_MESSAGES = 1000
MOST_OCTETS = 128 * MIB
"""So much received mail is in memory; the oldest gives way."""


class ServedMail(Maildrop):
    """The user's own mailbox, as it is now, and behind it the received mail.

    What a client deletes is gone for all later sessions. The files of the user's own mailbox stay,
    unless `deletes` is set.
    """

    def __init__(self, box: Box | None, deletes: bool) -> None:
        super().__init__(())
        self._box = box
        self._deletes = deletes
        self._hidden: set[bytes] = set()
        self._received: deque[MemoryMessage] = deque()
        self._weight = 0
        self._count = 0
        self._start = time.time_ns()
        self._guard = threading.Lock()

    @property
    def messages(self) -> Sequence[Message]:
        try:
            own = self._box.scan() if self._box is not None else []
        except OSError as error:
            raise WireError(f"the mailbox cannot be read: {error.strerror or error}") from None
        with self._guard:
            return [*(each for each in own if each.uid not in self._hidden), *self._received]

    def receive(self, octets: bytes) -> None:
        """Add a message; the oldest give way where there are too many."""
        octets = to_crlf(octets)
        with self._guard:
            self._count += 1
            uid = b"%x-%d" % (self._start, self._count)
            self._received.append(MemoryMessage(octets, uid))
            self._weight += len(octets)
            while len(self._received) > MOST_MESSAGES or self._weight > MOST_OCTETS:
                self._weight -= self._received.popleft().size

    def remove(self, messages: Iterable[Message]) -> None:
        uids = {message.uid for message in messages}
        with self._guard:
            kept = [each for each in self._received if each.uid not in uids]
            own = uids - {each.uid for each in self._received}
            self._received = deque(kept)
            self._weight = sum(each.size for each in kept)
            if not self._deletes:
                self._hidden |= own
        if own and self._box is not None and self._deletes:
            try:
                self._box.remove(own)
            except OSError as error:
                why = f"{error.filename or 'the mailbox'}: {error.strerror or error}"
                raise WireError(f"messages could not be removed: {why}") from None


class Store:
    """All mail of a bench.

    maildrop  what POP3 serves
    keepers   where received mail is written before the client hears that it is accepted
    shows     received mail is also in the maildrop, unless a keeper has put it there
    """

    def __init__(
        self,
        box: Box | None = None,
        keepers: Sequence[Keeper] = (),
        *,
        deletes: bool = False,
        shows: bool = True,
    ) -> None:
        self.maildrop = ServedMail(box, deletes)
        self._keepers = tuple(keepers)
        self._shows = shows

    def deliver(self, session: Session, mail: Delivered) -> None:
        """Take an accepted message; raises OSError."""
        for keeper in self._keepers:
            keeper.keep(session, mail)
        if self._shows:
            self.maildrop.receive(mail.octets)
