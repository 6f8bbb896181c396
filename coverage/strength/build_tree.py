"""A copy of mailc's sources with a build folder of its own, for one change at a time.

Only what a change touches is compiled again, so a change costs some tenths of a second.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from conformance import paths

ROOT = paths.PACKAGE.parent
COPIED = ("CMakeLists.txt", "client")
CONFIGURATION = ("-DCMAKE_BUILD_TYPE=None", "-DCMAKE_C_FLAGS=-O1", "-DMAILC_EXAMPLES=OFF")
OUTPUT_LINES = 12


class Unbuildable(Exception):
    """The changed sources cannot be built; the message has the end of the output."""


class Trouble(Exception):
    """Nothing can be measured; the message is one sentence."""


class BuildTree:
    """One copy below `folder`; not for two threads at once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.source = folder / "source"
        self._build = folder / "build"
        self._changed: set[str] = set()

    def program(self, target: str) -> Path:
        """The path of a target's program: client/mailc-driver for mailc-driver."""
        places = {"mailc-replay": "client/test/replay/mailc-replay"}
        return self._build / places.get(target, f"client/{target}")

    def open(self) -> None:
        """Makes the copy equal to the clone and configures it. Raises Trouble."""
        self.source.mkdir(parents=True, exist_ok=True)
        for name in COPIED:
            _mirror(ROOT / name, self.source / name)
        self._changed.clear()
        if (self._build / "CMakeCache.txt").is_file():
            return
        generator = ["-G", "Ninja"] if shutil.which("ninja") else []
        command = ["cmake", "-S", str(self.source), "-B", str(self._build)]
        try:
            _run([*command, *generator, *CONFIGURATION])
        except Unbuildable as error:
            raise Trouble(f"mailc cannot be built: {error}") from error

    def change(self, texts: Mapping[str, str]) -> None:
        """Gives these files these texts, and resets all others to those of the clone."""
        for name in self._changed - set(texts):
            shutil.copyfile(ROOT / name, self.source / name)
        for name, text in texts.items():
            (self.source / name).write_text(text, "utf-8")
        self._changed = set(texts)

    def build(self, *targets: str) -> str:
        """Builds what is not up to date; returns the output. Raises Unbuildable."""
        command = ["cmake", "--build", str(self._build), "--parallel", "1", "--target", *targets]
        return _run(command)


def _mirror(original: Path, copy: Path) -> None:
    """Copies what differs and removes what is gone; an equal file keeps its time."""
    if original.is_dir():
        copy.mkdir(parents=True, exist_ok=True)
        names = {path.name for path in original.iterdir() if path.name != "__pycache__"}
        for path in copy.iterdir():
            if path.name not in names:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        for name in names:
            _mirror(original / name, copy / name)
    elif not copy.is_file() or copy.read_bytes() != original.read_bytes():
        shutil.copyfile(original, copy)


def _run(command: list[str]) -> str:
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
    except FileNotFoundError as error:
        raise Trouble(f"there is no {command[0]}: ./mailspec setup test installs it") from error
    output = done.stdout.decode("utf-8", "replace")
    if done.returncode:
        raise Unbuildable("\n".join(output.splitlines()[-OUTPUT_LINES:]))
    return output
