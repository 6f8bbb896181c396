"""Level 0: a client that is a command; a TOML file says how each goal is asked of it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from conformance.subject.answer import Answer
from conformance.subject.base import Subject
from conformance.subject.error import AdapterBroken, Crashed, Hung, NotInstalled
from conformance.subject.process import STDERR_KEPT, sanitizer_in, signal_name
from conformance.subject.spec import GoalSpec, Spec

ALWAYS_HONOURED: Mapping[str, Any] = {"tls": "none", "policy": "clear", "delete": False}
PLACED_ELSEWHERE = frozenset({"host", "port", "timeout_ms", "login", "mech"})


class CommandSubject(Subject):
    """A command, run once a session. Its environment holds nothing of the user's but PATH."""

    level = 0

    def __init__(self, spec: Spec) -> None:
        super().__init__(spec.name, spec.table)
        self.spec = spec
        self.features = spec.features
        self._stderr = ""

    def start(self) -> None:
        if self.version:
            return
        for program in [spec.argv[0] for spec in self.spec.goals.values()]:
            if "{" not in program and shutil.which(program) is None:
                package = f" (package {self.spec.package})" if self.spec.package else ""
                raise NotInstalled(f"{self.name} is not installed: there is no {program}{package}")
        self.version = self._ask_version()

    def _ask_version(self) -> str:
        """The first line that the version command prints."""
        if not self.spec.version:
            return "unknown"
        try:
            done = subprocess.run(
                self.spec.version, capture_output=True, timeout=10, stdin=subprocess.DEVNULL
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise NotInstalled(f"{self.name} does not tell its version: {error}") from error
        lines = (done.stdout or done.stderr).decode("utf-8", "replace").splitlines()
        return lines[0].strip() if lines else "unknown"

    def stop(self) -> None:
        """Nothing runs between goals."""

    def call(self, op: str, args: Mapping[str, Any], limit_s: float) -> Answer:
        return Answer("unsupported")

    def take_stderr(self) -> str:
        text, self._stderr = self._stderr, ""
        return text

    def goal(self, name: str, args: Mapping[str, Any], limit_s: float, folder: Path) -> Answer:
        self.start()
        spec = self.spec.goals.get(name)
        if spec is None or (login := _login_text(spec, args)) is None:
            return Answer("unsupported")
        if any(not _has_place(spec, key, value) for key, value in args.items()):
            return Answer("unsupported")
        texts = _texts(args, login, folder)
        if "message" in args:
            (folder / "message").write_bytes(_octets(args["message"]))
        if name != "pop3.fetch":
            return Answer(self._run(spec, args, texts, limit_s, folder)[0])
        messages: list[list[Any]] = []
        for number in args["n"]:
            texts["n"] = str(number)
            outcome, stdout = self._run(spec, args, texts, limit_s, folder)
            octets = _fetched(spec.data.format_map(texts), stdout)
            if outcome != "ok":
                return Answer(outcome, {"messages": messages})
            if octets is None:
                return Answer("failed", {"messages": messages})
            messages.append([number, octets])
        return Answer("ok", {"messages": messages})

    def _run(
        self,
        spec: GoalSpec,
        args: Mapping[str, Any],
        texts: Mapping[str, str],
        limit_s: float,
        folder: Path,
    ) -> tuple[str, bytes]:
        """Run the command once; its outcome by the exit map, and its stdout."""
        argv = [word.format_map(texts) for word in spec.argv]
        if args.get("login", "none") != "none":
            argv += [word.format_map(texts) for word in spec.login_args]
        for key, words in spec.repeat.items():
            for item in args.get(key, ()):
                argv += [word.format_map({**texts, key: str(item)}) for word in words]
        for name, text in spec.files.items():
            _write_private(folder / name.format_map(texts), text.format_map(texts))
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(folder),
            "LC_ALL": "C",
        }
        environment |= {name: text.format_map(texts) for name, text in spec.env.items()}
        stdin = _octets(args["message"]) if spec.stdin else b""
        status, stdout, stderr = _bounded_run(argv, folder, environment, stdin, limit_s)
        self._stderr = (self._stderr + stderr)[-STDERR_KEPT:]
        return self._outcome(status, argv[0], stderr), stdout

    def _outcome(self, status: int, program: str, stderr: str) -> str:
        if status < 0:
            raise Crashed(f"died by {signal_name(-status)}")
        if sanitizer := sanitizer_in(stderr):
            raise Crashed(f"stopped by {sanitizer}")
        if status in (126, 127):
            raise AdapterBroken(f"{program} could not be executed (exit status {status})")
        return self.spec.exit.get(str(status), self.spec.exit.get("other", "failed"))


def _bounded_run(
    argv: list[str], folder: Path, environment: dict[str, str], stdin: bytes, limit_s: float
) -> tuple[int, bytes, str]:
    """Exit status, stdout and stderr; the whole process group is killed after `limit_s`."""
    try:
        process = subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
            env=environment,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        raise AdapterBroken(f"{argv[0]} cannot be started: {error}") from error
    try:
        stdout, stderr = process.communicate(stdin, limit_s)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise Hung(f"no end within {limit_s:g} s") from None
    return process.returncode, stdout, stderr[-STDERR_KEPT:].decode("utf-8", "replace")


def _login_text(spec: GoalSpec, args: Mapping[str, Any]) -> str | None:
    """The text of `{login}`; None where the file has none for this login."""
    login = args.get("login", "none")
    if login == "none":
        return ""
    key = str(args.get("mech", "")).lower() if login == "auth" else str(login)
    return spec.login.get(key)


def _has_place(spec: GoalSpec, key: str, value: Any) -> bool:
    """Whether the file honours this argument, or it asks for nothing special."""
    if key == "n":
        return isinstance(value, list) and value != [] and "n" in spec.places()
    if key in PLACED_ELSEWHERE or ALWAYS_HONOURED.get(key, ...) == value or value == []:
        return True
    return key in spec.places()


def _texts(args: Mapping[str, Any], login: str, folder: Path) -> dict[str, str]:
    """The texts of the placeholders that these arguments fill."""
    texts = {key: _text(value) for key, value in args.items() if key != "message"}
    texts.update(dir=str(folder), login=login, message=str(folder / "message"))
    texts["timeout_s"] = f"{int(args['timeout_ms']) / 1000:g}"
    for key in ("user", "secret", "name", "params", "from", "to", "n"):
        texts.setdefault(key, "")
    return texts


def _text(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return " ".join(_text(item) for item in value)
    return os.fsdecode(value) if isinstance(value, bytes) else str(value)


def _octets(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def _fetched(place: str, stdout: bytes) -> bytes | None:
    """The octets that the command left; None where a maildir has not just one message.

    No file is an empty message: curl, for one, makes none where nothing came.
    """
    if place == "stdout":
        return stdout
    if not place.startswith("maildir:"):
        path = Path(place)
        return path.read_bytes() if path.is_file() else b""
    folder = Path(place.removeprefix("maildir:"))
    found = [
        p for sub in ("new", "cur") if (folder / sub).is_dir() for p in (folder / sub).iterdir()
    ]
    if len(found) != 1:
        return None
    octets = found[0].read_bytes()
    found[0].unlink()
    return octets


def _write_private(path: Path, text: str) -> None:
    """Clients refuse rc files with secrets that others may read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    path.chmod(0o600)
