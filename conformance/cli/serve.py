"""`mailspec serve`: servers for a client that you run by hand."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import ExitStack

from conformance.cli import listen_options, serve_options
from conformance.cli.arguments import Unusable
from conformance.cli.signals import ended_by_sigterm
from conformance.run import exit_status
from conformance.run.context import bind_tls_files
from conformance.run.subject_run import draw_seed
from conformance.serve.bench import Bench
from conformance.serve.cases import CaseStand
from conformance.serve.page import open_page
from conformance.serve.services import ACCOUNT, ServiceStand
from conformance.serve.sessions import Session
from conformance.serve.text import Printer, TranscriptFolder
from conformance.serve.turn import Address, Stand
from conformance.verdict import Verdict
from fake_servers.listen_address import LOOPBACK
from fake_servers.trace.notation import show
from fake_servers.trace.syntax import Name
from fake_servers.trace.template import Bindings

_GOOD = frozenset({Verdict.PASS, Verdict.INFO, Verdict.NON_STRICT})


def serve(args: argparse.Namespace) -> int:
    """Serves until it is stopped, or until one session is over; prints the conversations."""
    listen_options.apply(args, tries=False)
    seed = draw_seed() if args.seed is None else args.seed
    stands = serve_options.stands(args, seed)
    bench = Bench(stands)
    if args.transcripts is not None:
        try:
            bench.sessions.listen(TranscriptFolder(args.transcripts))
        except OSError as error:
            raise Unusable(f"{args.transcripts} cannot be written: {error.strerror}") from None
    bench.sessions.listen(Printer(sys.stdout, is_quiet=args.quiet))
    with ended_by_sigterm(), bench, ExitStack() as pages:
        _say(stands, bench.addresses, seed)
        if args.http is not None:
            opened = open_page(bench.sessions, bench.addresses, args.http.at(LOOPBACK))
            print(f"page: {pages.enter_context(opened)}", flush=True)
        first = bench.run(once=args.once or _ends(stands))
    return _status(first)


def _ends(stands: Sequence[Stand]) -> bool:
    """Whether there is nothing but one timeline to serve."""
    return any(isinstance(stand, CaseStand) and stand.ends for stand in stands)


def _say(stands: Sequence[Stand], addresses: Sequence[Address], seed: int) -> None:
    """Where clients find the servers, and what they need."""
    for stand, address in zip(stands, addresses, strict=True):
        what = f"{address.name}: {address.protocol}" if _is_case(stand) else address.name
        more = f", seed {seed}" if _is_case(stand) else ""
        print(f"{what} on {address.host} port {address.port}{more}")
    services = [stand for stand in stands if isinstance(stand, ServiceStand)]
    if services:
        names = [show(name) for name in services[0].offer.users]
        secret = f" with the secret {ACCOUNT[1]}" if names == [ACCOUNT[0]] else ""
        print(f"account: {', '.join(names)}{secret}")
    if any(address.tls for address in addresses):
        print(f"authority to trust: {_authority()}")
    sys.stdout.flush()


def _is_case(stand: Stand) -> bool:
    return isinstance(stand, CaseStand)


def _authority() -> str:
    bindings = Bindings(1, "serve")
    bind_tls_files(bindings)
    return show(bindings.render((Name("ca"),)))


def _status(session: Session | None) -> int:
    """0 for a session that keeps the rules, 1 for one that does not or left too early."""
    verdict = session.judgement.verdict if session and session.judgement else Verdict.ERROR
    if verdict is Verdict.ERROR:
        return exit_status.CANNOT_RUN
    return exit_status.OK if verdict in _GOOD else exit_status.UNEXPECTED
