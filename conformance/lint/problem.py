"""What the linter finds."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from fake_servers.trace.error import at


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One fault of a trace: where it is, its token, and one sentence.

    `hinders`: with this fault the case cannot be played, or its verdict would be wrong.
    """

    file: Path
    line: int
    token: str
    message: str
    hinders: bool = field(default=True, compare=False)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}{at(self.token)}"
