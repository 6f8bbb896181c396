"""One server with its event log, for a client that a test calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from conformance import monitors, on_lines
from conformance.run import select
from conformance.run.context import bind_tls_files
from conformance.run.subject_run import draw_seed
from conformance.verdict import FAILURES
from fake_servers.log import EventLog, joined
from fake_servers.reactive import open_server
from fake_servers.reactive.options import BadOptions, read_options
from fake_servers.reactive.server import ReactiveServer, ServerConfig
from fake_servers.scripted.server import ScriptedServer
from fake_servers.trace.error import TraceError
from fake_servers.trace.syntax import Name, Trace
from fake_servers.trace.template import Bindings
from fake_servers.wire.delivery import VARIANTS, Delivery


class TestServer:
    """A running server.

    host, port  where it listens
    ca          the authority to trust, a path; None without TLS
    log         every event so far
    """

    __test__ = False

    def __init__(
        self,
        protocol: str,
        server: ReactiveServer | ScriptedServer,
        ca: Path | None,
        trace: Trace | None = None,
    ) -> None:
        self.protocol = protocol
        self.server = server
        self.ca = ca
        self._trace = trace

    def __enter__(self) -> TestServer:
        self.server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.stop()

    @property
    def host(self) -> str:
        return self.server.host

    @property
    def port(self) -> int:
        return self.server.port

    @property
    def log(self) -> EventLog:
        return self.server.log

    @property
    def delivered(self) -> list[Any]:
        """Messages that an SMTP server accepted: mail_from, rcpt_to, octets; all are bytes."""
        return self._reactive().delivered

    @property
    def messages(self) -> list[bytes]:
        """What is left in the maildrop of a POP3 server."""
        return [message.octets for message in self._reactive().maildrop.messages]

    @property
    def logins(self) -> list[tuple[str, bytes]]:
        """Mechanism (or USER, APOP) and user of each login that succeeded."""
        return self._reactive().logins

    def _reactive(self) -> ReactiveServer:
        if not isinstance(self.server, ReactiveServer):
            raise AttributeError("the server of a linear trace keeps no mail")
        return self.server

    def breaches(self) -> list[str]:
        """End the server; a sentence for each place where the client broke a rule.

        Only what breaks a MUST counts, not what breaks a SHOULD. Raises the server's own failure.
        """
        left = self._script_findings() if isinstance(self.server, ScriptedServer) else []
        self.server.stop()
        if self.server.failure is not None:
            raise self.server.failure
        found = monitors.judge(self.protocol, joined(self.log), self._trace)
        broken = [one for one in found if one.verdict in FAILURES]
        return left + [
            f"{one.reason} ({', '.join(one.requirements)})\n"
            f"  expected  {one.expected}\n  actual    {one.actual}"
            for one in broken
        ]

    def _script_findings(self) -> list[str]:
        """What a linear trace found wrong with the client."""
        assert isinstance(self.server, ScriptedServer) and self._trace is not None
        end = self._trace.items[-1].line + 1 if self._trace.items else 1
        is_done = self.server.wait_for_server(end)
        self.server.stop()
        found = [
            f"{self._trace.path}:{self._trace.file_line(each.line)}: {each.reason}\n"
            f"  expected  {each.expected}\n  actual    {each.actual}"
            for each in self.server.findings
            if not each.info
        ]
        if not is_done and not found:
            found.append(f"{self._trace.path}: the client stopped before its end")
        return found


def open_test_server(
    protocol: str,
    offers: Mapping[str, Any],
    messages: Sequence[bytes] = (),
    on: Sequence[str] = (),
    variant: str = "whole",
) -> TestServer:
    """A correct server, which deviates as `on` says; raises ValueError."""
    bindings = Bindings(draw_seed(), f"{protocol}.test-server")
    delivery = _delivery(variant)
    try:
        config = ServerConfig(
            protocol,
            read_options(protocol, {key: _listed(value) for key, value in offers.items()}),
            tuple(messages),
            on_lines.read(protocol, on),
        )
        server = ReactiveServer(config, EventLog(), delivery, bindings)
    except BadOptions as error:
        raise ValueError(str(error)) from None
    ca = _authority(bindings) if delivery.tls or config.options.tls != "none" else None
    return TestServer(protocol, server, ca)


def open_trace(what: str | Path, variant: str = "whole", seed: int = 1) -> TestServer:
    """The server of one case; raises ValueError if `what` is not one case, or is broken."""
    try:
        found = select.select([str(what)])
    except (select.NothingSelected, TraceError) as error:
        raise ValueError(str(error)) from None
    if len(found) > 1:
        raise ValueError(f"{what} names {len(found)} cases; name one")
    trace = found[0]
    if trace.family:
        raise ValueError(f"{trace.id} is a family of cases: no single server can play it")
    bindings = Bindings(seed, trace.id)
    delivery = _delivery(variant)
    ca = _authority(bindings) if trace.uses_tls or delivery.tls else None
    if trace.goal is not None:
        goal_server = open_server(trace, EventLog(), delivery, bindings)
        return TestServer(trace.protocol, goal_server, ca, trace)
    server = ScriptedServer(trace, EventLog(), delivery, bindings, paced=False)
    return TestServer(trace.protocol, server, ca, trace)


def _delivery(variant: str) -> Delivery:
    if variant not in VARIANTS:
        raise ValueError(f"there is no variant {variant!r}; the variants are {', '.join(VARIANTS)}")
    return VARIANTS[variant]


def _authority(bindings: Bindings) -> Path:
    bind_tls_files(bindings)
    return Path(bindings.render((Name("ca"),)).decode())


def _listed(value: Any) -> Any:
    """A value as the servers read it: every sequence is a list, except text and octets."""
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        return [_listed(item) for item in value]
    return value
