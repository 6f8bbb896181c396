"""`mailspec survey`: every client that can run here, judged and put into one table."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from conformance import paths
from conformance.cli.again import read_results
from conformance.cli.arguments import Unusable
from conformance.out_folder import cannot_write, claimed, write
from conformance.run import exit_status
from fake_servers.wire.delivery import VARIANTS

if TYPE_CHECKING:
    from conformance.survey.clients import Judged, LeftOut

PAGES = {"md": "clients.md", "html": "clients.html"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `survey`."""
    parser.add_argument(
        "subjects",
        nargs="*",
        metavar="SUBJECT",
        help="judge only these (default: every client of others that is installed)",
    )
    parser.add_argument(
        "--out",
        metavar="DIR",
        type=Path,
        default=Path("survey"),
        help="folder for the reports, the table and the pages (default: survey)",
    )
    parser.add_argument(
        "--pages", metavar="DIR", type=Path, help="another folder for clients.md and clients.html"
    )
    parser.add_argument(
        "--cases",
        action="append",
        default=[],
        metavar="WHAT",
        help="ask only these, the same as for run; can be repeated",
    )
    parser.add_argument(
        "--variant",
        action="append",
        choices=[*VARIANTS, "all"],
        help="the same as for run; can be repeated",
    )
    parser.add_argument(
        "--twice", action="store_true", help="judge each a second time and compare the verdicts"
    )


def survey(args: argparse.Namespace) -> int:
    """Judge the clients, write the table; a client that is missing is told, and left out."""
    from conformance.survey import clients

    known = paths.subject_names()
    for name in args.subjects:
        if name not in known:
            raise Unusable(f"there is no subject {name!r}; there are {', '.join(known)}")
    wanted = args.subjects or clients.names()
    judged: list[Judged] = []
    left_out: list[LeftOut] = []
    with claimed(args.out, "mailspec survey"):
        options = [
            *args.cases,
            *(word for name in args.variant or () for word in ("--variant", name)),
        ]
        for found in clients.survey(wanted, args.out.resolve(), options, twice=args.twice):
            _tell(found)
            if isinstance(found, clients.Judged):
                judged.append(found)
            else:
                left_out.append(found)
        if judged:
            _write(args, judged, left_out)
    return _status(args, judged, left_out)


def _tell(found: Judged | LeftOut) -> None:
    from conformance.survey.clients import LeftOut

    if isinstance(found, LeftOut):
        print(f"{found.name}: left out: {found.reason}", flush=True)
        return
    each = found.standing
    parts = [each.sentence, f"{each.seconds:.0f} s"]
    if each.unexpected:
        parts.insert(1, f"{len(each.unexpected)} not as expected")
    if each.changed is not None:
        parts.append(f"{len(each.changed)} changed in the second run")
    print(f"{each.name}: {', '.join(parts)}", flush=True)


def _write(args: argparse.Namespace, judged: list[Judged], left_out: list[LeftOut]) -> None:
    from conformance.report import matrix
    from conformance.survey import page

    runs = [(found.results.parent, read_results(found.results)) for found in judged]
    suite = {**runs[0][1]["suite"], "cases": len({row["id"] for row in runs[0][1]["cases"]})}
    folder = args.pages or args.out
    try:
        matrix.write(args.out, runs)
        folder.mkdir(parents=True, exist_ok=True)
        for kind, name in PAGES.items():
            standings = [found.standing for found in judged]
            write(folder / name, page.render(kind, standings, left_out, suite))
    except OSError as error:
        raise cannot_write(args.out, error) from None
    print(f"table: {paths.shown(args.out)}/index.html, {paths.shown(folder)}/{PAGES['md']}")


def _status(args: argparse.Namespace, judged: list[Judged], left_out: list[LeftOut]) -> int:
    """3 if a client that was named, or all, could not be judged; 1 if a verdict was unexpected."""
    if left_out:
        hint = f"{paths.command()} setup clients"
        print(f"'{hint}' installs what is missing, after asking", file=sys.stderr)
    if not judged or (args.subjects and left_out):
        return exit_status.CANNOT_RUN
    standings = [found.standing for found in judged]
    worse = any(each.unexpected or each.changed for each in standings)
    return exit_status.UNEXPECTED if worse else exit_status.OK
