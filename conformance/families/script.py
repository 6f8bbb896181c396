"""Traces made from paths through the model: they lead a client into a state."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from pathlib import Path

from conformance.families.words import WORDS, Words
from conformance.model.table import ENDS, START, WILDCARD, Model, Row, load
from conformance.needs import used
from conformance.subject.answer import OUTCOMES
from fake_servers.grammar.free_commands import FREE
from fake_servers.trace.parser import parse_text
from fake_servers.trace.syntax import Trace

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
    """The shortest way from one state to another, or None; without APOP and AUTH where there is
    one: more clients have USER and PASS.
    """
    for avoided in (frozenset({"CMD_APOP", "CMD_AUTH"}), frozenset[str]()):
        way = _shortest(model, words, start, goal, avoided)
        if way is not None:
            return way
    return None


def _shortest(
    model: Model, words: Words, start: str, goal: str, avoided: frozenset[str]
) -> list[Row] | None:
    ways: dict[str, list[Row]] = {start: []}
    queue = deque([start])
    while queue:
        state = queue.popleft()
        if state == goal:
            return ways[state]
        for row in model.rows:
            if row.event in avoided or row.state != state or row.next in ways:
                continue
            if is_renderable(words, row):
                ways[row.next] = [*ways[state], row]
                queue.append(row.next)
    return None


_EHLO_OF_ITS_OWN = ("opt {", "C: EHLO $name", "S: 250 mail.example.org", "}")


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
        self.breach = ""

    def lead_to(self, goal: str, ahead: str = "") -> bool:
        """Write the way into a state; False if there is no way.

        Where a command on the way, or that of the event `ahead`, has to be offered, the server
        offers every extension. Elsewhere the client is not asked for what it may not have.
        """
        state, events = self.words.prelude
        way: list[Row] | None
        before = find_path(self.model, self.words, START, state) if state else []
        direct = find_path(self.model, self.words, START, goal)
        if before is None or direct is None:
            return False
        way = direct
        needs_offer = any(event in self.words.offered for event in (ahead, *_events(direct)))
        if (
            needs_offer
            and state
            and len(direct) > len(before)
            and not self._is_inside(goal, state, events)
        ):
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

    def offer(self, command: str) -> None:
        """Write a call that the client refuses itself, unless an RFC lets it send the command.

        A client that says EHLO by itself before the command may do so.
        """
        verb = command.split()[0].partition(".")[2].upper()
        if self.protocol != "smtp" or self.state in (*ENDS, "REFUSED"):
            self.refuse(command, strict=False)
            return
        self.call(command)
        if self.state == "GREETED":
            self.lines += _EHLO_OF_ITS_OWN
        self.result(ANY_OUTCOME if verb in FREE["smtp"] else "R: rejected-locally|policy")

    def refuse(self, command: str, strict: bool = True) -> None:
        """Write a call that the client refuses itself, without an octet or a move.

        strict  also where an RFC lets the client send the command
        """
        self.call(command)
        verb = command.split()[0].partition(".")[2].upper()
        if strict and verb in FREE[self.protocol] and verb not in self._strict:
            self._strict.append(verb)
        if self.state in ENDS:
            self.result(NO_SUCCESS)
        else:
            self.result("R: rejected-locally|policy")

    def text(self, case_id: str, title: str, needs: Sequence[str] = ()) -> str:
        """The whole trace."""
        head = [f"id: {case_id}", f"title: {title}", "moves: all"]
        if self._strict:
            head.append(f"strict: {' '.join(self._strict)}")
        if self.breach:
            head.append(f"breach: INFO: {self.breach}")
        if needs:
            head.append(f"needs: {' '.join(needs)}")
        return "\n".join([*head, "", *self.lines]) + "\n"

    def trace(self, case_id: str, title: str) -> Trace:
        """The whole trace, parsed, with the features that it uses.

        A client without a clock of the suite is not asked for silences here: they are many, and
        each would take real time.
        """
        path = Path("no-row.trace")
        trace = parse_text(self.text(case_id, title), path)
        clock = {"clock"} if trace.falls_silent else set()
        needs = sorted(used(trace) | clock)
        return parse_text(self.text(case_id, title, needs), path)


def _events(rows: Sequence[Row]) -> list[str]:
    return [row.event for row in rows]
