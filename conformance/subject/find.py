"""Find a subject by its name, by its file, or as a command line of a driver."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

from conformance import near, paths
from conformance.subject import device
from conformance.subject.base import Subject
from conformance.subject.command import CommandSubject
from conformance.subject.driver import DriverSubject
from conformance.subject.error import UnknownSubject
from conformance.subject.json_line import short
from conformance.subject.spec import Spec, is_file, read

names = paths.subject_names


def spec(text: str, *, checked: bool = False) -> Spec:
    """The spec of `NAME`, `FILE.toml`, `cmd:COMMAND LINE`, or a board at `serial:PATH` or
    `tcp:HOST:PORT`; raises UnknownSubject.

    checked  its file was already validated
    """
    if text.startswith("cmd:"):
        return _from_command(text)
    if device.is_address(text):
        return _from_address(text)
    named = paths.SUBJECTS / f"{text}.toml"
    if "/" not in text and is_file(named) and not text.endswith(".expect"):
        return read(named, checked=checked)
    if text.endswith(".toml") or "/" in text:
        return read(Path(text), checked=checked)
    meant = near.hint(text, names())
    raise UnknownSubject(
        f"there is no subject {short(text)!r}{meant + ' There' if meant else '; there'} are "
        f"{', '.join(names())}, a file NAME.toml, 'cmd:COMMAND LINE' of a driver, or a board at "
        "serial:PATH or tcp:HOST:PORT"
    )


def _from_address(text: str) -> Spec:
    try:
        board = device.parse(text)
    except ValueError as error:
        raise UnknownSubject(f"{text}: {error}") from None
    return Spec(path=Path(text), name="", driver=board.argv, device=board)


def _from_command(text: str) -> Spec:
    try:
        argv = tuple(shlex.split(text.removeprefix("cmd:")))
    except ValueError as error:
        raise UnknownSubject(f"{text!r} is not a command line: {error}") from error
    if not argv:
        raise UnknownSubject("cmd: needs the command line of a driver")
    program = os.path.abspath(argv[0]) if "/" in argv[0] else argv[0]
    words = [os.path.abspath(word) if is_file(Path(word)) else word for word in argv[1:]]
    return Spec(path=Path(text), name="", driver=(program, *words))


def load(text: str, *, checked: bool = False) -> Subject:
    """The subject, not started yet, but built from its source.

    checked  another process of this run has validated its file, and built it by its `build`
    """
    found = spec(text, checked=checked)
    if found.build and not checked:
        from conformance.subject import build

        build.run(found)
        found = spec(text, checked=True)  # a word may name what was built only now
    if found.cmake is not None:
        from conformance.subject import build

        build.ensure(found.cmake, found.name)
        found = spec(text, checked=True)
    made = _made(found)
    made.own_header = found.own_header
    made.logs = frozenset(found.logs)
    return made


def _made(found: Spec) -> Subject:
    if not found.driver:
        return CommandSubject(found)
    made = DriverSubject(found.name, found.driver, found.table, found.crash, found.slack_s)
    made.needed = found.needed
    if found.device is not None:
        found.device.check_installed()
        made.is_single = True
        made.address = found.device.address
    return made
