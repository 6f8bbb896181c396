"""The secrets of a recorded session, and what stands in the trace in their place."""

from __future__ import annotations

STAND_IN = "made-up-secret"


class Secrets:
    """Gives each secret a name of our own.

    known  the secret that the user has told; empty without one
    seen   the secrets that the session shows, and the known one
    """

    def __init__(self, known: bytes = b"") -> None:
        self.known = known
        self.seen: list[bytes] = [known] if known else []

    def stand_in(self, secret: bytes | None = None) -> str:
        """What is written for this secret; without one, for that of a digest."""
        if not secret:
            return STAND_IN
        if secret not in self.seen:
            self.seen.append(secret)
        at = self.seen.index(secret)
        return f"{STAND_IN}-{at + 1}" if at else STAND_IN
