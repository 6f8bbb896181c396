"""Why a server does not run; the message is one sentence that says what to do."""

from __future__ import annotations


class Unavailable(Exception):
    """A server cannot run on this machine."""


class NotInstalled(Unavailable):
    """A program that it needs is missing."""

    def __init__(self, name: str, program: str) -> None:
        super().__init__(
            f"{name} is not installed ({program} is missing); run ./mailspec setup servers"
        )


class NeedsRoot(Unavailable):
    """It needs the rights of root, or a mount namespace of its own."""


class CannotStart(Unavailable):
    """It ended, or opened no port in time; the message has the end of its log."""
