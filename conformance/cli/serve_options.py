"""The options of `serve`, and the bench that they ask for."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from conformance import near, on_lines
from conformance.cli import listen_options
from conformance.cli.arguments import Unusable
from conformance.ops import COMMANDS
from conformance.serve import place
from conformance.serve.cases import CaseStand, MixedCases, choose
from conformance.serve.keep import EmlFolder, Keeper, MaildirFolder
from conformance.serve.mailbox import BadMailbox, Box, MaildirBox, MboxBox
from conformance.serve.services import ACCOUNT, MECHANISMS, OFFERED, SERVICES, Offer, ServiceStand
from conformance.serve.store import Store
from conformance.serve.turn import Stand
from fake_servers.listen_address import LOOPBACK, listen_address, set_listen_address
from fake_servers.trace.syntax import Override
from fake_servers.trace.timeline import FAULTS, SILENT
from fake_servers.wire.delivery import VARIANTS

FREE = "0"
MOST_STANDS = 16
_NOT_FOR_SERVICES = ("ipv6", "tls")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """All of them, in groups."""
    parser.add_argument(
        "ids", nargs="*", metavar="CASE", help="id of a case or GLOB, FILE.trace or FILE.trace::ID"
    )
    parser.add_argument("--once", action="store_true", help="end after one session, by its verdict")
    parser.add_argument("--quiet", action="store_true", help="print only the verdicts")
    parser.add_argument("--transcripts", type=Path, metavar="DIR", help="keep the conversations")
    parser.add_argument(
        "--http",
        type=_place,
        metavar="[ADDR:]PORT",
        help="show the sessions on a page, live, at http://127.0.0.1:PORT/",
    )
    parser.add_argument("--variant", choices=list(VARIANTS), default="whole")
    parser.add_argument("--seed", type=int)
    listen_options.add_arguments(parser)
    _add_services(parser.add_argument_group("well-behaved servers, in place of cases"))
    _add_mail(parser.add_argument_group("their mail"))


def _add_services(group: argparse._ArgumentGroup) -> None:
    for name in SERVICES:
        group.add_argument(
            f"--{name}",
            type=_place,
            nargs="?",
            const=_place(FREE),
            action="append",
            metavar="[ADDR:]PORT",
            help=f"{_TEXTS[name]}; without a port, or with 0, on a free one",
        )
    account = ":".join(ACCOUNT)
    group.add_argument(
        "--user",
        action="append",
        type=_account,
        metavar="NAME:SECRET",
        help=f"an account (default: {account}); may be repeated",
    )
    group.add_argument(
        "--sasl",
        type=_mechanisms,
        default=MECHANISMS,
        metavar="LIST",
        help=f"mechanisms of AUTH, with commas, or none (default: {','.join(MECHANISMS)})",
    )
    group.add_argument("--starttls", action="store_true", help="offer STLS and STARTTLS")
    group.add_argument(
        "--require-tls", action="store_true", help="no login and no mail without TLS"
    )
    faults = [name for name in FAULTS if name != SILENT]
    group.add_argument("--cert", choices=["good", *faults], default="good", help="what TLS shows")
    group.add_argument(
        "--on",
        action="append",
        default=[],
        metavar="LINE",
        help="what to do instead, in each session: 'RETR#1: cut 10, close'; may be repeated",
    )


_TEXTS = {
    "pop3": "POP3",
    "pop3s": "POP3 over TLS",
    "smtp": "SMTP; takes mail with and without a login",
    "submission": "SMTP that takes mail after a login",
    "smtps": "submission over TLS",
    "lmtp": "LMTP",
}


def _add_mail(group: argparse._ArgumentGroup) -> None:
    own = group.add_mutually_exclusive_group()
    own.add_argument("--maildir", type=Path, metavar="DIR", help="serve this Maildir by POP3")
    own.add_argument("--mbox", type=Path, metavar="FILE", help="serve this mbox file by POP3")
    group.add_argument(
        "--delete", action="store_true", help="what clients delete is removed from it for good"
    )
    group.add_argument(
        "--keep", type=Path, metavar="DIR", help="write received mail as .eml, with a .json each"
    )
    group.add_argument(
        "--keep-maildir", type=Path, metavar="DIR", help="write received mail into a Maildir"
    )


def _place(text: str) -> place.Place:
    try:
        return place.read(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _account(text: str) -> tuple[bytes, bytes]:
    name, colon, secret = text.partition(":")
    if not (name and colon and secret) or not text.isprintable():
        raise argparse.ArgumentTypeError(f"must be NAME:SECRET, not {text!r}")
    return name.encode("utf-8", "surrogateescape"), secret.encode("utf-8", "surrogateescape")


def _mechanisms(text: str) -> tuple[str, ...]:
    names = tuple(name.strip().upper() for name in text.split(",") if name.strip())
    for name in names:
        if name not in OFFERED and names != ("NONE",):
            meant = near.hint(name, OFFERED, f"; there are {', '.join(OFFERED)}")
            raise argparse.ArgumentTypeError(f"no mechanism {name!r}{meant}")
    return () if names == ("NONE",) else names


# -- what they ask for ----------------------------------------------------------------------


def stands(args: argparse.Namespace, seed: int) -> list[Stand]:
    """What to serve; raises Unusable and what conformance.serve.cases.choose raises."""
    wanted = [(name, each) for name in SERVICES for each in getattr(args, name) or ()]
    if bool(wanted) == bool(args.ids):
        raise Unusable(
            "serve needs cases, or servers such as --smtp 1025 --pop3 1110"
            + (", and not both" if wanted else "")
        )
    if len(wanted) > MOST_STANDS:
        raise Unusable(f"serve starts at most {MOST_STANDS} servers")
    if args.ids:
        return [_cases(args, seed)]
    offer, store = _offer(args, [name for name, _ in wanted]), _store(args)
    host = listen_address().listen
    found: list[Stand] = [
        ServiceStand(name, each.at(host), offer, store, seed) for name, each in wanted
    ]
    _go_by_their_names(found, host)
    return found


def _cases(args: argparse.Namespace, seed: int) -> CaseStand:
    for option in _ONLY_SERVICES:
        if getattr(args, option.replace("-", "_")) not in (None, False, [], "good", MECHANISMS):
            raise Unusable(f"--{option} is for servers such as --smtp, not for cases")
    try:
        traces = choose(args.ids)
    except MixedCases as error:
        raise Unusable(str(error)) from None
    address = listen_address()
    usual = VARIANTS[args.variant].host
    return CaseStand(
        traces, place.Place(address.bind_host(usual), address.port), seed, args.variant
    )


_ONLY_SERVICES = (
    "user sasl starttls require-tls cert on maildir mbox delete keep keep-maildir".split()
)


def _offer(args: argparse.Namespace, names: Sequence[str]) -> Offer:
    if args.port:
        raise Unusable("--port is for cases; a server has its own, as in --smtp 1025")
    if args.variant in _NOT_FOR_SERVICES:
        raise Unusable(f"--variant {args.variant} is for cases; name a place as in --smtps [::1]:0")
    implicit = all(SERVICES[name].tls for name in names)
    if args.cert != "good" and not args.starttls and not any(SERVICES[n].tls for n in names):
        raise Unusable("--cert needs a server with TLS: --starttls, --pop3s or --smtps")
    if args.require_tls and not (args.starttls or implicit):
        raise Unusable("--require-tls needs --starttls: nobody could log in otherwise")
    return Offer(
        users=dict(args.user or [tuple(word.encode() for word in ACCOUNT)]),
        sasl=tuple(name.encode() for name in args.sasl),
        starttls=args.starttls,
        clear=not args.require_tls,
        cert=args.cert,
        variant=args.variant,
        on=_overrides(args.on, {SERVICES[name].protocol for name in names}),
    )


def _overrides(lines: Sequence[str], protocols: Iterable[str]) -> dict[str, tuple[Override, ...]]:
    """The `on` lines of each protocol that has the command."""
    found: dict[str, tuple[Override, ...]] = {}
    known = sorted(protocols)
    for protocol in known:
        own = [line for line in lines if on_lines.command_of(line) in COMMANDS[protocol]]
        try:
            found[protocol] = on_lines.read(protocol, own)
        except ValueError as error:
            raise Unusable(f"--on {error}") from None
        for override in found[protocol]:
            if override.command == "CONNECT" and override.nth > 1:
                raise Unusable("--on CONNECT#1 is the only one: a session is one connection")
    for line in lines:
        command = on_lines.command_of(line)
        if not any(command in COMMANDS[protocol] for protocol in known):
            try:
                on_lines.read(known[0], [line])
            except ValueError as error:
                raise Unusable(f"--on {error}") from None
    return found


def _store(args: argparse.Namespace) -> Store:
    if args.delete and args.maildir is None and args.mbox is None:
        raise Unusable("--delete needs a mailbox of your own: --maildir DIR or --mbox FILE")
    if (args.maildir or args.mbox) and not (args.pop3 or args.pop3s):
        raise Unusable("a mailbox of your own is served by POP3: add --pop3 or --pop3s")
    if (args.keep or args.keep_maildir) and not _receives(args):
        raise Unusable("only a server that receives mail can keep it: add --smtp, for example")
    shows = True
    keepers: list[Keeper] = []
    try:
        if args.keep is not None:
            keepers.append(EmlFolder(args.keep))
        if args.keep_maildir is not None:
            keepers.append(MaildirFolder(args.keep_maildir))
            shows = args.maildir is None or not args.maildir.samefile(args.keep_maildir)
    except OSError as error:
        raise Unusable(f"{error.filename} cannot be used: {error.strerror}") from None
    return Store(_box(args), keepers, deletes=args.delete, shows=shows)


def _receives(args: argparse.Namespace) -> bool:
    return any(getattr(args, name) for name, each in SERVICES.items() if each.protocol == "smtp")


def _box(args: argparse.Namespace) -> Box | None:
    try:
        if args.mbox is not None:
            return MboxBox(args.mbox)
        if args.maildir is None:
            return None
        box = MaildirBox(args.maildir)
        box.scan()
    except BadMailbox as error:
        raise Unusable(str(error)) from None
    except OSError as error:
        raise Unusable(f"{args.maildir} cannot be read: {error.strerror}") from None
    for path, why in list(box.unreadable.items())[:1]:
        count = len(box.unreadable)
        print(f"mailspec: left out, {count} in all: {path}: {why}", file=sys.stderr)
    return box


def _go_by_their_names(found: Sequence[Stand], usual: str) -> None:
    """Let certificates name the addresses of the servers; warn where others can connect."""
    address = listen_address()
    for stand in found:
        host = stand.place.host
        if host in listen_options.EVERY_ADDRESS and stand.has_tls and not address.advertise:
            raise Unusable(
                f"--{stand.name} {host} needs --advertise HOST: the certificate has to name it"
            )
    hosts = sorted({stand.place.host for stand in found} - {usual, LOOPBACK, "::1", "localhost"})
    for host in hosts:
        if not host.startswith("127."):
            listen_options.warn(host)
    named = tuple(host for host in hosts if host not in listen_options.EVERY_ADDRESS)
    set_listen_address(replace(address, also=named))
