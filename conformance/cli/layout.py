"""`mailspec fmt`: formats traces."""

from __future__ import annotations

import argparse
import stat
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from conformance import out_folder, paths
from conformance.cli.arguments import Unusable
from conformance.run import exit_status
from fake_servers.trace.error import TraceError
from fake_servers.trace.layout import LayoutFault, formatted
from fake_servers.trace.parser import read


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `fmt`."""
    parser.add_argument("files", nargs="*", metavar="FILE", help="files or folders (default: all)")
    parser.add_argument("--check", action="store_true", help="change nothing, only list files")


def fmt(args: argparse.Namespace) -> int:
    """Formats traces; with --check, changes nothing and returns 1 if a file is not formatted.

    A broken file is named and left as it is, and the others are formatted; the status is 2 then.
    """
    count = changed = broken = 0
    for path in _traces([Path(name) for name in args.files] or [paths.traces()]):
        count += 1
        try:
            text, made = _both(path)
        except TraceError as error:
            broken += 1
            print(f"mailspec: {error}", file=sys.stderr)
            continue
        if text == made:
            continue
        changed += 1
        print(paths.shown(path))
        if not args.check:
            _replace(path.resolve(), made)
    what = "not formatted" if args.check else "formatted"
    if broken < count or not count:
        print(f"{changed} of {count} files {what}", file=sys.stderr)
    if broken:
        return exit_status.USAGE
    return exit_status.UNEXPECTED if args.check and changed else exit_status.OK


def _replace(path: Path, text: str) -> None:
    """Write the file whole or not at all: a trace is not lost to a full disk."""
    mode = path.stat().st_mode
    try:
        out_folder.write(path, text)
    except PermissionError as error:
        raise Unusable(f"{path} cannot be written: {error.strerror}") from None
    path.chmod(stat.S_IMODE(mode))


def _traces(places: Iterable[Path]) -> Iterator[Path]:
    """The files themselves, and every trace below the folders."""
    for place in places:
        if place.is_dir():
            yield from sorted(place.rglob("*.trace"))
        else:
            yield place


def _both(path: Path) -> tuple[str, str]:
    """The text of a file, and the same text formatted; raises TraceError."""
    text = read(path)
    try:
        return text, formatted(text, path)
    except LayoutFault as error:
        raise TraceError(path, 1, "", str(error)) from None
