"""Findings: what is not as expected, and what a test server reports of it."""

from __future__ import annotations

from dataclasses import dataclass

NOTHING = "(nothing)"
"""What a finding shows if there are no octets."""

END = "(end of stream)"
"""What a finding shows if the client has closed."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference between expected and actual; the fields that every finding has.

    reason    one sentence
    line      the line of the trace, from 1; 0 if no line is concerned
    expected  what the trace expects, in the notation of traces
    actual    what the client did, in the notation of traces
    octet     the index of the first octet that differs in what is shown, from 0; None if there is
              no such octet
    """

    reason: str
    line: int = 0
    expected: str = ""
    actual: str = ""
    octet: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerFinding(Finding):
    """Where the conversation of a test server departed from the trace.

    `expected` and `actual` can be NOTHING; `actual` can be END.

    info      True if the RFCs leave the choice to the client (such as the case of a keyword)
    advice    True if the client goes against a SHOULD; then `info` is True, too
    left      why the client may legally depart from the trace here; empty if it may not
    goes_on   True if the server knew what the client meant: the conversation went on
    of_message  True if the octets are those of a message
    """

    info: bool = False
    advice: bool = False
    left: str = ""
    goes_on: bool = False
    of_message: bool = False
