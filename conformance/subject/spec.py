"""A subject's TOML file: its contents, and their validation."""

from __future__ import annotations

import functools
import json
import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from string import Formatter
from typing import Any

from conformance import paths
from conformance.subject import device
from conformance.subject.device import Device
from conformance.subject.error import UnknownSubject
from conformance.subject.json_line import short
from fake_servers.files import inputs

MOST_OCTETS = inputs.MIB // 4
"""The largest size of a subject's file."""

COMMON = frozenset(
    {"host", "port", "timeout_ms", "timeout_s", "timeout_whole_s"}
    | {"user", "secret", "login", "dir", "tls", "ca"}
)
PLACEHOLDERS: Mapping[str, frozenset[str]] = {
    "pop3.fetch": COMMON | {"n", "delete", "fail", "fail_after"},
    "pop3.list": COMMON,
    "smtp.send": COMMON
    | {"from", "to", "params", "name", "hello", "message", "fail", "fail_after", "body"},
}

BUILD = "{build}"
"""Stands for paths.build_folder() in the words of `build` and `driver`."""

QUOTABLE = frozenset({"user", "secret", "from", "to", "params", "name"})
"""The arguments that are free text of the caller's."""


@dataclass(frozen=True, slots=True)
class GoalSpec:
    """How one goal is played by a command.

    Every text may hold `{placeholder}`. `login` maps the kind of login to the text of
    `{login}`, `tls` the kind of TLS to that of `{tls}`; `login_args` and `tls_args` are
    words more where there is a login or TLS; `delete` maps `yes` and `no` to the text of
    `{delete}`, and `hello` maps `name` and `own` to that of `{hello}`: the client is told a
    name for EHLO, or takes its own; `fail` maps `yes` and `no` to that of `{fail}`: whether the
    source or the sink of the message fails after `{fail_after}` octets; `fetches_all` tells that one run fetches every message, `stores_lf` that the
    lines of what it leaves end in LF; `repeat` adds its words once for each item of
    a list argument; `quote` tells how the text of an argument is written (`url`, `c`), and
    `cannot` which characters of it have no way to be written; `files` maps a path to the text that is written there first; `data` is
    the file of the fetched message, `stdout`, or `maildir:FOLDER`.
    """

    argv: tuple[str, ...]
    login: Mapping[str, str] = field(default_factory=dict)
    login_args: tuple[str, ...] = ()
    tls: Mapping[str, str] = field(default_factory=dict)
    tls_args: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    delete: Mapping[str, str] = field(default_factory=dict)
    hello: Mapping[str, str] = field(default_factory=dict)
    fail: Mapping[str, str] = field(default_factory=dict)
    fetches_all: bool = False
    stores_lf: bool = False
    repeat: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    quote: Mapping[str, str] = field(default_factory=dict)
    cannot: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    stdin: str = ""
    own_header: bool = False
    data: str = ""

    def places(self) -> frozenset[str]:
        """The names of the arguments that this goal has a place for."""
        found = {name for text in self.texts() for name in placeholders(text)}
        found.update(self.repeat)
        if self.stdin or "body" in found:
            found.add("message")
        return frozenset(found)

    def takes_body(self) -> bool:
        """Whether the client gets the body of a message alone."""
        return self.stdin == "body" or any("body" in placeholders(text) for text in self.texts())

    def texts(self) -> Iterator[str]:
        """Every text that may contain placeholders."""
        yield from self.argv
        yield from self.login_args
        yield from self.login.values()
        yield from self.tls.values()
        yield from self.delete.values()
        yield from self.hello.values()
        yield from self.fail.values()
        for words in (*self.repeat.values(), *self.tls_args.values()):
            yield from words
        for mapping in (self.files, self.env):
            yield from mapping
            yield from mapping.values()
        yield self.data


@dataclass(frozen=True, slots=True)
class CMakeSpec:
    """The source tree of a driver; paths are absolute, no targets means all."""

    source: Path
    build: Path
    inputs: tuple[Path, ...]
    options: tuple[str, ...]
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Spec:
    """One subject's file. It has either `driver` (level 1) or `goals` (level 0).

    package  the Debian packages that it needs, as words
    unpack  those of them that conflict with others, so that they are only unpacked
    device  where the driver is, if that is a board; `driver` is then the program that reaches it
    slack_s  seconds that each answer of the driver, or each run of the command, may take longer
    build  the command that makes the client, run in the folder of the file; here and in `driver`,
           `{build}` is replaced by the folder of what is built
    own_header  it writes header fields of its own
    crash  exit statuses with which a tool such as valgrind reports a fault of the client
    logs   where the client writes a log that this file asks for: it may hold the secret
    """

    path: Path
    name: str
    title: str = ""
    version: tuple[str, ...] = ()
    package: str = ""
    unpack: str = ""
    driver: tuple[str, ...] = ()
    device: Device | None = None
    slack_s: float = 0.0
    table: tuple[str, ...] | None = None
    build: tuple[str, ...] = ()
    cmake: CMakeSpec | None = None
    features: frozenset[str] = frozenset()
    goals: Mapping[str, GoalSpec] = field(default_factory=dict)
    exit: Mapping[str, str] = field(default_factory=dict)
    crash: frozenset[int] = frozenset()
    own_header: bool = False
    logs: tuple[str, ...] = ()

    @property
    def needed(self) -> str:
        """What an error says of the packages that are missing."""
        return f" (package {self.package})" if self.package else ""


@functools.cache
def schema() -> dict[str, Any]:
    """subject.schema.json."""
    text = (paths.PACKAGE / "subject.schema.json").read_text("utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def placeholders(text: str) -> list[str]:
    """The names in braces; `{{` means a brace.

    Raises ValueError if braces do not match or contain more than a name: with a width, a few octets
    could fill the memory.
    """
    found = []
    for _, name, layout, conversion in Formatter().parse(text):
        if layout or conversion:
            raise ValueError(f"{{{name}}} holds more than a name")
        found += [] if name is None else [name]
    return found


def read(path: Path, *, checked: bool = False) -> Spec:
    """Reads one file; raises UnknownSubject with a sentence that says what is wrong.

    checked  this run has validated the file before
    """
    where = paths.shown(path)
    try:
        row = tomllib.loads(inputs.read(path, MOST_OCTETS).decode())
    except OSError as error:
        raise UnknownSubject(f"{where} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:  # also a number of too many digits
        raise UnknownSubject(f"{where} is not TOML: {error}") from error
    if _has_nul(row):
        raise UnknownSubject(f"{where} is not a subject: no text of it may hold a NUL")
    if not checked:
        _validate(row, where)
    spec = _spec(row, path)
    _check_placeholders(spec, where)
    return spec


def _has_nul(value: Any) -> bool:
    """Whether a text contains a NUL, which no argument of a command and no path can have."""
    if isinstance(value, dict):
        return any(_has_nul(each) for each in (*value, *value.values()))
    if isinstance(value, list):
        return any(map(_has_nul, value))
    return isinstance(value, str) and "\0" in value


def _validate(row: dict[str, Any], where: str) -> None:
    import jsonschema

    known = schema()["properties"]
    if unknown := [key for key in row if key not in known]:
        raise UnknownSubject(
            f"{where} is not a subject: there is no key {short(repr(unknown[0]))}; "
            f"there are {', '.join(known)}"
        )
    validator = jsonschema.Draft202012Validator(schema())
    error = jsonschema.exceptions.best_match(validator.iter_errors(row))
    if error is not None:
        place = ".".join(str(part) for part in error.absolute_path) or "the file"
        raise UnknownSubject(f"{where} is not a subject: {place}: {_sentence(row, error.message)}")


def _sentence(row: dict[str, Any], message: str) -> str:
    if "driver" not in row and "goal" not in row:
        return "it has neither a driver nor a goal"
    if "driver" in row and ({"goal", "exit", "features"} & set(row)):
        return "a driver reports its features itself; goal, exit and features are for a command"
    if isinstance(row.get("driver"), str):
        return "a driver is a list of words, serial:PATH or tcp:HOST:PORT"
    if "build" in row and "cmake" in row:
        return "it has both build and cmake; keep the one that makes the client"
    return message


def _spec(row: dict[str, Any], path: Path) -> Spec:
    folder = path.resolve().parent
    cmake = row.get("cmake")
    own_header = row.get("headers") == "own"
    board = _device(row, path)
    return Spec(
        path=path,
        name=row["name"],
        title=row.get("title", ""),
        version=_program(row.get("version", ()), folder),
        package=row.get("package", ""),
        unpack=row.get("unpack", ""),
        driver=_program(_in_build(row.get("driver", ()), path), folder)
        if board is None
        else board.argv,
        device=board,
        slack_s=row.get("slack_s", 0.0),
        table=_program(row["table"], folder) if "table" in row else None,
        build=_program(_in_build(row.get("build", ()), path), folder),
        cmake=None if cmake is None else _cmake(cmake, folder),
        features=frozenset(row.get("features", ())),
        goals={
            name: _goal(goal, folder, own_header=own_header)
            for name, goal in row.get("goal", {}).items()
        },
        own_header=own_header,
        exit=dict(row.get("exit", {})),
        crash=frozenset(row.get("crash", ())) | (board.crash_statuses if board else frozenset()),
        logs=tuple(row.get("logs", ())),
    )


def _device(row: dict[str, Any], path: Path) -> Device | None:
    """The board that the driver is on; raises UnknownSubject for keys that only a board has."""
    address = row.get("driver")
    where = f"{paths.shown(path)} is not a subject"
    if not isinstance(address, str):
        if extra := {"reset", "fault"} & row.keys():
            raise UnknownSubject(
                f"{where}: {min(extra)} is for a driver at serial:PATH or tcp:HOST:PORT"
            )
        return None
    try:
        reset = _program(row.get("reset", ()), path.resolve().parent)
        return device.parse(address, reset, row.get("fault", ""))
    except ValueError as error:
        raise UnknownSubject(f"{where}: driver: {error}") from None


def _in_build(argv: Any, path: Path) -> list[str]:
    """The words of a command, with the folder of what is built in the place of `{build}`."""
    return [word.replace(BUILD, str(paths.build_folder(path))) for word in argv]


def _cmake(row: dict[str, Any], folder: Path) -> CMakeSpec:
    source = (folder / row["source"]).resolve()
    return CMakeSpec(
        source=source,
        build=(folder / row["build"]).resolve(),
        inputs=tuple(source / name for name in row.get("inputs", ["."])),
        options=tuple(row.get("options", ())),
        targets=tuple(row.get("targets", ())),
    )


def _goal(row: dict[str, Any], folder: Path, *, own_header: bool) -> GoalSpec:
    return GoalSpec(
        own_header=own_header,
        argv=_program(row["argv"], folder),
        login=dict(row.get("login", {})),
        login_args=tuple(row.get("login_args", ())),
        tls=dict(row.get("tls", {})),
        tls_args={kind: tuple(words) for kind, words in row.get("tls_args", {}).items()},
        delete=dict(row.get("delete", {})),
        hello=dict(row.get("hello", {})),
        fail=dict(row.get("fail", {})),
        fetches_all=row.get("fetches") == "all",
        stores_lf=row.get("line_ends") == "lf",
        repeat={name: tuple(words) for name, words in row.get("repeat", {}).items()},
        quote=dict(row.get("quote", {})),
        cannot=dict(row.get("cannot", {})),
        files=dict(row.get("files", {})),
        env=dict(row.get("env", {})),
        stdin=row.get("stdin", ""),
        data=row.get("data", ""),
    )


def _program(argv: Any, folder: Path) -> tuple[str, ...]:
    """The words of a command; a word that names a file in the folder of the TOML file becomes that
    file.

    The first word is the program. It is looked for on the PATH if it has no slash and there is no
    executable file of that name in the folder.
    """
    words = [_beside(word, folder) for word in argv]
    if words and words[0] == argv[0] and "/" in argv[0] and "{" not in argv[0]:
        words[0] = str(folder / argv[0])
    elif words and "/" not in argv[0] and not os.access(words[0], os.X_OK):
        words[0] = argv[0]
    return tuple(words)


def _beside(word: str, folder: Path) -> str:
    if word.startswith(("/", "-")) or "{" in word or not is_file(folder / word):
        return word
    return str((folder / word).absolute())


def is_file(path: Path) -> bool:
    """Whether there is such a file; False for a name that no file can have."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _check_placeholders(spec: Spec, where: str) -> None:
    for name, goal in spec.goals.items():
        known = PLACEHOLDERS[name]
        for text in goal.texts():
            try:
                found = placeholders(text)
            except ValueError as error:
                raise UnknownSubject(f"{where} is not a subject: {text!r}: {error}") from error
            for place in found:
                if place not in known:
                    raise UnknownSubject(
                        f"{where} is not a subject: {{{place}}} in {text!r} is not an argument"
                        f" of {name}; "
                        f"its arguments are {', '.join(sorted(known))}"
                    )
        for place in goal.repeat:
            if place not in ("to", "params"):
                raise UnknownSubject(
                    f"{where} is not a subject: repeat can only have to and params"
                )
        if goal.takes_body() and not spec.own_header:
            raise UnknownSubject(
                f'{where} is not a subject: a client that gets the body alone needs headers = "own"'
            )
        if name == "pop3.fetch" and not goal.data:
            raise UnknownSubject(
                f"{where} is not a subject: {name} needs data, the place of the message"
            )
