"""`mailspec record`: a session of a client with a server, as a linear trace."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from conformance.cli.arguments import Unusable
from conformance.cli.listen_options import port_number
from conformance.run import exit_status
from fake_servers.listen_address import LOOPBACK
from fake_servers.recorder import IDLE_S, Recorder, Recording
from fake_servers.trace.error import TraceError
from fake_servers.trace.parser import parse_text

LONGEST_WAIT_S = 86_400


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `record`."""
    parser.add_argument("server", metavar="HOST:PORT", help="the server that the client wants")
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="file to write (default: standard output)"
    )
    parser.add_argument("--id", help="of the trace (default: pop3.recorded or smtp.recorded)")
    parser.add_argument("--title", default="A recorded session")
    parser.add_argument("--listen", metavar="ADDR", default=LOOPBACK, help="(default: loopback)")
    parser.add_argument("--port", type=port_number, default=0, help="to listen on (a free one)")
    parser.add_argument(
        "--wait", type=_seconds, default=IDLE_S, metavar="S", help="longest silence"
    )


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= LONGEST_WAIT_S:
        raise argparse.ArgumentTypeError(f"seconds, at most {LONGEST_WAIT_S}, not {text!r}")
    return seconds


def record(args: argparse.Namespace) -> int:
    """Relays between the next client and the server, and writes what they sent."""
    target = _target(args.server)
    try:
        recorder = Recorder(target, args.listen, args.port)
    except OSError as error:
        raise Unusable(f"cannot listen on {args.listen}: {error.strerror}") from None
    message = f"connect the client to {recorder.host} port {recorder.port}"
    print(f"mailspec: {message}; the trace will contain its secrets", file=sys.stderr, flush=True)
    try:
        recording = recorder.record(args.wait)
    except TimeoutError:
        raise Unusable(
            f"no client connected within {args.wait:g} s, or {args.server} is silent"
        ) from None
    except OSError as error:
        raise Unusable(f"{args.server} cannot be reached: {error.strerror or error}") from None
    return _write(recording, args)


def _target(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not (host and colon and port.isdecimal() and 1 <= int(port) <= 65535):
        raise Unusable(f"the server must be HOST:PORT, not {text!r}")
    return host.strip("[]"), int(port)


def _write(recording: Recording, args: argparse.Namespace) -> int:
    name = args.id or f"{recording.protocol}.recorded"
    text = recording.trace(name, args.title)
    path = args.out or Path("standard output")
    try:
        parse_text(text, path)
    except TraceError as error:
        raise Unusable(f"this session cannot be written as a trace: {error}") from None
    if args.out is None:
        sys.stdout.write(text)
        return exit_status.OK
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        raise Unusable(f"{path} cannot be written: {error.strerror}") from None
    print(f"{path} is written; `serve {path}` plays it, with A: and R: lines `run` does")
    return exit_status.OK
