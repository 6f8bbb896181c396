"""What can go wrong with a subject, and what it means for the run."""

from __future__ import annotations


class SubjectError(Exception):
    """A sentence for the user. `status` is the exit status of the run that it ends."""

    status = 3


class UnknownSubject(SubjectError):
    """There is no subject of that name, or the file is not a subject."""

    status = 2


class NotInstalled(SubjectError):
    """A known subject whose program is not installed or does not start."""


class AdapterBroken(SubjectError):
    """The adapter, not the client, broke the rules of the driver protocol."""


class Crashed(Exception):
    """The subject died by a signal or a sanitizer during a call."""


class Hung(Exception):
    """The subject did not answer within its own timeout."""
