"""The parts of a trace, as the parser gives them and everything else reads them.

The notation is described in traces/README.md. All parts are immutable and know the
line of the file that they came from.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Union


@dataclass(frozen=True, slots=True)
class Name:
    """`$name`: bound at its first use in `C:` or by a drawing function, equal afterwards."""

    name: str


@dataclass(frozen=True, slots=True)
class Func:
    """`${f arg ...}`: computed by the suite; each argument is a template of its own."""

    name: str
    args: tuple["Template", ...]


Template = tuple[Union[bytes, Name, Func], ...]
"""Octets with holes. Escapes and `$$` are resolved; text outside ASCII is UTF-8."""

Value = Union[Template, int, bool, list["Value"]]
"""A value of A:, R: or a header; a bare number is an int, `true` and `false` are bool."""


@dataclass(frozen=True, slots=True)
class Call:
    """`A:` one call of the client, with the message octets of its `D:` lines, if any."""

    line: int
    op: str
    args: dict[str, Value]
    data: Template | None = None


@dataclass(frozen=True, slots=True)
class Alternative:
    """Some of the outcomes of an `R:` line, and what is judged where the call ends with one."""

    outcomes: tuple[str, ...]
    values: dict[str, Value]
    data: Template | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """`R:` what the call must give: one of `outcomes`, these values, these octets.

    bound  alternatives with a bar between blanks: each has values of its own, and `values` and
           `data`, which are judged whatever the outcome is, are empty
    """

    line: int
    outcomes: tuple[str, ...]
    values: dict[str, Value]
    data: Template | None = None
    bound: tuple[Alternative, ...] = ()

    def alternatives(self) -> tuple[Alternative, ...]:
        """Each with all that is judged; the call must meet one of them."""
        return self.bound or (Alternative(self.outcomes, self.values, self.data),)

    def of_values(self, names: Container[str]) -> "Result":
        """The result with only the values of these names."""
        kept = [
            replace(each, values={name: v for name, v in each.values.items() if name in names})
            for each in self.alternatives()
        ]
        if not self.bound:
            return replace(self, values=kept[0].values)
        return replace(self, bound=tuple(kept))

    def each_outcome(self) -> Iterator["Result"]:
        """The result once for each of its outcomes, with what is judged there."""
        for each in self.alternatives():
            for outcome in each.outcomes:
                yield Result(self.line, (outcome,), each.values, each.data)


@dataclass(frozen=True, slots=True)
class Expect:
    """`C:` or `C|`: what the client must send. CRLF stands in the template."""

    line: int
    template: Template
    raw: bool


@dataclass(frozen=True, slots=True)
class Send:
    """`S:` or `S|`: what the server sends. CRLF stands in the template."""

    line: int
    template: Template
    raw: bool


@dataclass(frozen=True, slots=True)
class Move:
    """`T:` one move of the client's state machine."""

    line: int
    state: str
    event: str
    next: str


@dataclass(frozen=True, slots=True)
class Directive:
    """`= name args`, a cut, pause, close, reset, half-close, starttls, expect-eof ..."""

    line: int
    name: str
    args: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """`opt { }` (one branch), `alt { } { }`, `any { }` (one branch).

    The exchanges of `any`, a C: line and what follows up to the next C: line, come once
    each in any order. A branch is known by the line of its first item.
    """

    line: int
    kind: str
    branches: tuple[tuple["Item", ...], ...]


Item = Union[Call, Result, Expect, Send, Move, Directive, Group]


@dataclass(frozen=True, slots=True)
class Override:
    """`on CMD#n: ...`: what the correct server does instead, in order, at the n-th CMD.

    Each action is a Send (from `reply "..."`) or a Directive.
    """

    line: int
    command: str
    nth: int
    actions: tuple[Send | Directive, ...]


@dataclass(frozen=True, slots=True)
class Goal:
    """What a goal case asks of the client, and the server that it meets."""

    line: int
    name: str
    args: dict[str, Value]
    server: dict[str, Value]
    messages: tuple[Template, ...]
    overrides: tuple[Override, ...]
    result: Result


ALL = "all"
"""In `strict`: every command."""

TLS_NAMES = ("ca", "client_cert", "client_key")
"""Names that have a value, a path, in a trace with TLS of its own."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the lines of a case stand in its file.

    row           line of the table's row that the case is made from, 0 without a table
    begin         line of `begin:`, 0 without a prelude
    header_end    last line of the header, behind which the lines of the prelude are numbered
    inserted      how many these are; all below them are numbered so much higher than in the file
    shares_file   whether other cases stand in the file
    is_usual      whether the server says in the prelude only what it says in every case
    """

    row: int = 0
    begin: int = 0
    header_end: int = 0
    inserted: int = 0
    shares_file: bool = False
    is_usual: bool = False

    @property
    def own_lines(self) -> int:
        """The first line with which the case begins to differ from others; 0 for all of it."""
        return self.header_end + self.inserted + 1 if self.is_usual else 0

    def file_line(self, line: int) -> int:
        """The line of the file for a line of the case."""
        if not self.begin or line <= self.header_end:
            return line
        return self.begin if line <= self.header_end + self.inserted else line - self.inserted


@dataclass(frozen=True, slots=True)
class Trace:
    """One case. `goal` is None for a linear trace, `items` is empty for a goal case.

    `family` names cases that are made, and has neither; with `member` only this one of them is
    meant. `breach` is the verdict of a client that
    does not meet the case where that is milder than its requirements say, with the reason.
    `strict` has the commands, in upper case, that the case is about: where the timeline does not
    name them they fail it, though an RFC lets the client send them. `all` stands for every one.
    `source` has the ids of the attacks that the case is one of.
    """

    path: Path
    id: str
    title: str
    proves: tuple[str, ...]
    needs: tuple[str, ...]
    moves_all: bool
    excluded_variants: frozenset[str]
    exclusion_reason: str
    policy: str
    timeout_ms: int
    items: tuple[Item, ...] = ()
    goal: Goal | None = None
    header_lines: dict[str, int] = field(default_factory=dict)
    family: str = ""
    member: str = ""
    breach: str = ""
    breach_reason: str = ""
    strict: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    origin: Origin = Origin()

    @property
    def row(self) -> int:
        """The line of the table's row that the case is made from, 0 without a table."""
        return self.origin.row

    @property
    def id_line(self) -> int:
        """The line of the file that makes it this case: of its row, or of `id:`."""
        return self.row or self.header_lines.get("id", 1)

    def file_line(self, line: int) -> int:
        """The line of the file for the line of an item: those of a prelude stand at `begin:`."""
        return self.origin.file_line(line)

    @property
    def uses_tls(self) -> bool:
        """Whether TLS is a part of the case itself, by `= starttls` or the goal's `tls`."""
        if self.goal is not None:
            return "tls" in self.goal.server or "tls" in self.goal.args
        return any(_begins_tls(item) for item in self.items)

    @property
    def asks_for_tls(self) -> bool:
        """Whether the client is told to ask for TLS, wherever that leads."""
        return any(isinstance(item, Call) and item.op in _ASKS_FOR_TLS for item in self.items)

    @property
    def has_client_certificate(self) -> bool:
        """Whether the client has a certificate that it can be asked for."""
        return any(isinstance(item, Call) and "client_cert" in item.args for item in self.items)

    @property
    def falls_silent(self) -> bool:
        """Whether the server falls silent somewhere, so that the client's timeout matters."""
        overrides = self.goal.overrides if self.goal else ()
        actions = [action for override in overrides for action in override.actions]
        return any(
            isinstance(item, Directive)
            and (item.name in ("silence", "deaf") or item.args == ("silent",))
            for item in (*self.items, *actions)
        )

    def excludes(self, variant: str) -> bool:
        """Whether the case is not played in this variant.

        A case that is about TLS, by its wire, its calls or its policy, is not played over
        another TLS.
        """
        if variant in self.excluded_variants or variant != "tls":
            return variant in self.excluded_variants
        return self.asks_for_tls or self.uses_tls or self.policy != "clear"

    def is_strict(self, verb: str) -> bool:
        """Whether this command, where the timeline does not name it, fails the case."""
        return verb in self.strict or ALL in self.strict

    @property
    def protocol(self) -> str:
        """`pop3` or `smtp`: the first part of the id."""
        return self.id.partition(".")[0]


_ASKS_FOR_TLS = frozenset({"pop3.stls", "smtp.starttls"})


def _begins_tls(item: Item) -> bool:
    if isinstance(item, Group):
        return any(_begins_tls(each) for branch in item.branches for each in branch)
    if isinstance(item, Call):
        return item.args.get("tls", (b"none",)) != (b"none",)
    return isinstance(item, Directive) and item.name == "starttls"
