"""The command new-subject: writes the files with which a client of the user's own is plugged in.

They are made from conformance/templates: KIND.toml.in and, for a kind with a source file, KIND.EXTENSION.in.
`@NAME@` stands for the subject's name. What stands between the comments `[pop3]` and `[/pop3]` is left out
for a client without POP3, and the same for SMTP.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

from conformance import paths
from conformance.run import exit_status
from conformance.subject import SubjectError, UnknownSubject, spec
from conformance.subject.json_line import short

KINDS = ("command", "python", "perl", "c", "go", "node", "java", "ruby", "php", "rust")
PROTOCOLS = ("pop3", "smtp", "both")
TEMPLATES = paths.PACKAGE / "templates"
NAME = "@NAME@"

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")
_SECTION = re.compile(r"\s*(?:#|//|/\*) \[(/?)(pop3|smtp)\](?: \*/)?")


def add_arguments(made: argparse.ArgumentParser) -> None:
    """Those of new-subject."""
    made.add_argument("name", metavar="NAME", help="name of the subject; NAME.toml is written")
    made.add_argument(
        "--protocol", choices=PROTOCOLS, default="both", help="what it speaks (default: both)"
    )
    made.add_argument(
        "--kind",
        choices=KINDS,
        default="command",
        help="a command, or the language of its source file (default: command)",
    )


def new_subject(args: argparse.Namespace) -> int:
    """Writes the files, none of which may be there already."""
    path = Path(f"{args.name.removesuffix('.toml')}.toml")
    if not _NAME.fullmatch(path.stem):
        raise UnknownSubject(
            f"{short(repr(path.stem))} cannot be the name of a subject: it needs small letters, digits, '.', "
            "'_' and '-', and begins with a letter or a digit"
        )
    files = dict(_files(path, args.kind, args.protocol))
    for each in files:
        if each.exists():
            raise SubjectError(f"{each} is there already; nothing was written")
    for each, text in files.items():
        try:
            each.write_text(text, "utf-8")
        except OSError as error:
            raise SubjectError(f"{each} cannot be written: {error.strerror}") from error
    spec(str(path.resolve()))
    written = " and ".join(str(each) for each in files)
    verb = "is" if len(files) == 1 else "are"
    print(
        f"{written} {verb} written; run this now, and again after each change: {paths.command()} doctor --subject {_as_file(path)}"
    )
    return exit_status.OK


def _files(path: Path, kind: str, protocol: str) -> Iterator[tuple[Path, str]]:
    """Each file and its text."""
    for template in sorted(
        TEMPLATES.glob(f"{kind}.*.in"), key=lambda each: ".toml" not in each.name
    ):
        text = _filled(template.read_text("utf-8"), path.stem, protocol)
        yield path.with_suffix(Path(template.stem).suffix), text


def _filled(text: str, name: str, protocol: str) -> str:
    """A template for this name and this protocol."""
    kept = []
    left_out = ""
    for line in text.splitlines():
        if found := _SECTION.fullmatch(line):
            is_end, section = found.groups()
            left_out = section if not is_end and protocol not in ("both", section) else ""
        elif not left_out:
            kept.append(line.replace(NAME, name))
    return "\n".join(kept) + "\n"


def _as_file(path: Path) -> str:
    """The path in a form that cannot be read as a name."""
    return str(path) if path.is_absolute() else f"./{path}"
