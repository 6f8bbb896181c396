"""The connections of one case: a scripted server plays them one after the other."""

from __future__ import annotations

import time

from fake_servers.finding import NOTHING
from fake_servers.scripted.conversation import CaseState, Conversation
from fake_servers.scripted.departure import departure
from fake_servers.scripted.handshake import shake_hands
from fake_servers.scripted.reader import SLICE_S
from fake_servers.server import Server


class Connections:
    """Accepts what the trace expects.

    current  the conversation at work; None before the first
    """

    def __init__(self, server: Server, case: CaseState, *, asks_client: bool) -> None:
        self.current: Conversation | None = None
        self._server = server
        self._case = case
        self._asks_client = asks_client

    def open(self, line: int) -> Conversation:
        """Wait for the client to connect; raises ScriptDeparture if it does not."""
        deadline = time.monotonic() + self._server.timeout_s
        last_look = False
        while True:
            try:
                wire = self._server.accept(SLICE_S)
                break
            except TimeoutError:
                if last_look or time.monotonic() > deadline:
                    raise departure(
                        line, "(a connection)", NOTHING, "the client does not connect"
                    ) from None
                last_look = not self._case.barrier.in_call
        self.current = Conversation(wire, self._case)
        if self._server.delivery.tls:
            self.secure(self.current, "", line)
        return self.current

    def secure(self, conversation: Conversation, fault: str, line: int) -> None:
        """Shake hands for TLS; raises as `shake_hands`."""
        shake_hands(conversation, self._server, fault, line, asks_client=self._asks_client)

    def refuse_more(self, line: int) -> None:
        """Wait for the end of the case; raises ScriptDeparture if the client connects again."""
        wire = self._server.accept(None)
        self.current = Conversation(wire, self._case)
        reason = "the client opens a connection that the trace does not have"
        raise departure(line, NOTHING, "(a connection)", reason)

    def close(self, line: int) -> None:
        """Close the connection at work, if there is one."""
        if self.current is not None:
            self.current.wire.close(line)
