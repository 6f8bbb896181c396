"""The options for a client on another machine or on a board: where the servers listen."""

from __future__ import annotations

import argparse
import socket
import sys

from conformance.cli.arguments import Unusable
from fake_servers.listen_address import LOOPBACK, ListenAddress, set_listen_address

EVERY_ADDRESS = ("0.0.0.0", "::")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """All of them."""
    parser.add_argument(
        "--listen",
        metavar="ADDR",
        default=LOOPBACK,
        help="address to listen on (default: loopback)",
    )
    parser.add_argument(
        "--advertise", metavar="HOST", default="", help="host that the client is told"
    )
    parser.add_argument(
        "--port",
        metavar="N",
        type=port_number,
        default=0,
        help="port to listen on (default: a free one for each server)",
    )


def port_number(text: str) -> int:
    """A port from the command line."""
    if not (text.isdecimal() and 1 <= int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"must be a number from 1 to 65535, not {text!r}")
    return int(text)


def apply(args: argparse.Namespace, *, tries: bool = True) -> None:
    """Makes every test server listen where the options say; raises Unusable.

    tries  first try whether that is possible
    """
    address = ListenAddress(args.listen, args.advertise, args.port)
    if address.is_default:
        return
    if tries:
        _try(address)
    if address.listen in EVERY_ADDRESS and not address.advertise:
        raise Unusable(
            f"--listen {address.listen} needs --advertise HOST, the host that the client is told"
        )
    if address.listen != LOOPBACK:
        warn(address.listen)
    set_listen_address(address)


def warn(host: str) -> None:
    """Say that others can connect to the servers on this address."""
    message = "any machine that reaches this one can connect to the test servers"
    print(f"mailspec: {message}, on {host}", file=sys.stderr)


def _try(address: ListenAddress) -> None:
    try:
        family = socket.AF_INET6 if ":" in address.listen else socket.AF_INET
        socket.create_server((address.listen, address.port), family=family).close()
    except OSError as error:
        where = f"{address.listen} port {address.port}" if address.port else address.listen
        raise Unusable(f"cannot listen on {where}: {error.strerror}") from None
