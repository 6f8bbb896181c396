"""What a case needs while it is played, and what it leaves to be judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from conformance.finding import Axis, JudgedFinding
from conformance.run.caller import Caller
from conformance.run.plain import Known
from conformance.subject.base import Subject, answer_limit_s
from conformance.values import as_arguments
from conformance.verdict import Verdict
from fake_servers.listen_address import listen_address
from fake_servers.log import EventLog
from fake_servers.trace.syntax import TLS_NAMES, Name, Trace, Value
from fake_servers.trace.template import Bindings
from fake_servers.wire.delivery import Delivery

SILENCE_MARGIN_MS = 1
IDLE_TIMEOUT_MS = 2000
"""The shortest timeout of a case that does not wait in real time: a busy machine must not make
the client fail.
"""


@dataclass(slots=True)
class PlayResult:
    """findings    where the client did not meet the case's own expectations
    finished       the client was led through all of it
    taken          of groups, the line of the first item of each branch that it took
    has_extras     it sent commands that the trace does not name and the RFCs leave to it
    unasked        why it could not be asked, or the empty string
    """

    findings: list[JudgedFinding] = field(default_factory=list)
    finished: bool = True
    taken: frozenset[int] = frozenset()
    has_extras: bool = False
    unasked: str = ""

    def cannot_ask(self, reason: str, line: int = 0) -> None:
        """The client said that it cannot do this."""
        self.unasked = reason
        self.add(JudgedFinding(reason, line, axis=Axis.API, verdict=Verdict.UNSUPPORTED))

    def add(self, finding: JudgedFinding | None) -> bool:
        """Keep one if there is one; True if there was."""
        if finding is not None:
            self.findings.append(finding)
        return finding is not None


class CaseContext:
    """Everything that one play of one case needs.

    breach      the verdict of a client that does not meet this case's expectations
    timeout_ms  the client's timeout: that of the trace, at least IDLE_TIMEOUT_MS where nobody
                waits in real time, times `timeout_factor`
    was_silent  the server fell silent
    folder      an empty folder for files
    stderr      what the client wrote to stderr while the case was played
    known       what the plain good cases have shown, where it explains a finding of this case
    """

    def __init__(
        self,
        trace: Trace,
        subject: Subject,
        delivery: Delivery,
        seed: int,
        breach: Verdict,
        timeout_factor: int = 1,
        known: Known | None = None,
    ) -> None:
        self.trace = trace
        self.subject = subject
        self.delivery = delivery
        self.breach = breach
        self.known = known
        self.log = EventLog()
        self.bindings = Bindings(seed, trace.id)
        self.timeout_ms = trace.timeout_ms
        if not trace.falls_silent or "clock" in subject.features:
            self.timeout_ms = max(trace.timeout_ms, IDLE_TIMEOUT_MS)
        self.timeout_ms *= timeout_factor
        self.was_silent = False
        self.limit_s = answer_limit_s(self.timeout_ms)
        self.caller = Caller(subject, self.log, self.limit_s)
        self.folder = Path()
        self.stderr = ""
        self._has_tls = (
            delivery.tls or trace.uses_tls or trace.asks_for_tls or trace.policy == "tls"
        )
        if self._has_tls:
            bind_tls_files(self.bindings)

    def connect_args(self, port: int) -> dict[str, Any]:
        """The arguments of connect that every case gives.

        `ca` only where the client may begin TLS: a client need not load the authorities of the
        machine then.
        """
        args: dict[str, Any] = {
            "host": listen_address().client_host(self.delivery.host),
            "port": port,
            "tls": "implicit" if self._is_implicit() else "none",
            "policy": self.trace.policy,
            "timeout_ms": self.timeout_ms,
        }
        if self._has_tls:
            args["ca"] = self.bindings.value((Name("ca"),))
        return args

    def _is_implicit(self) -> bool:
        """Whether TLS begins with the connection: the variant or the goal's server says so."""
        goal = self.trace.goal
        server = goal.server.get("tls", ()) if goal else ()
        return self.delivery.tls or server == (b"implicit",)

    def values(self, args: Mapping[str, Value]) -> dict[str, Any]:
        """Arguments of a trace as Python values; a bare number becomes text if text is needed."""
        return as_arguments(args, self.bindings)

    def silence(self) -> bool:
        """Let time pass for a client whose clock the suite sets: the server has fallen silent.

        False if the client has such a clock and is not in a call yet.
        """
        self.was_silent = True
        if "clock" not in self.subject.features:
            return True
        return self.subject.advance(self.timeout_ms + SILENCE_MARGIN_MS)


def bind_tls_files(bindings: Bindings) -> None:
    """Give `$ca`, `$client_cert` and `$client_key` their paths."""
    from fake_servers.wire import certificates

    for name, path in zip(
        TLS_NAMES, (certificates.ca_file(), *certificates.client_files()), strict=True
    ):
        bindings.bind(name, str(path).encode())
