"""The reply to a free command: right for any server, and consistent with the trace."""

from __future__ import annotations

import re
from collections.abc import Sequence

from fake_servers.reactive.pop3.state import listing
from fake_servers.reactive.session import Answer
from fake_servers.scripted.extras.known import capabilities_of
from fake_servers.scripted.extras.shadow import Exchange, Shadow

_MAY_CHANGE_REPLIES = frozenset({"PASS", "APOP", "AUTH", "DELE"})
"""After these the same command may have another reply."""

_CAPA = re.compile(rb"-ERR.*\r\n|\+OK(?: [ -~]*)?\r\n(?:[!-~][ -~]*\r\n)*\.\r\n")


def reply_to(answer: Answer, shadow: Shadow, expected: Sequence[Exchange]) -> bytes:
    """The reply to the command that is owed one.

    answer    what the reactive server would say
    expected  the exchanges of the trace, also those to come
    """
    same = _said_before(shadow)
    return _special(answer.point, shadow, expected) or same or answer.reply


def _special(verb: str, shadow: Shadow, expected: Sequence[Exchange]) -> bytes:
    """The reply if the trace decides what is right, or empty."""
    if verb in ("EHLO", "LHLO"):
        return shadow.hello or _hello_to_come(shadow, expected)
    if verb == "CAPA":
        return _capabilities(shadow, expected) or _guessed_capabilities(shadow, expected)
    if verb == "UIDL":
        known = _capabilities(shadow, expected)
        is_left_out = known.startswith(b"+OK") and b"\r\nUIDL" not in known.upper()
        return b"-ERR no UIDL here\r\n" if is_left_out else b""
    return b""


def _said_before(shadow: Shadow) -> bytes:
    """The reply to the same command, if nothing has changed since then.

    A server that is asked again contradicts neither itself nor its trace.
    """
    known = shadow.valid_exchanges()
    has_deleted = any(each.verb == "DELE" for each in known)
    for each in reversed(known):
        if each.line.upper() == shadow.asked_line.upper():
            return each.reply
        if each.verb in _MAY_CHANGE_REPLIES or (each.verb == "RSET" and has_deleted):
            break
    return b""


def _hello_to_come(shadow: Shadow, expected: Sequence[Exchange]) -> bytes:
    """What the trace will offer under TLS; empty if it has no good reply."""
    for each in expected:
        if each.verb in ("EHLO", "LHLO") and each.is_secure and each.accepted:
            return each.reply if shadow.session.is_secure else b""
    return b""


def _capabilities(shadow: Shadow, expected: Sequence[Exchange]) -> bytes:
    """The last reply to CAPA, or the first that the trace will give; empty if it has none."""
    is_secure = shadow.session.is_secure
    to_come = [each for each in expected if each.is_secure == is_secure and _is_plain(each)]
    for exchanges in (shadow.valid_exchanges()[::-1], to_come):
        asked = [each for each in exchanges if each.verb == "CAPA"]
        asked.sort(key=lambda each: each.is_logged_in != shadow.is_logged_in)
        if asked:
            return _without_stls(asked[0].reply) if shadow.is_logged_in else asked[0].reply
    return b""


def _guessed_capabilities(shadow: Shadow, expected: Sequence[Exchange]) -> bytes:
    """A reply to CAPA with what the trace relies on."""
    lines = capabilities_of(expected)
    has_stls = not (shadow.is_logged_in or shadow.session.is_secure)
    return listing([line for line in lines if has_stls or line != b"STLS"])


def _is_plain(each: Exchange) -> bool:
    """Whether a reply is well-formed: a bad reply to CAPA is for the CAPA of the trace only."""
    return each.verb != "CAPA" or bool(_CAPA.fullmatch(each.reply))


def _without_stls(reply: bytes) -> bytes:
    """STLS is announced before the login only (RFC 2595 section 4)."""
    lines = reply.split(b"\r\n")
    return b"\r\n".join(line for line in lines if line.upper() != b"STLS")
