"""`mailspec record`: a session of a client with a server, as a linear trace."""

from __future__ import annotations

import argparse
import os
import ssl
import sys
from pathlib import Path

from conformance.cli import listen_options
from conformance.cli.arguments import Unusable
from conformance.record import trace
from conformance.record.relay import IDLE_S, Recorder, RelayError, Tls
from conformance.run import exit_status
from fake_servers.listen_address import listen_address
from fake_servers.trace.error import TraceError

LONGEST_WAIT_S = 86_400
SECRET = "MAILSPEC_SECRET"
"""The environment variable with the secret of the login."""

LONGEST_SECRET = 4096


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `record`."""
    parser.add_argument("server", metavar="HOST:PORT", help="the server that the client wants")
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="file to write (default: standard output)"
    )
    parser.add_argument("--id", help="of the trace (default: pop3.recorded or smtp.recorded)")
    parser.add_argument("--title", default="A recorded session")
    listen_options.add_arguments(parser)
    parser.add_argument(
        "--tls", action="store_true", help="TLS begins with the connection, on both sides"
    )
    parser.add_argument(
        "--server-ca",
        type=Path,
        metavar="FILE",
        help="authority of the server's certificate (default: those of this system)",
    )
    parser.add_argument(
        "--no-verify", action="store_true", help="take any certificate of the server"
    )
    parser.add_argument(
        "--secret-file",
        type=Path,
        metavar="FILE",
        help=f"file with the secret of the login, which must not stand in the trace (or ${SECRET})",
    )
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
    from fake_servers.wire.certificates import ca_file, server_context  # cryptography loads slowly

    host, port = _target(args.server)
    secret = _secret(args.secret_file)
    _check_names(args)
    listen_options.apply(args)
    tls = Tls(server_context(), _trust(args), host, args.tls)
    try:
        recorder = Recorder((host, port), args.listen, tls, args.port)
    except OSError as error:
        raise Unusable(f"cannot listen on {args.listen}: {error.strerror}") from None
    where = f"{listen_address().client_host(recorder.host)} port {recorder.port}"
    message = f"connect the client to {where}; for TLS it must trust the authority in {ca_file()}"
    print(f"mailspec: {message}", file=sys.stderr, flush=True)
    try:
        recording = recorder.record(args.wait)
        name = args.id or f"{recording.protocol or 'smtp'}.recorded"
        text = trace.text(recording, name, args.title, secret)
    except (RelayError, trace.CannotWrite) as error:
        raise Unusable(str(error)) from None
    except TraceError as error:
        raise Unusable(f"this session cannot be written as a trace: {error}") from None
    return _write(text, args.out)


def _check_names(args: argparse.Namespace) -> None:
    """What would be noticed only when the session is over."""
    try:
        trace.check_names(args.id or "smtp.recorded", args.title)
    except TraceError as error:
        raise Unusable(f"--id or --title cannot be that of a trace: {error.message}") from None
    if args.out is not None and not args.out.parent.is_dir():
        raise Unusable(f"there is no folder {args.out.parent} for {args.out.name}")


def _target(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not (host and colon and port.isdecimal() and 1 <= int(port) <= 65535):
        raise Unusable(f"the server must be HOST:PORT, not {text!r}")
    return host.strip("[]"), int(port)


def _secret(file: Path | None) -> bytes:
    """The secret from the file, without its line end, or from the environment."""
    if file is None:
        return os.environb.get(SECRET.encode(), b"")
    try:
        with file.open("rb") as opened:
            octets = opened.read(LONGEST_SECRET + 1).rstrip(b"\r\n")
    except OSError as error:
        raise Unusable(f"{file} cannot be read: {error.strerror}") from None
    if not octets or len(octets) > LONGEST_SECRET:
        raise Unusable(f"{file} must hold a secret of 1 to {LONGEST_SECRET} octets")
    return octets


def _trust(args: argparse.Namespace) -> ssl.SSLContext:
    """Which certificates of the server are good."""
    if args.no_verify and args.server_ca:
        raise Unusable("--no-verify takes any certificate, so --server-ca has no use beside it")
    try:
        context = ssl.create_default_context(cafile=args.server_ca)
    except OSError as error:
        reason = getattr(error, "reason", "") or error.strerror
        raise Unusable(f"{args.server_ca} holds no certificates: {reason}") from None
    if args.no_verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _write(text: str, out: Path | None) -> int:
    if out is None:
        sys.stdout.write(text)
        return exit_status.OK
    try:
        out.write_text(text, "utf-8")
    except OSError as error:
        raise Unusable(f"{out} cannot be written: {error.strerror}") from None
    command = "run" if "\nA: " in text else "serve"
    print(f"{out} is written; `mailspec {command} {out}` plays it")
    return exit_status.OK
