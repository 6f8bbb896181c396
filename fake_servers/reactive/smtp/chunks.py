"""BDAT: a message in chunks of counted octets (RFC 3030)."""

from __future__ import annotations

import re

from fake_servers.reactive.session import Answer
from fake_servers.reactive.smtp.state import State
from fake_servers.reactive.smtp.transaction import end_of_message, too_big

_SIZE = re.compile(rb" (\d{1,20})( LAST)?", re.IGNORECASE)


def bdat(state: State, point: str, arguments: bytes) -> Answer | None:
    """BDAT; the answer comes after the chunk, because its octets follow in any case."""
    if not state.options.offers(b"CHUNKING") or not state.extended:
        return state.say(point, 502, "5.5.1", "CHUNKING is not offered")
    found = _SIZE.fullmatch(arguments)
    if found is None:
        return state.say(point, 501, "5.5.4", "BDAT takes a number and perhaps LAST")
    state.chunk = int(found[1])
    state.is_last_chunk = found[2] is not None
    return None


def chunk(state: State, octets: bytes | None) -> Answer:
    """The reply to a chunk; `octets` is None if it was above the limit and discarded."""
    state.chunk = None

    def failing(_said: bytes) -> None:
        state.has_failed = True

    if state.sender is None or state.has_failed:
        return state.say("BDAT", 503, "5.5.1", "BDAT comes after MAIL and RCPT")
    if not state.recipients:
        return state.say("BDAT", 503, "5.5.1", "no valid recipients", refused=failing)
    message = (state.chunks or bytearray()) + (octets or b"")
    limit = state.options.number(b"SIZE")
    if octets is None or 0 < limit < len(message):
        return too_big(state, "BDAT")
    if state.is_last_chunk:
        return end_of_message(state, "BDAT", bytes(message))

    def accepted(_said: bytes) -> None:
        state.chunks = message

    text = f"{len(octets)} octets received"
    return state.say("BDAT", 250, "2.0.0", text, accepted, refused=failing)
