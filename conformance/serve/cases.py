"""The cases of the suite, by turns: each session gets the next one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from conformance import families
from conformance.run import select
from conformance.run.context import bind_tls_files
from conformance.serve import judge
from conformance.serve.place import Place
from conformance.serve.sessions import Judgement, Session
from fake_servers.reactive import open_server
from fake_servers.scripted.server import ScriptedServer
from fake_servers.server import Door, Server
from fake_servers.trace.syntax import Directive, Group, Item, Trace
from fake_servers.trace.template import Bindings
from fake_servers.wire.delivery import VARIANTS


class MixedCases(Exception):
    """The cases are not for one client; the message is a sentence for the user."""


def choose(patterns: Sequence[str]) -> list[Trace]:
    """The cases that the patterns name, the members of a family as cases of their own.

    Raises NothingSelected, TraceError, MixedCases.
    """
    found = [each for trace in select.select(patterns) for each in _playable(trace)]
    protocols = {trace.protocol for trace in found}
    if len(protocols) > 1:
        raise MixedCases(
            f"{' '.join(patterns)} names cases of POP3 and of SMTP: a client speaks one of them"
        )
    return found


def _playable(trace: Trace) -> Iterator[Trace]:
    """The case, or the members of a family, as they are played."""
    if not trace.family:
        yield trace
        return
    for member in families.of_case(trace):
        yield replace(member.trace, id=families.case_of(replace(trace, id=_head(trace)), member).id)


def _head(trace: Trace) -> str:
    """The id of the family, also where the trace is a member of it."""
    return trace.id.removesuffix(f"/{trace.member}") if trace.member else trace.id


class CaseTurn:
    """One session of one case."""

    def __init__(self, trace: Trace, seed: int, variant: str) -> None:
        self.trace = trace
        self.protocol = self.service = trace.protocol
        self.case = trace.id
        self.connections = 1 + _count_accepts(trace.items)
        self._seed = seed
        self._variant = variant

    def open(self, session: Session, door: Door) -> Server:
        """The server of the case."""
        bindings = Bindings(self._seed, self.trace.id)
        if _has_tls(self.trace, self._variant):
            bind_tls_files(bindings)
        delivery = VARIANTS[self._variant]
        if self.trace.goal is not None:
            return open_server(self.trace, session.log, delivery, bindings, door=door)
        return ScriptedServer(self.trace, session.log, delivery, bindings, paced=False, door=door)

    def judge(self, session: Session, server: Server) -> Judgement:
        """By what the wire shows of the case, and by the monitors."""
        return judge.judge(session, server, self.trace)


class CaseStand:
    """Cases by turns on one port; after the last comes the first again."""

    def __init__(self, traces: Sequence[Trace], place: Place, seed: int, variant: str) -> None:
        self.traces = traces
        self.protocol = traces[0].protocol
        self.name = traces[0].id if len(traces) == 1 else f"{len(traces)} cases by turns"
        self.place = place
        self.seed = seed
        self.variant = variant

    @property
    def has_tls(self) -> bool:
        """Whether any of the cases has TLS."""
        return any(_has_tls(trace, self.variant) for trace in self.traces)

    @property
    def ends(self) -> bool:
        """Whether there is one case alone, and its timeline has an end."""
        return len(self.traces) == 1 and self.traces[0].goal is None

    def next(self, number: int) -> CaseTurn:
        """The next case in the order of the list."""
        trace = self.traces[(number - 1) % len(self.traces)]
        return CaseTurn(trace, self.seed, self.variant)


def _has_tls(trace: Trace, variant: str) -> bool:
    return trace.uses_tls or VARIANTS[variant].tls


def _count_accepts(items: Iterable[Item]) -> int:
    """How many more connections a timeline can want."""
    count = 0
    for item in items:
        if isinstance(item, Group):
            count += sum(_count_accepts(branch) for branch in item.branches)
        elif isinstance(item, Directive) and item.name == "accept":
            count += 1
    return count
