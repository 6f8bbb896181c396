"""What a fake server holds against the client: one difference from the trace."""

from __future__ import annotations

from dataclasses import dataclass

NOTHING = "(nothing)"
"""In place of octets where there are none."""

END = "(end of stream)"
"""In place of octets where the client has closed."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Where the conversation left the trace.

    line      line of the trace, from 1; 0 where there is none
    octet     index of the first octet that differs, from 0, or None
    expected  what the trace wants, in the notation of traces, or NOTHING
    actual    what the client sent, in the notation of traces, or NOTHING or END
    reason    one sentence
    info      True where the RFC leaves the choice to the client (case of a keyword)
    advice    True where it is against a SHOULD; `info` is True as well
    left      why the client may legally be elsewhere, empty where it may not
    """

    line: int
    octet: int | None
    expected: str
    actual: str
    reason: str
    info: bool = False
    advice: bool = False
    left: str = ""
