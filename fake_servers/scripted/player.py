"""Walks down a timeline in step with the caller of the client."""

from __future__ import annotations

from collections.abc import Sequence

from fake_servers.scripted.actions import Actions
from fake_servers.scripted.barrier import Barrier
from fake_servers.scripted.connections import Connections
from fake_servers.scripted.conversation import Conversation
from fake_servers.scripted.reader import SLICE_S
from fake_servers.scripted.steps import Quiet, Step, asks_for_more, next_heads, steps
from fake_servers.trace.syntax import Call, Expect, Group, Trace
from fake_servers.wire.errors import EndOfStream, Stopped

EARLY_S = 0.5
"""How long octets that come within a call are left to the lines below it. After that the
client may be waiting for the reply to a command that no line names."""


class Player:
    """Plays each step when the barrier lets it; it runs in the server's thread.

    timeout_s  the longest wait for the client in one step
    is_paced   somebody calls the client and tells the barrier about it
    """

    def __init__(
        self,
        trace: Trace,
        barrier: Barrier,
        connections: Connections,
        actions: Actions,
        *,
        timeout_s: float,
        is_paced: bool,
    ) -> None:
        self._steps = steps(trace.items)
        self._calls = [item for item in trace.items if isinstance(item, Call)]
        self._barrier = barrier
        self._connections = connections
        self._actions = actions
        self._timeout_s = timeout_s
        self._is_paced = is_paced

    def play(self) -> None:
        """Play the whole timeline; raises ScriptDeparture, or Stopped at the end of the case."""
        needs = 0
        for at, step in enumerate(self._steps):
            later = self._steps[at + 1 :]
            if step.needs != needs:
                self._actions.flush()
                needs = step.needs
            self._barrier.server_reaches(step.action.line, step.needs)
            if not isinstance(step.action, Quiet):
                self._await_caller(step, self._steps[at:])
                self._actions.play(step.action, later)
            elif self._is_paced:
                self._keep_quiet(step.needs, not asks_for_more(later, self._calls, step))
        self._actions.flush()

    def listen_on(self) -> None:
        """All is played: raise ScriptDeparture if the client sends more or connects again."""
        if self._connections.current is not None:
            self._hear_the_end(self._connections.current)
            self._connections.close(0)
        self._connections.refuse_more(self._last_line())

    # -- in step with the caller --------------------------------------------------

    def _await_caller(self, step: Step, todo: Sequence[Step]) -> None:
        """Wait until the caller has passed the line that this step needs.

        Before a `C:` line or a group this watches the wire and not the caller: octets of the
        client also show that it was called, and they wake this thread once instead of twice.
        """
        conversation = self._connections.current
        if isinstance(step.action, (Expect, Group)) and conversation is not None:
            while not self._barrier.has_passed(step.needs):
                if conversation.wire.has_news(SLICE_S) and not self._hear_early(conversation, todo):
                    break
        if not self._barrier.wait_for_caller(step.needs):
            raise Stopped("the case ended")

    def _hear_early(self, conversation: Conversation, todo: Sequence[Step]) -> bool:
        """Octets came before the caller has passed the line; False if there is no need to wait.

        Mostly they are the beginning of what follows, and stay on the wire until that is
        played. But if the client's call does not return, it may be waiting for the reply to a
        free command, which is answered here.
        """
        if self._barrier.wait_for_caller(todo[0].needs, EARLY_S) or conversation.wire.ended:
            return False
        return conversation.has_more() and conversation.answer_early(next_heads(todo))

    def _keep_quiet(self, line: int, may_leave: bool) -> None:
        """The call is played; until the client returns from it, at `line`, it sends no more."""
        self._actions.flush()
        while not self._barrier.wait_for_caller(line, SLICE_S):
            self._check_nothing_left(may_leave)
            if self._barrier.stopped:
                raise Stopped("the case ended")
        self._check_nothing_left(may_leave)

    def _check_nothing_left(self, may_leave: bool) -> None:
        if self._connections.current is not None:
            self._connections.current.check_nothing_left(self._last_line(), may_leave)

    # -- after the last step ------------------------------------------------------

    def _hear_the_end(self, conversation: Conversation) -> None:
        """Wait until the client closes or the case ends; ScriptDeparture for surplus octets.

        Octets that crossed a close of the server's own are not the fault of the client.
        """
        wire = conversation.wire
        while not wire.closed:
            try:
                while not wire.received or conversation.is_deaf:
                    wire.fill(self._timeout_s)
            except Stopped:
                if conversation.is_deaf or not conversation.has_more():
                    raise
            except EndOfStream:
                pass
            if not wire.received or conversation.is_deaf:
                return
            conversation.pass_over(self._last_line(), may_leave=True)

    def _last_line(self) -> int:
        """The line of the call at work, or of the last item played if that comes later."""
        return max(self._actions.line, self._barrier.call_line)
