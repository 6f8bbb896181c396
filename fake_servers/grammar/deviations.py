"""Commands that are not as they should be and can still mean only one thing.

A server that knows what was meant can go on, so that one deviation does not hide all that comes
after it. Whether a deviation is a fault is not decided here.
"""

from __future__ import annotations

import re

from fake_servers.grammar.address import is_same, split_mailbox

LINE_MAX = 4096
"""A longer line is not looked at."""

_CRLF = b"\r\n"
_BLANKS = re.compile(rb'"(?:[^"\\]|\\.)*"|[ \t]+')
_PATH = re.compile(
    rb'(MAIL FROM|RCPT TO)( ?: ?)(?:<((?:"(?:[^"\\]|\\.)*"|[^">])*)>|([^ <>]+))(?: (.*))?',
    re.IGNORECASE,
)
_ALONE = frozenset(b"STAT NOOP RSET QUIT CAPA STLS UTF8 DATA STARTTLS".split())
_NUMBERED = frozenset(b"RETR DELE TOP LIST UIDL".split())
_HELLOS = frozenset(b"EHLO HELO LHLO".split())
_CASELESS = frozenset(b"USER APOP VRFY EXPN LANG".split())
"""Commands whose argument in another case can only mean the same."""


def may_become(received: bytes, wanted: bytes) -> bool:
    """Whether the end of this line decides if it is a deviation: its verb is the wanted one."""
    has_verb = received.lstrip(b" \t")[:4].upper() == wanted[:4].upper()
    return has_verb and b"\n" not in received and len(received) < LINE_MAX


def deviation(line: bytes, wanted: bytes) -> str | None:
    """How a whole line differs from the command that it can only mean; None if it means another.

    Words of the deviation only, to follow "the client sends".
    """
    if len(line) > LINE_MAX or not (line.endswith(_CRLF) and wanted.endswith(_CRLF)):
        return None
    said, meant = line[:-2], wanted[:-2]
    if re.search(rb"[\0-\x08\x0a-\x1f\x7f]", said):
        return None
    verb = meant.split(b" ")[0].upper()
    if verb in (b"PASS", b"USER") and said.startswith(meant) and not said[len(meant) :].strip():
        return "a blank too many"
    if verb == b"PASS":
        return None
    has_blanks = squeezed(said) != said
    said, meant = squeezed(said), squeezed(meant)
    if said.split(b" ")[0].upper() != verb:
        return None
    found = _of_words(verb, said, meant)
    if found is None:
        return None
    return " and ".join([*(["a blank too many"] if has_blanks else []), *found]) or None


def response_deviation(line: bytes, wanted: bytes) -> str | None:
    """The same for a response to a challenge: base64 has no blanks."""
    is_whole = line.endswith(_CRLF) and len(line) <= LINE_MAX
    return "a blank too many" if is_whole and line.strip() == wanted.strip() else None


def squeezed(text: bytes) -> bytes:
    """The text with single blanks between its words and none around; quoted strings stay."""
    return _BLANKS.sub(lambda m: m[0] if m[0][:1] == b'"' else b" ", text).strip(b" ")


def _of_words(verb: bytes, said: bytes, meant: bytes) -> list[str] | None:
    """How a command without surplus blanks differs; None if it means another."""
    if verb in (b"MAIL", b"RCPT"):
        return _of_path(said, meant)
    if _folded(verb, said) == _folded(verb, meant):
        return []
    words, wanted = said.split(b" "), meant.split(b" ")
    if verb in _ALONE and (len(wanted) == 1 or verb == b"NOOP"):
        return ["another argument" if len(wanted) > 1 else "an argument that is not needed"]
    if verb in _NUMBERED:
        return _of_numbers(words[1:], wanted[1:])
    if verb in _HELLOS and len(words) == len(wanted) == 2:
        return ["another name"]
    is_same_text = verb in _CASELESS and said.upper() == meant.upper()
    return ["its argument in another case"] if is_same_text else None


def _folded(verb: bytes, text: bytes) -> bytes:
    """The text with its verb, and the name of a mechanism, in upper case."""
    words = text.split(b" ")
    count = 2 if verb == b"AUTH" else 1
    return b" ".join([*map(bytes.upper, words[:count]), *words[count:]])


def _of_numbers(words: list[bytes], wanted: list[bytes]) -> list[str] | None:
    if len(words) < len(wanted) or (not wanted and words) or not all(map(_number, wanted)):
        return None
    if [_number(word) for word in words[: len(wanted)]] != list(map(_number, wanted)):
        return None
    if len(words) > len(wanted):
        return ["an argument that is not needed"]
    return ["a number in another form"]


def _number(word: bytes) -> int | None:
    return int(word) if re.fullmatch(rb"\+?[0-9]{1,18}", word) else None


def _of_path(said: bytes, meant: bytes) -> list[str] | None:
    one, other = _PATH.fullmatch(said), _PATH.fullmatch(meant)
    if one is None or other is None or one[1].upper() != other[1].upper():
        return None
    found = []
    if (one[2], one[3] is None) != (other[2], other[3] is None):
        found.append("a path in another form")
    address, wanted = one[3] or one[4] or b"", other[3] or other[4] or b""
    if not is_same(address, wanted):
        if _loose(address) != _loose(wanted):
            return None
        found.append("an address in another form")
    return found + _of_parameters((one[5] or b"").split(), (other[5] or b"").split())


def _loose(address: bytes) -> tuple[bytes, bytes]:
    """The mailbox without quotes and in lower case."""
    local, domain = split_mailbox(address)
    return re.sub(rb'["\\]', b"", local).lower(), domain.lower()


def _of_parameters(words: list[bytes], wanted: list[bytes]) -> list[str]:
    """Which parameters are missing, are added, have another value or come twice."""
    found = []
    said, meant = _by_keyword(words), _by_keyword(wanted)
    for name in dict.fromkeys([*meant, *said]):
        text = name.decode("latin-1")
        if name not in said:
            found.append(f"no {text}")
        elif name not in meant:
            found.append(f"{text}, which was not asked for")
        elif sorted(said[name]) != sorted(meant[name]):
            found.append(f"another {text}")
    return found


def _by_keyword(words: list[bytes]) -> dict[bytes, list[bytes]]:
    found: dict[bytes, list[bytes]] = {}
    for word in words:
        keyword, _, value = word.partition(b"=")
        found.setdefault(keyword.upper(), []).append(value)
    return found
