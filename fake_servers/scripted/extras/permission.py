"""Whether a free command may be sent at this point of a conversation."""

from __future__ import annotations

from fake_servers.grammar.free_commands import QUIT, shape
from fake_servers.scripted.extras.shadow import Shadow

_BEFORE_EHLO = frozenset({"NOOP", "RSET", "VRFY", "EXPN", "HELP"})
_AFTER_FAILED_CHUNK = frozenset({"RSET", QUIT})
_HELLO_AGAIN = frozenset({"EHLO", "LHLO"})
_IN_TRANSACTION = frozenset({"STAT", "LIST", "NOOP", "RSET", "UIDL"})
_ENDS_GROUP = frozenset(
    "EHLO LHLO HELO DATA VRFY EXPN HELP QUIT NOOP STARTTLS AUTH BDAT STLS PASS APOP".split()
)
"""After these the client sends nothing before the reply (RFC 2920 section 3.1 and others)."""


def is_free(verb: str, shadow: Shadow, is_lmtp: bool) -> bool:
    """Whether the command `verb` is free now; the strictness of the case is not judged."""
    greeting = shadow.exchanges[0] if shadow.exchanges else None
    if greeting is None or shadow.is_amid or shadow.exchanges[-1].verb == QUIT:
        return False
    if shadow.is_owed and not _may_follow(verb, shadow):
        return False
    is_dismissed = shadow.session.closing or not greeting.accepted
    if is_dismissed or verb == QUIT:
        return verb == QUIT
    if getattr(shadow.session, "has_failed", False) and verb not in _AFTER_FAILED_CHUNK:
        return False  # RFC 3030 section 2: only RSET helps
    if verb in _HELLO_AGAIN:
        return (verb == "LHLO") == is_lmtp and (bool(shadow.hello) or _begins_anew(verb, shadow))
    view = getattr(shadow.session, "view", None)
    if not shadow.is_smtp and verb == "RSET":
        return view is not None and not view.has_marks
    return view is not None or verb not in _IN_TRANSACTION or shadow.is_smtp


def _begins_anew(verb: str, shadow: Shadow) -> bool:
    """Whether the client has said this before TLS, and nothing yet under it.

    RFC 3207 section 4.2: it should be the first command there. Many libraries have one call for
    STARTTLS, the handshake and this.
    """
    return shadow.session.is_secure and any(each.verb == verb for each in shadow.exchanges)


def is_early(verb: str, shadow: Shadow) -> bool:
    """Whether the client should have sent EHLO before this (RFC 5321 section 4.1.4)."""
    return shadow.is_smtp and verb in _BEFORE_EHLO and not shadow.hello


def _may_follow(verb: str, shadow: Shadow) -> bool:
    """Whether the command may be sent while a reply is owed (RFC 2920 section 3.1)."""
    offers = [
        b"PIPELINING" in each.reply.upper()
        for each in shadow.valid_exchanges()
        if each.verb in ("EHLO", "LHLO", "CAPA") and each.accepted
    ]
    last = shape(shadow.last_heard).split(b" ")[0].decode("latin-1")
    is_whole = shadow.last_heard.endswith(b"\r\n")
    return verb != QUIT and any(offers[-1:]) and is_whole and last not in _ENDS_GROUP
