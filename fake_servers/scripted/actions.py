"""Plays one item of a timeline on the connection at work."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fake_servers.finding import END, NOTHING
from fake_servers.scripted.connections import Connections
from fake_servers.scripted.conversation import Conversation
from fake_servers.scripted.departure import departure
from fake_servers.scripted.steps import Action, Step, Write, exchanges, head, next_heads, steps
from fake_servers.server import Server
from fake_servers.trace.error import TemplateError
from fake_servers.trace.syntax import Directive, Expect, Group, Item
from fake_servers.trace.template import Bindings
from fake_servers.wire.delivery import VARIANTS

ENDINGS = frozenset({"close", "reset", "half-close", "silence"})
"""After these the server answers nothing more."""


class Actions:
    """Plays items one at a time, in the order in which the player hands them over.

    line       of the item at work, or of the last one played
    taken      for each branch of a group that the client took, the line of its first item
    own_lines  of the trace: before this line a delivery variant cuts nothing
    """

    def __init__(
        self, server: Server, connections: Connections, bindings: Bindings, own_lines: int = 0
    ) -> None:
        self.line = 0
        self.taken: set[int] = set()
        self._server = server
        self._connections = connections
        self._bindings = bindings
        has_cuts = server.delivery.cuts or server.delivery.pauses > 0
        self._cuts_from = own_lines if has_cuts else 0

    def play(self, action: Action, later: Sequence[Step]) -> None:
        """Play one item; `later` are the steps that follow it. Raises ScriptDeparture."""
        self.line = action.line
        if isinstance(action, Directive) and action.name == "accept":
            self._accept_another(action.line)
            return
        conversation = self._connections.current or self._connections.open(action.line)
        self._choose_delivery(conversation, action.line)
        if isinstance(action, Expect):
            conversation.expect(action)
        elif isinstance(action, Write):
            conversation.send(self._rendered(action)[: action.cut], action.line)
        elif isinstance(action, Group):
            self._play_group(conversation, action, later)
        elif isinstance(action, Directive):
            self._direct(conversation, action)

    def flush(self) -> None:
        """Send what a delivery variant that joins replies has held back."""
        if self._connections.current is not None:
            self._connections.current.flush(self.line)

    # -- inside -------------------------------------------------------------------

    def _choose_delivery(self, conversation: Conversation, line: int) -> None:
        """Cut nothing of a usual prelude: other cases do, and a client that cannot take it would
        never show what this case asks.
        """
        if not self._cuts_from:
            return
        is_own = line >= self._cuts_from
        conversation.wire.deliver(self._server.delivery if is_own else VARIANTS["whole"])
        if is_own:
            self._cuts_from = 0

    def _accept_another(self, line: int) -> None:
        """`= accept`: close the connection, on which nothing may be left, and wait for another."""
        if self._connections.current is not None:
            self._connections.current.check_nothing_left(line, may_leave=True)
            self._connections.close(line)
        self._connections.open(line)

    def _rendered(self, write: Write) -> bytes:
        """The octets of `S:` lines; ScriptDeparture if they need what the client did not send."""
        try:
            return b"".join([self._bindings.render(template) for template in write.templates])
        except TemplateError as error:
            reason = f"the server cannot answer what the client sent: {error}"
            raise departure(write.line, "", "", reason) from None

    def _play_group(self, conversation: Conversation, group: Group, later: Sequence[Step]) -> None:
        if group.kind == "any":
            self._play_any(conversation, exchanges(group.branches[0]), later)
            self.taken.add(group.branches[0][0].line)
            return
        heads = [head(branch) for branch in group.branches]
        chosen = conversation.choose(heads, next_heads(later) if group.kind == "opt" else None)
        if chosen is not None:
            self.taken.add(group.branches[chosen][0].line)
            self._play_branch(group.branches[chosen], later)
        elif group.kind == "alt":
            raise conversation.wrong_choice(heads)

    def _play_any(
        self, conversation: Conversation, left: list[tuple[Item, ...]], later: Sequence[Step]
    ) -> None:
        """Each exchange once, in the client's order."""
        while left:
            heads = [head(exchange) for exchange in left]
            chosen = conversation.choose(heads)
            if chosen is None:
                raise conversation.wrong_choice(heads)
            self._play_branch(left.pop(chosen), later)

    def _play_branch(self, items: Iterable[Item], later: Sequence[Step]) -> None:
        todo = steps(items)
        for at, step in enumerate(todo):
            self.play(step.action, [*todo[at + 1 :], *later])

    def _direct(self, conversation: Conversation, directive: Directive) -> None:
        """One `=` line."""
        wire, line = conversation.wire, directive.line
        conversation.flush(line)
        if directive.name in ENDINGS:
            conversation.stop_answering()
        if directive.name == "pause":
            self._server.pause(int(directive.args[0]) / 1000)
        elif directive.name == "close":
            wire.close(line)
        elif directive.name == "reset":
            wire.reset(line)
        elif directive.name == "half-close":
            wire.half_close(line)
        elif directive.name == "silence":
            self._server.fall_silent(wire)
        elif directive.name == "deliver":
            wire.deliver(VARIANTS[directive.args[0]])
        elif directive.name == "starttls":
            self._connections.secure(conversation, "".join(directive.args), line)
        else:
            self._expect_end(conversation, line)

    def _expect_end(self, conversation: Conversation, line: int) -> None:
        """`= expect-eof`: the client closes, and sends nothing before it does."""
        wire = conversation.wire
        if wire.closed:
            return
        ended = wire.ended or wire.wait_eof(line=line)
        while wire.received:
            conversation.pass_over(line, may_leave=True)
            ended = wire.ended or wire.wait_eof(line=line)
        if not ended:
            reason = f"the client does not close within {self._server.timeout_s:g} s"
            raise departure(line, END, NOTHING, reason)
