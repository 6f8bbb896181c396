"""What a test server reports about the client: one difference from the trace."""

from __future__ import annotations

from dataclasses import dataclass

NOTHING = "(nothing)"
"""What a finding shows if there are no octets."""

END = "(end of stream)"
"""What a finding shows if the client has closed."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Where the conversation departed from the trace.

    line      the line of the trace, from 1; 0 if no line is concerned
    octet     the index of the first octet that differs, from 0; None if there is no such octet
    expected  what the trace expects, in the notation of traces, or NOTHING
    actual    what the client sent, in the notation of traces, or NOTHING or END
    reason    one sentence
    info      True if the RFCs leave the choice to the client (such as the case of a keyword)
    advice    True if the client goes against a SHOULD; then `info` is True, too
    left      why the client may legally depart from the trace here; empty if it may not
    """

    line: int
    octet: int | None
    expected: str
    actual: str
    reason: str
    info: bool = False
    advice: bool = False
    left: str = ""
