"""The scripted server, as the thread that calls the client sees it.

The package's docstring explains how its parts work together.
"""

from __future__ import annotations

from fake_servers.log import EventLog
from fake_servers.scripted.actions import Actions
from fake_servers.scripted.barrier import Barrier, Unpaced
from fake_servers.scripted.connections import Connections
from fake_servers.scripted.conversation import CaseState
from fake_servers.scripted.departure import ScriptDeparture
from fake_servers.scripted.extras.freedom import Budget
from fake_servers.scripted.player import Player
from fake_servers.server import Door, Server
from fake_servers.trace.syntax import Trace
from fake_servers.trace.template import Bindings
from fake_servers.wire.delivery import Delivery


def patience_s(timeout_ms: int) -> float:
    """How long a server waits for a client whose own timeout is `timeout_ms`."""
    return 3 * timeout_ms / 1000 + 2


class ScriptedServer(Server):
    """Plays the `C:`, `S:` and `=` lines of a trace, in step with the caller of the client.

    The caller reports with caller_enters and caller_leaves which `A:` and `R:` lines it has
    passed, and calls wait_for_server before each `A:`. With `paced` false there is no caller,
    and only the wire sets the pace.

    findings  the differences; after one that is neither INFO nor `goes_on` the connection is
              closed and nothing more is played
    taken     for each branch of a group that the client took, the line of its first item
    extras    the commands that were answered although the trace does not name them
    """

    def __init__(
        self,
        trace: Trace,
        log: EventLog,
        delivery: Delivery,
        bindings: Bindings,
        *,
        paced: bool = True,
        host: str = "",
        door: Door | None = None,
    ) -> None:
        super().__init__(log, delivery, patience_s(trace.timeout_ms), host, door)
        self._barrier = Barrier(trace.items) if paced else Unpaced()
        budget = Budget(trace, bindings)
        case = CaseState(bindings, self._barrier, log, budget)
        self._connections = Connections(self, case, asks_client=trace.has_client_certificate)
        self._actions = Actions(self, self._connections, bindings, trace.origin.own_lines)
        self._player = Player(
            trace,
            self._barrier,
            self._connections,
            self._actions,
            timeout_s=self.timeout_s,
            is_paced=paced,
        )
        self.findings = case.findings
        self.taken = self._actions.taken
        self.extras = budget.granted

    # -- the caller's side --------------------------------------------------------

    def caller_enters(self, line: int) -> None:
        """The client is called now, by the `A:` line `line`."""
        self._barrier.caller_enters(line)

    def caller_leaves(self, line: int) -> None:
        """The client has returned; `line` is that of the `A:` or of its `R:`."""
        self._barrier.caller_leaves(line)

    def wait_for_server(self, line: int, timeout_s: float | None = None) -> bool:
        """Wait until all above `line` is played, or nothing more will be; False on timeout."""
        patience = self.timeout_s if timeout_s is None else timeout_s
        return self._barrier.wait_for_server(line, patience)

    def stop(self) -> None:
        """Let the server finish what it may play without another call, then end it."""
        if not self.stopping and self._main is not None:
            self._barrier.wait_until_idle(self.timeout_s)
        self._barrier.stop()
        super().stop()

    @property
    def is_client_busy(self) -> bool:
        """Whether the client is in a call, as far as the caller has reported."""
        return self._barrier.in_call

    # -- the server's thread ------------------------------------------------------

    def _serve_in_turn(self) -> None:
        self.run()

    def run(self) -> None:
        """Play the whole timeline, then listen until the client closes or the case ends."""
        try:
            self._player.play()
            self._barrier.server_ends()
            self._player.listen_on()
        except ScriptDeparture as departure:
            self.findings.append(departure.finding)
        finally:
            self._connections.close(self._actions.line)
            self._door.close()
            self._barrier.server_ends()
