"""Where the suite's own files are, in a clone and installed."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
SUBJECTS = PACKAGE / "subjects"


def traces() -> Path:
    """The folder of the traces: inside the installed package, or next to it in a clone."""
    inside = PACKAGE / "traces"
    return inside if inside.is_dir() else PACKAGE.parent / "traces"


def subject_names() -> list[str]:
    """The names of the suite's own subjects, sorted."""
    return sorted(
        path.stem for path in SUBJECTS.glob("*.toml") if not path.stem.endswith(".expect")
    )


def build_folder(subject: Path) -> Path:
    """Where what is built for a subject's file is kept: in `build` of a clone for the suite's own
    subjects, else in the user's cache, with a name that no other file has.
    """
    own = subject.resolve().parent == SUBJECTS
    if own and is_clone():
        return PACKAGE.parent / "build" / "subjects" / subject.stem
    cache = os.environ.get("XDG_CACHE_HOME", "")
    base = Path(cache) if cache.startswith("/") else Path("~/.cache").expanduser()
    digest = hashlib.sha256(os.fsencode(subject.resolve())).hexdigest()[:12]
    return base / "mailspec" / f"{subject.stem}-{digest}"


def is_clone() -> bool:
    """Whether the package lies in a clone, not where pip installed it."""
    return (PACKAGE.parent / "mailspec").is_file()


def command() -> str:
    """How people call the command line: by the launcher of a clone, or by its name."""
    return "./mailspec" if is_clone() else "mailspec"


def shown(path: Path) -> str:
    """The path as people type it here: relative if it is below the current folder."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
