"""The `on CMD#n:` lines of a case: what happens in place of the right answer.

Points are counted over all connections of a server, so that `on CONNECT#2` is the second
connection and `on RETR#2` the second RETR of the case.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from fake_servers.trace.syntax import Directive, Override, Send, Template
from fake_servers.trace.timeline import SILENT

Render = Callable[[Template], bytes]


@dataclass(frozen=True, slots=True)
class Reply:
    """Octets to send, and the line of the case that asks for them; 0 if no line does."""

    octets: bytes
    line: int = 0


@dataclass(frozen=True, slots=True)
class Pause:
    """Send nothing for this long."""

    ms: int


@dataclass(frozen=True, slots=True)
class End:
    """How the server's side of the connection ends: the directive's name and line."""

    name: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class Deliver:
    """Cut what comes now by another delivery variant."""

    variant: str


@dataclass(frozen=True, slots=True)
class Drain:
    """Wait until the client has read what was sent."""


@dataclass(frozen=True, slots=True)
class LeaveAfter:
    """End this side unless the client sends something within this time."""

    ms: int
    line: int = 0


Step = Reply | Pause | End | Deliver | Drain | LeaveAfter

ENDS = frozenset({"close", "reset", "half-close", "truncate", "silence", "deaf"})
_ONCE = ("cut", "rest")
_FREE = ("rest", "deliver")
"""Actions that can stand anywhere."""


class BadOverride(Exception):
    """An `on` line that a reactive server cannot follow: where it is, and what is wrong."""

    def __init__(self, line: int, token: str, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.token = token
        self.message = message


class Overrides:
    """Counts the points as they come, and finds the `on` line of each."""

    def __init__(self, overrides: Iterable[Override]) -> None:
        self._overrides: dict[tuple[str, int], Override] = {}
        self._seen: Counter[str] = Counter()
        for override in overrides:
            _check(override)
            key = (override.command.upper(), override.nth)
            if key in self._overrides:
                raise BadOverride(override.line, "on", f"two 'on' lines for {key[0]}#{key[1]}")
            self._overrides[key] = override

    def at(self, *points: str) -> Override | None:
        """Count one more of each of these points; gives the first `on` line for one of them."""
        self._seen.update(points)
        found = (self._overrides.get((point, self._seen[point])) for point in points)
        return next((override for override in found if override is not None), None)

    def times(self, point: str) -> int:
        """How often this point came."""
        return self._seen[point]


def said(override: Override, right: bytes, render: Render) -> bytes:
    """The reply that the session's state must follow: the replacement, or else the right one.

    A reply that is cut, or lost because the connection ends, changes the state as if it had
    been sent: the server did what the client asked.
    """
    replies = [render(action.template) for action in override.actions if isinstance(action, Send)]
    return b"".join(replies) or right


def steps(override: Override, right: bytes, render: Render) -> list[Step]:
    """What to do instead of sending `right`.

    `cut` shortens the first reply of the line, or the right one, and `rest` sends what it has
    left. The right reply is left out if another replaces it or the connection ends without one.
    """
    cut = next((int(each.args[0]) for each in _named(override, "cut")), None)
    replaced = any(isinstance(action, Send) for action in override.actions)
    left = b"" if replaced else right
    done: list[Step] = []
    for action in override.actions:
        if isinstance(action, Send):
            octets = render(action.template)
            done.append(Reply(octets[:cut], action.line))
            left, cut = (left if cut is None else octets[cut:]), None
        elif action.name == "cut" and not replaced:
            done.append(Reply(right[:cut], action.line))
            left = right[cut:]
        elif action.name == "rest":
            done += [Drain(), Reply(left, action.line)]
        elif action.name in ENDS:
            done.append(End(action.name, action.line))
            break
        elif (step := _other(action)) is not None:
            done.append(step)
    if not any(isinstance(step, (Reply, End)) for step in done):
        done.append(Reply(right, override.line))
    return done


def _named(override: Override, name: str) -> list[Directive]:
    return [
        action
        for action in override.actions
        if isinstance(action, Directive) and action.name == name
    ]


def _other(action: Directive) -> Step | None:
    """The step of an action that neither sends nor ends; None for one that does nothing here."""
    if action.name == "pause":
        return Pause(int(action.args[0]))
    if action.name == "deliver":
        return Deliver(action.args[0])
    if action.name == "leave-after":
        return LeaveAfter(int(action.args[0]), action.line)
    return None


def fault_of(override: Override | None) -> str:
    """The fault of the TLS handshake that follows the reply; empty for a good one."""
    for action in override.actions if override else ():
        if isinstance(action, Directive) and action.name == "starttls":
            return "".join(action.args)
    return ""


def _check(override: Override) -> None:
    for name in _ONCE:
        found = _named(override, name)
        if len(found) > 1:
            message = f"an 'on' line has one {name}"
            raise BadOverride(found[1].line, name, message)
    replaced = any(isinstance(action, Send) for action in override.actions)
    if replaced and _named(override, "rest") and not _named(override, "cut"):
        message = "rest sends what cut has left; a cut is missing"
        raise BadOverride(override.line, "rest", message)
    for action in override.actions:
        if isinstance(action, Send) or action.name in _FREE:
            continue
        if action.name in ("cut", "pause", "leave-after"):
            if len(action.args) != 1 or not action.args[0].isdigit():
                raise BadOverride(action.line, action.name, f"{action.name} takes one number")
        elif action.name == "starttls":
            if override.command.upper() not in ("STLS", "STARTTLS"):
                raise BadOverride(action.line, action.name, "only STLS and STARTTLS can begin TLS")
            if SILENT in action.args:
                raise BadOverride(action.line, SILENT, f"a reactive server cannot do {SILENT!r}")
        elif action.name not in ENDS:
            message = f"a reactive server cannot do {action.name!r}"
            raise BadOverride(action.line, action.name, message)
