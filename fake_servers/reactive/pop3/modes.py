"""UTF8 mode and the language of replies (RFC 6856)."""

from __future__ import annotations

import re

from fake_servers.reactive.pop3.state import State, listing
from fake_servers.reactive.session import Answer

LANGUAGES = {b"en": b"English", b"nl": b"Nederlands", b"sv": b"Svenska"}
"""Tags, and names in the language itself; the first is the server's default."""


def utf8(state: State, _arguments: re.Match[bytes]) -> Answer:
    """UTF8: from now on both sides may send UTF-8."""

    def accepted(_said: bytes) -> None:
        state.utf8 = True

    return Answer("UTF8", b"+OK UTF8 enabled\r\n", accepted)


def lang(state: State, arguments: re.Match[bytes]) -> Answer:
    """LANG: the list of languages, or a change of language; `*` is the server's default."""
    if arguments[1] is None:
        rows = [b" ".join(row) for row in LANGUAGES.items()]
        return Answer("LANG", listing(rows))
    asked = arguments[1].lower()
    tag = next(iter(LANGUAGES)) if asked == b"*" else asked

    def accepted(_said: bytes) -> None:
        state.language = tag

    if tag not in LANGUAGES:
        return state.err("no such language", "LANG", accepted=accepted)
    return Answer("LANG", b"+OK %s %s\r\n" % (tag, LANGUAGES[tag]), accepted)
