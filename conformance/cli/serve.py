"""`mailspec serve ID`: the server of one case, for a client that you run by hand."""

from __future__ import annotations

import argparse
import time
from dataclasses import replace

from conformance.cli import listen_options
from conformance.run import exit_status, select
from conformance.run.context import bind_tls_files
from conformance.run.subject_run import draw_seed
from fake_servers.listen_address import listen_address
from fake_servers.log import EventLog, Kind
from fake_servers.reactive import open_server
from fake_servers.scripted.server import ScriptedServer
from fake_servers.server import Server
from fake_servers.trace.notation import show
from fake_servers.trace.syntax import Name, Template, Trace
from fake_servers.trace.template import Bindings
from fake_servers.wire.delivery import VARIANTS

LOOK_S = 0.05
CA: Template = (Name("ca"),)
ARROWS = {Kind.RX: "C:", Kind.TX: "S:"}


def serve(args: argparse.Namespace) -> int:
    """Serves until Ctrl-C, or until a linear trace is over; prints the conversation."""
    listen_options.apply(args)
    traces = select.select([args.id])
    if len(traces) > 1:
        raise select.NothingSelected(
            f"{args.id!r} names {len(traces)} cases; serve needs a single case"
        )
    trace = traces[0]
    if trace.family and not trace.member:
        raise select.NothingSelected(
            f"{trace.id} is a family: serve needs a single case; `list '{trace.id}/*'` shows them"
        )
    if trace.family:
        from conformance import families

        trace = replace(families.of_case(trace)[0].trace, id=trace.id)
    seed = draw_seed() if args.seed is None else args.seed
    log = EventLog()
    bindings = Bindings(seed, trace.id)
    has_tls = trace.uses_tls or VARIANTS[args.variant].tls
    if has_tls:
        bind_tls_files(bindings)
    server = _open(trace, log, bindings, args.variant)
    with server:
        where = f"{listen_address().client_host(server.host)} port {server.port}"
        trust = f", authority to trust {show(bindings.render(CA))}" if has_tls else ""
        print(f"{trace.id}: {trace.protocol} on {where}, seed {seed}{trust}", flush=True)
        _watch(trace, server, log)
    if server.failure is not None:
        raise server.failure
    return _verdict(trace, server)


def _open(trace: Trace, log: EventLog, bindings: Bindings, variant: str) -> Server:
    if trace.goal is not None:
        return open_server(trace, log, VARIANTS[variant], bindings)
    return ScriptedServer(trace, log, VARIANTS[variant], bindings, paced=False)


def _watch(trace: Trace, server: Server, log: EventLog) -> None:
    """Prints the events as they happen, until the server is done."""
    printed = 0
    try:
        while True:
            over = not server.running or _is_played(trace, server, log)
            for event in list(log)[printed:]:
                printed = event.seq + 1
                arrow = ARROWS.get(event.kind, f"({event.kind.value})")
                print(arrow, show(event.octets) or event.data.get("text", ""), flush=True)
            if over:
                return
            time.sleep(LOOK_S)
    except KeyboardInterrupt:
        print()


def _is_played(trace: Trace, server: Server, log: EventLog) -> bool:
    """Whether a linear trace is over and the client has closed."""
    if not isinstance(server, ScriptedServer) or not trace.items:
        return False
    events = list(log)
    ended = bool(events) and events[-1].kind in (Kind.EOF, Kind.RESET)
    return ended and server.wait_for_server(trace.items[-1].line + 1, 0)


def _verdict(trace: Trace, server: Server) -> int:
    """Prints what the wire shows of a linear trace; returns the exit status."""
    findings = server.findings if isinstance(server, ScriptedServer) else []
    for finding in findings:
        print(f"{trace.path}:{trace.file_line(finding.line)}: {finding.reason}")
        print(f"  expected  {finding.expected}\n  actual    {finding.actual}")
    return exit_status.UNEXPECTED if any(not f.info for f in findings) else exit_status.OK
