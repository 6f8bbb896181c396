"""What can be wrong with a trace."""

from __future__ import annotations

from pathlib import Path


class TraceError(ValueError):
    """A trace that cannot be read: where, at which token, and one sentence that says why."""

    def __init__(self, path: Path, line: int, token: str, message: str) -> None:
        super().__init__(path, line, token, message)
        self.path = path
        self.line = line
        self.token = token
        self.message = message

    def __str__(self) -> str:
        near = f" (at {self.token!r})" if self.token else ""
        return f"{self.path}:{self.line}: {self.message}{near}"


class TemplateError(ValueError):
    """A template that cannot be computed: a name without a value, an argument of no use."""
