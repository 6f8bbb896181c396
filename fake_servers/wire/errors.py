"""Why a connection cannot give what was asked of it."""

from __future__ import annotations


class WireError(Exception):
    """The base of all errors of a connection."""


class EndOfStream(WireError):
    """The client closed or reset the connection."""


class Stopped(EndOfStream):
    """The server was stopped while it waited for the client."""


class WireTimeout(WireError):
    """The client did not send, or did not read, in time."""


class LineTooLong(WireError):
    """No line ending, or no end of message data, came within the limit."""
