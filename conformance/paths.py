"""Where the suite's own files lie, in a clone and installed."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
SUBJECTS = PACKAGE / "subjects"


def traces() -> Path:
    """The folder of the traces: inside the installed package, or beside it in a clone."""
    inside = PACKAGE / "traces"
    return inside if inside.is_dir() else PACKAGE.parent / "traces"


def subject_names() -> list[str]:
    """The names of the subjects that come with the suite, sorted."""
    return sorted(
        path.stem for path in SUBJECTS.glob("*.toml") if not path.stem.endswith(".expect")
    )


def command() -> str:
    """How a person calls the command line: by the launcher of a clone, or by its name."""
    return "./mailspec" if (PACKAGE.parent / "mailspec").is_file() else "mailspec"


def shown(path: Path) -> str:
    """The path as a person would type it here: relative where it lies below this folder."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
