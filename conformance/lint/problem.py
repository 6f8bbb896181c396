"""What the linter finds."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One fault of a trace: where, at which token, and one sentence.

    `hinders`: with this fault a case cannot be played, or its verdict would not be true.
    """

    file: Path
    line: int
    token: str
    message: str
    hinders: bool = field(default=True, compare=False)

    def __str__(self) -> str:
        near = f" (at {self.token!r})" if self.token else ""
        return f"{self.file}:{self.line}: {self.message}{near}"
