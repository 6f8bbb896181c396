"""What can be wrong with a trace."""

from __future__ import annotations

from pathlib import Path

MOST_TOKEN = 80


def at(token: str) -> str:
    """Where in a line a fault is, as the end of its sentence."""
    if not token:
        return ""
    return f" (at {token[:MOST_TOKEN]!r}{'...' if len(token) > MOST_TOKEN else ''})"


class TraceError(ValueError):
    """A trace that cannot be read: where, at which token, and one sentence that says why."""

    def __init__(self, path: Path, line: int, token: str, message: str) -> None:
        super().__init__(path, line, token, message)
        self.path = path
        self.line = line
        self.token = token
        self.message = message

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}{at(self.token)}"


class TemplateError(ValueError):
    """A template that cannot be computed: a name without a value, an argument of no use."""
