"""`mailspec fmt`: formats traces."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from conformance import paths
from conformance.run import exit_status
from fake_servers.files import inputs
from fake_servers.trace.error import TraceError
from fake_servers.trace.layout import LayoutFault, formatted
from fake_servers.trace.parser import MOST_OCTETS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `fmt`."""
    parser.add_argument("files", nargs="*", metavar="FILE", help="files or folders (default: all)")
    parser.add_argument("--check", action="store_true", help="change nothing, only list files")


def fmt(args: argparse.Namespace) -> int:
    """Formats traces; with --check, changes nothing and returns 1 if a file is not formatted."""
    count = changed = 0
    for path in _traces([Path(name) for name in args.files] or [paths.traces()]):
        count += 1
        text, made = _both(path)
        if text == made:
            continue
        changed += 1
        print(paths.shown(path))
        if not args.check:
            path.write_text(made, "utf-8", newline="\n")
    what = "not formatted" if args.check else "formatted"
    print(f"{changed} of {count} files {what}", file=sys.stderr)
    return exit_status.UNEXPECTED if args.check and changed else exit_status.OK


def _traces(places: Iterable[Path]) -> Iterator[Path]:
    """The files themselves, and every trace below the folders."""
    for place in places:
        if place.is_dir():
            yield from sorted(place.rglob("*.trace"))
        else:
            yield place


def _both(path: Path) -> tuple[str, str]:
    """The text of a file, and the same text formatted; raises TraceError."""
    try:
        text = inputs.read(path, MOST_OCTETS).decode()
        return text, formatted(text, path)
    except OSError as error:
        raise TraceError(path, 1, "", f"the trace cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise TraceError(path, 1, "", "a trace is UTF-8 text") from None
    except LayoutFault as error:
        raise TraceError(path, 1, "", str(error)) from None
