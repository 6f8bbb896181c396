"""Builds a client: by the command of its file, or with CMake if it is missing or old."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path

from conformance import paths
from conformance.subject import build_progress
from conformance.subject.build_progress import BuildProgress
from conformance.subject.error import NotInstalled, SubjectError
from conformance.subject.json_line import short
from conformance.subject.spec import CMakeSpec, Spec

STAMP = ".built-by-mailspec"
LIMIT_S = 600.0
"""How long the command of a file may take."""


def run(spec: Spec) -> None:
    """Runs the command that makes a client, one at a time for each file of a subject.

    It runs every time, because only the command knows all of its inputs; make, go and cargo are
    quick where nothing has changed. Raises NotInstalled if there is no such program, and
    SubjectError with the end of its output if it fails or takes longer than LIMIT_S; each names
    the packages of the file.
    """
    if shutil.which(spec.build[0]) is None:
        raise NotInstalled(
            f"{spec.name} cannot be built: there is no {short(spec.build[0])}{spec.needed};"
            " install it, or change build"
        )
    progress = BuildProgress(spec.name)
    kept = paths.build_folder(spec.path)
    keeps = any(str(kept) in word for word in spec.build)
    with _locked(kept, spec.name) if keeps else nullcontext():
        progress.show()
        folder = spec.path.resolve().parent
        steps(progress, list(spec.build), folder=folder, limit_s=LIMIT_S, needed=spec.needed)


def ensure(spec: CMakeSpec, name: str) -> None:
    """Builds unless the last build is newer than every input, which takes a few milliseconds.

    Several processes may call this at once: one builds, the others wait for it. Raises NotInstalled
    if there is no CMake or nothing to build, and SubjectError with the end of the output if the
    build fails or has no place to write to.
    """
    if _is_fresh(spec):
        return
    if missing := without_sources(spec, name):
        raise NotInstalled(missing)
    with _locked(spec.build, name):
        if not _is_fresh(spec):
            _build(spec, name)


def without_sources(spec: CMakeSpec, name: str) -> str:
    """Why there is nothing to build it from; empty if there is something.

    The sources of the suite's own clients are in a clone only, not where pip installs the suite.
    """
    lists = spec.source / "CMakeLists.txt"
    if lists.is_file():
        return ""
    if not paths.is_clone() and spec.source.is_relative_to(paths.PACKAGE.parent):
        return (
            f"{name} is built from a clone of mailspec, and this is not one;"
            f" name another client by --subject ('{paths.command()} subjects' lists them)"
        )
    return f"{name} cannot be built: there is no {lists}"


def _is_fresh(spec: CMakeSpec) -> bool:
    stamp = spec.build / STAMP
    try:
        built_ns = stamp.stat().st_mtime_ns
        belongs = stamp.read_text("utf-8") == _identity(spec)
    except OSError:
        return False
    return belongs and _newest_ns(spec.inputs) < built_ns


def _identity(spec: CMakeSpec) -> str:
    return "\n".join((str(spec.source), *spec.options, *spec.targets))


def _newest_ns(inputs: Iterable[Path]) -> int:
    """The newest change below these paths; folders count, as a deleted file changes them."""
    newest = 0
    folders = list(inputs)
    while folders:
        path = folders.pop()
        try:
            newest = max(newest, path.stat().st_mtime_ns)
            if path.is_dir():
                with os.scandir(path) as entries:
                    for entry in entries:
                        if entry.is_dir(follow_symlinks=False):
                            folders.append(Path(entry.path))
                        else:
                            newest = max(newest, entry.stat(follow_symlinks=False).st_mtime_ns)
        except FileNotFoundError:
            continue
    return newest


@contextmanager
def _locked(build: Path, name: str) -> Iterator[None]:
    """Makes the folder of a build, and keeps other processes out of it.

    Raises SubjectError if this user may not write there, as in a clone of somebody else.
    """
    try:
        build.mkdir(parents=True, exist_ok=True)
        if not os.access(build, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        file = open(build.with_name(build.name + ".lock"), "w")
    except OSError as error:
        raise SubjectError(
            f"{name} cannot be built: {build} cannot be written to: {error.strerror}"
        ) from None
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _build(spec: CMakeSpec, name: str) -> None:
    if shutil.which("cmake") is None:
        raise NotInstalled(f"{name} cannot be built: there is no cmake (package cmake)")
    started_ns = _newest_ns(spec.inputs)
    if _belongs_elsewhere(spec):
        shutil.rmtree(spec.build)
    generator = ["-G", "Ninja"] if shutil.which("ninja") else []
    configured = (spec.build / "CMakeCache.txt").is_file()
    configure = ["cmake", "-S", str(spec.source), "-B", str(spec.build), *spec.options]
    targets = ["--target", *spec.targets] if spec.targets else []
    progress = BuildProgress(name)
    progress.show()
    steps(
        progress,
        configure if configured else configure + generator,
        ["cmake", "--build", str(spec.build), "--parallel", *targets],
    )
    stamp = spec.build / STAMP
    stamp.write_text(_identity(spec), "utf-8")
    if _newest_ns(spec.inputs) != started_ns:
        stamp.unlink()


def _belongs_elsewhere(spec: CMakeSpec) -> bool:
    """A build folder that was copied or moved names another source tree in its cache."""
    try:
        cache = (spec.build / "CMakeCache.txt").read_text("utf-8", "replace")
    except OSError:
        return False
    home = [line.partition("=")[2] for line in cache.splitlines() if "CMAKE_HOME_DIRECTORY" in line]
    place = [line.partition("=")[2] for line in cache.splitlines() if "CMAKE_CACHEFILE_DIR" in line]
    return home != [str(spec.source)] or place != [str(spec.build)]


def steps(
    progress: BuildProgress,
    *commands: list[str],
    folder: Path | None = None,
    limit_s: float | None = None,
    needed: str = "",
) -> None:
    """Runs the commands of a build and reports their progress.

    Raises SubjectError with the end of the output of the first one that fails or takes longer than
    `limit_s` seconds; `needed` says there which packages the build needs.
    """
    good = False
    try:
        for argv in commands:
            status, output = build_progress.run(argv, progress, folder, limit_s)
            if status:
                shown = short(" ".join(argv))
                ended = f"ended with exit status {status}"
                if status == build_progress.TOO_LATE:
                    ended = f"did not finish within {limit_s:g} s"
                raise SubjectError(
                    f"{progress.what} cannot be built{needed}: {shown} {ended}:\n{output}".rstrip(
                        ":\n"
                    )
                )
        good = True
    finally:
        progress.end(good=good)
