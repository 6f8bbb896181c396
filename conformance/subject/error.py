"""What can go wrong with a subject, and what it means for the run."""

from __future__ import annotations


class SubjectError(Exception):
    """A sentence for the user. `status` is the exit status of the run that it ends."""

    status = 3


class UnknownSubject(SubjectError):
    """No subject of that name, or a file that is no subject."""

    status = 2


class NotInstalled(SubjectError):
    """A known subject whose program is not here or does not start."""


class AdapterBroken(SubjectError):
    """The adapter, not the client, broke the rules of the driver protocol."""


class Crashed(Exception):
    """The subject died by a signal or a sanitizer while it was asked something."""


class Hung(Exception):
    """The subject outlived its own time-out."""
