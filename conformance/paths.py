"""Where the suite's own files are, in a clone and installed."""

from __future__ import annotations

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


def command() -> str:
    """How people call the command line: by the launcher of a clone, or by its name."""
    return "./mailspec" if (PACKAGE.parent / "mailspec").is_file() else "mailspec"


def shown(path: Path) -> str:
    """The path as people type it here: relative if it is below the current folder."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
