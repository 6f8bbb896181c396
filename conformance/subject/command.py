"""Level 0: a client that is a command. A TOML file says how to call it for each goal."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

from conformance.message_body import body_of
from conformance.subject import placing, unpacked
from conformance.subject.answer import Answer
from conformance.subject.base import Subject, answer_limit_s
from conformance.subject.child import STDERR_KEPT
from conformance.subject.error import AdapterBroken, Crashed, Hung, NotInstalled
from conformance.subject.files import MOST_OCTETS, MOST_SEARCHED, read_file, walk
from conformance.subject.json_line import short
from conformance.subject.process import OUT_OF_TIME, fault_of
from conformance.subject.shell import Done, Shell
from conformance.subject.spec import GoalSpec, Spec
from fake_servers.files import scratch

MAILDIR = "maildir:"
STDOUT = "stdout"
MOST_FILES = 1000
STDERR_MOST = 2 * STDERR_KEPT
VERSION_LIMIT_S = 10
VERSION_OCTETS = 64 * 1024


class CommandSubject(Subject):
    """A command, run once a session. Of the user's environment it gets only PATH."""

    level = 0

    def __init__(self, spec: Spec) -> None:
        super().__init__(spec.name, spec.table)
        self.spec = spec
        self.features = spec.features
        if (fetch := spec.goals.get("pop3.fetch")) is not None:
            self.fetches_all, self.stores_lf = fetch.fetches_all, fetch.stores_lf
        texts = [text for goal in spec.goals.values() for text in goal.texts()]
        self.own_words = "\n".join(texts).encode("utf-8", "surrogateescape")
        self._stderr = ""
        self._stdout = b""
        self._written: dict[Path, bytes] = {}
        self._shell = Shell()

    def start(self) -> None:
        if self.version:
            return
        for program in [spec.argv[0] for spec in self.spec.goals.values()]:
            if "{" not in program and not _is_there(program):
                raise NotInstalled(
                    f"{self.name} is not installed: there is no {short(program)}{self.spec.needed}"
                )
        self.version = self._ask_version()

    def _ask_version(self) -> str:
        """The printable part of the first line that the version command prints."""
        if not self.spec.version:
            return "unknown"
        folder = scratch.make("version")
        environment = {**os.environ, "PATH": unpacked.search_path()}
        try:
            done = self._shell.run(
                self.spec.version, folder, environment, b"", VERSION_LIMIT_S, VERSION_OCTETS
            )
        except AdapterBroken as error:
            reason = f"{error}{self.spec.needed}"
            raise NotInstalled(f"{self.name} does not report its version: {reason}") from error
        except Hung as error:
            raise NotInstalled(f"{self.name} does not report its version: it {error}") from error
        finally:
            scratch.remove(folder)
        said = done.stderr.strip().splitlines()
        if done.status == 126 and said:  # a program that is there and cannot run
            raise NotInstalled(f"{self.name} cannot run here: {short(said[-1])}")
        if done.status in (126, 127):  # what a shell says of a program that is not there
            program = short(shlex.join(self.spec.version))
            raise NotInstalled(
                f"{self.name} is not installed: {program} finds no program{self.spec.needed}"
            )
        lines = (done.stdout.decode("utf-8", "replace") or done.stderr).splitlines()
        return short(lines[0].strip()) if lines else "unknown"

    def stop(self) -> str:
        """Between goals, only the keeper runs."""
        self._shell.close()
        return ""

    @property
    def left_behind(self) -> list[str]:
        return self._shell.left

    def call(self, op: str, args: Mapping[str, Any], limit_s: float) -> Answer:
        return Answer("unsupported")

    def take_stderr(self) -> str:
        text, self._stderr = self._stderr, ""
        return text

    def take_stdout(self) -> bytes:
        octets, self._stdout = self._stdout, b""
        return octets

    def left_files(self, folder: Path) -> Iterator[tuple[str, bytes]]:
        for names, _ in walk(folder):
            with suppress(OSError):
                octets = read_file(folder, names, MOST_SEARCHED)
                written = self._written.get(folder.joinpath(*names), b"")
                yield "/".join(names), octets.replace(written, b"", 1)

    def goal(self, name: str, args: Mapping[str, Any], limit_s: float, folder: Path) -> Answer:
        self.start()
        spec = self.spec.goals.get(name)
        if spec is None:
            return Answer("unsupported")
        if reason := placing.hindrance(spec, args):
            return Answer("unsupported", reason=reason)
        texts = placing.texts(spec, args, folder)
        limit_s += _rounded_up_s(spec, args, texts)
        self._written.clear()
        if "message" in args:
            _write_message(spec, folder, _octets(args["message"]))
        if name != "pop3.fetch":
            return Answer(self._run(spec, args, texts, limit_s, folder)[0])
        messages: list[list[Any]] = []
        for number in [""] if spec.fetches_all else args["n"]:
            texts["n"] = str(number)
            place = spec.data.format_map(texts)
            _prepare(place)
            outcome, stdout = self._run(spec, args, texts, limit_s, folder)
            found = _fetched(place, stdout)
            if not spec.fetches_all and outcome == "ok" and len(found) != 1:
                outcome = "failed"
            if spec.fetches_all:
                messages += [[place, octets] for place, octets in enumerate(found, start=1)]
            elif outcome == "ok":
                messages.append([number, found[0]])
            if outcome != "ok":
                return Answer(outcome, {"messages": messages})
        return Answer("ok", {"messages": messages})

    def _run(
        self,
        spec: GoalSpec,
        args: Mapping[str, Any],
        texts: Mapping[str, str],
        limit_s: float,
        folder: Path,
    ) -> tuple[str, bytes]:
        """Runs the command once; returns its outcome by the exit map, and its stdout."""
        argv = [word.format_map(texts) for word in spec.argv]
        if args.get("login", "none") != "none":
            argv += [word.format_map(texts) for word in spec.login_args]
        argv += [word.format_map(texts) for word in spec.tls_args.get(placing.tls_kind(args), ())]
        for key, words in spec.repeat.items():
            for item in args.get(key, ()):
                text = placing.quoted(spec, key, item)
                argv += [word.format_map({**texts, key: text}) for word in words]
        for name, text in spec.files.items():
            path, written = folder / name.format_map(texts), text.format_map(texts)
            _write_private(path, written)
            self._written[path] = path.read_bytes()
        environment = {
            "PATH": unpacked.search_path(),
            "HOME": str(folder),
            "TMPDIR": str(folder),
            "LC_ALL": "C.UTF-8",
        }
        environment |= {name: text.format_map(texts) for name, text in spec.env.items()}
        stdin = (folder / spec.stdin).read_bytes() if spec.stdin else b""
        needed = MOST_OCTETS if spec.data == STDOUT else 0
        try:
            limit_s += self.spec.slack_s
            done = self._shell.run(argv, folder, environment, stdin, limit_s, needed)
        finally:
            self._stderr = (self._stderr + self._shell.stderr)[-STDERR_MOST:]
        self._stdout = (self._stdout + done.stdout)[:MOST_SEARCHED]
        return self._outcome(done, argv[0]), done.stdout

    def _outcome(self, done: Done, program: str) -> str:
        if done.status == -signal.SIGXCPU:
            raise Hung(OUT_OF_TIME)
        if fault := fault_of(done.status, done.stderr, self.spec.crash):
            raise Crashed(fault)
        if done.status in (126, 127):
            raise AdapterBroken(f"{program} could not be executed (exit status {done.status})")
        return self.spec.exit.get(str(done.status), self.spec.exit.get("other", "failed"))


def _is_there(program: str) -> bool:
    try:
        return shutil.which(program, path=unpacked.search_path()) is not None
    except (OSError, ValueError):
        return False  # such as a name that is too long for any file


def _rounded_up_s(spec: GoalSpec, args: Mapping[str, Any], texts: Mapping[str, str]) -> float:
    """How much longer the client may take because it is told its timeout in whole seconds."""
    if "timeout_whole_s" not in spec.places():
        return 0.0
    told_ms = 1000 * int(texts["timeout_whole_s"])
    return answer_limit_s(told_ms) - answer_limit_s(int(args["timeout_ms"]))


def _write_message(spec: GoalSpec, folder: Path, octets: bytes) -> None:
    """Writes the message and its body, with the line endings that the client takes."""
    if spec.stores_lf:
        octets = octets.replace(b"\r\n", b"\n")
    (folder / "message").write_bytes(octets)
    (folder / "body").write_bytes(body_of(octets))


def _octets(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def _prepare(place: str) -> None:
    """Creates the folders of a maildir, because not every client does."""
    if place.startswith(MAILDIR):
        for name in ("cur", "new", "tmp"):
            (Path(place.removeprefix(MAILDIR)) / name).mkdir(parents=True, exist_ok=True)


def _fetched(place: str, stdout: bytes) -> list[bytes]:
    """The messages that the command left; those of a maildir in the order of their arrival.

    A missing file is an empty message: curl, for example, creates no file if nothing arrived.
    """
    if place == STDOUT:
        return [stdout]
    if not place.startswith(MAILDIR):
        path = Path(place)
        return [_left_at(path) if os.path.lexists(path) else b""]
    folder = Path(place.removeprefix(MAILDIR))
    names = [path for part in ("new", "cur") for path in _entries(folder / part)]
    octets = [_left_at(path) for path in sorted(names, key=_arrival)]
    for path in names:
        path.unlink()
    return octets


def _entries(folder: Path) -> list[Path]:
    """The files in a folder of a maildir. No maildrop of a case has MOST_FILES messages."""
    try:
        found = list(islice(folder.iterdir(), MOST_FILES + 1))
    except OSError as error:
        raise AdapterBroken(
            f"the maildir cannot be read: {folder.name}: {error.strerror}"
        ) from error
    if len(found) > MOST_FILES:
        raise AdapterBroken(f"it left more than {MOST_FILES} files in {folder.name} of the maildir")
    return found


def _left_at(path: Path) -> bytes:
    """Reads what the command left in the place of a message."""
    try:
        return read_file(path.parent, [path.name])
    except OSError as error:
        name = short(path.name)
        raise AdapterBroken(f"what it left as {name} cannot be read: {error.strerror}") from error


def _arrival(path: Path) -> tuple[int, list[int]]:
    """When a file arrived; files of the same tick of the clock are ordered by name."""
    return path.lstat().st_mtime_ns, [int(digits) for digits in re.findall(r"\d+", path.name)]


def _write_private(path: Path, text: str) -> None:
    """Writes a file that only the user can read: clients refuse others that contain secrets."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(os.fsencode(text))
    path.chmod(0o600)
