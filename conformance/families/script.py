"""Traces made from paths through the model: they lead a client into a state."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from conformance.families.words import WORDS, Words
from conformance.model.table import ENDS, START, WILDCARD, Model, Row, load
from conformance.ops import OPS
from conformance.subject.answer import OUTCOMES
from fake_servers.grammar.free_commands import FREE

ANY_OUTCOME = "R: " + "|".join(sorted(set(OUTCOMES) - {"unsupported"}))
NO_SUCCESS = "R: " + "|".join(sorted(set(OUTCOMES) - {"unsupported", "ok"}))
ENDINGS = frozenset({"WAIT_QUIT", "WAIT_UPDATE"})
"""After QUIT a client may report success, however the server leaves."""


def is_renderable(words: Words, row: Row) -> bool:
    """Whether a plain session can show this row; it has neither LMTP nor lost pipelines."""
    if "LOST" in row.next or "EMPTY" in row.next:
        return False
    if row.event == "CONNECTED" or row.event in words.commands or row.event in words.answers:
        return True
    return row.event in words.replies


def find_path(model: Model, words: Words, start: str, goal: str) -> list[Row] | None:
    """The shortest way from one state to another, or None."""
    ways: dict[str, list[Row]] = {start: []}
    queue = deque([start])
    while queue:
        state = queue.popleft()
        if state == goal:
            return ways[state]
        for row in model.rows:
            if row.state == state and row.next not in ways and is_renderable(words, row):
                ways[row.next] = [*ways[state], row]
                queue.append(row.next)
    return None


class Script:
    """The lines of a trace, written row by row; `state` is where the client is."""

    def __init__(self, protocol: str) -> None:
        self.protocol = protocol
        self.words = WORDS[protocol]
        self.model = load(protocol)
        self.lines: list[str] = []
        self.state = START
        self._is_called = False
        self._strict: list[str] = []

    def lead_to(self, goal: str) -> bool:
        """Write the way into a state, with every extension offered; False if there is no way."""
        state, events = self.words.prelude
        way: list[Row] | None
        before = find_path(self.model, self.words, START, state) if state else []
        direct = find_path(self.model, self.words, START, goal)
        if before is None or direct is None:
            return False
        way = direct
        if state and len(direct) > len(before) and not self._is_inside(goal, state, events):
            remaining = find_path(self.model, self.words, state, goal)
            assert remaining is not None
            way = [*before, *self.rows(state, events), *remaining]
        for at, row in enumerate(way):
            self.take(row, ahead=way[at + 1 :])
        return True

    def rows(self, state: str, events: Sequence[str]) -> list[Row]:
        rows = []
        for event in events:
            row = self.model.successor(state, event)
            assert row is not None
            rows.append(row)
            state = row.next
        return rows

    def _is_inside(self, goal: str, state: str, events: Sequence[str]) -> bool:
        return goal in {row.next for row in self.rows(state, events)}

    def take(self, row: Row, ahead: Sequence[Row] = ()) -> None:
        """Write one row; `ahead` are those that follow."""
        event = row.event
        if event == "CONNECTED":
            self.call(f"{self.protocol}.connect")
            self.move(row)
        elif event in self.words.commands:
            self._command(row, ahead)
        elif event in self.words.answers:
            self.move(row)
            self.lines.append(self.words.answers[event])
        else:
            self.lines += self.words.reply(row.state, event)
            self.move(row)
            if not self.is_underway(row.next):
                self.result(ANY_OUTCOME)

    def _command(self, row: Row, ahead: Sequence[Row]) -> None:
        command = self.words.commands[row.event]
        if command.call:
            cancels = any(each.event == "CANCEL" for each in ahead)
            self.call(command.call + (" cancel_at=1" if cancels and "AUTH" in row.event else ""))
        self.move(row)
        self.lines.append(command.line)

    @staticmethod
    def is_underway(state: str) -> bool:
        """Whether the call goes on in this state."""
        return state.startswith(("WAIT_", "IN_")) or state in (
            "USER_ACCEPTED",
            "CHALLENGED",
            "START_TLS",
            "DATA",
            "CHUNK",
        )

    def call(self, text: str) -> None:
        """Write a call."""
        self.lines.append(f"A: {text}")
        self._is_called = True

    def result(self, text: str) -> None:
        """Write the result of the call that is under way."""
        if self._is_called:
            self.lines.append(text)
            self._is_called = False

    def move(self, row: Row) -> None:
        """Write a move from where the client is."""
        following = row.next
        self.lines.append(f"T: {self.state} {row.event} {following}")
        self.state = following

    def fail_by(self, event: str) -> None:
        """Write the move of an event by the row for any state, and the result."""
        before = self.state
        row = self.model.successor(before, event)
        assert row is not None and row.state == WILDCARD, (before, event)
        self.move(row)
        self.result(ANY_OUTCOME if before in ENDINGS else NO_SUCCESS)

    def refuse(self, command: str) -> None:
        """Write a call that the client refuses itself, without an octet or a move."""
        self.call(command)
        verb = command.split()[0].partition(".")[2].upper()
        if verb in FREE[self.protocol] and verb not in self._strict:
            self._strict.append(verb)
        if self.state in ENDS:
            self.result(NO_SUCCESS)
        else:
            self.result("R: rejected-locally|policy")

    def text(self, case_id: str, title: str) -> str:
        """The whole trace."""
        needs = {OPS[line.split()[1]].feature for line in self.lines if line.startswith("A: ")}
        if any(" mech=PLAIN" in line for line in self.lines):
            needs |= {f"{self.protocol}.auth.plain"}
        head = [f"id: {case_id}", f"title: {title}", "moves: all"]
        if self._strict:
            head.append(f"strict: {' '.join(self._strict)}")
        head += [f"needs: {' '.join(sorted(needs - {''}))}", ""] if needs - {""} else [""]
        return "\n".join([*head, *self.lines]) + "\n"
