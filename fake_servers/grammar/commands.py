"""When two commands are the same, although their octets differ.

Verbs, `FROM:`, `TO:`, parameter keywords, domains and mechanism names compare without case
(RFC 5321 section 2.4, RFC 1939 section 3, RFC 4422 section 3.1). All forms of an address that
name the same mailbox are equal. Parameters of MAIL compare in any order, and a client may add
some that the server offers. Message lines and SASL responses compare octet by octet.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from fake_servers.grammar.address import address_of
from fake_servers.grammar.address import is_same as is_same_address
from fake_servers.grammar.address import split_mailbox

_VERBS = (
    b"CAPA USER PASS APOP AUTH STAT LIST UIDL RETR TOP DELE NOOP RSET QUIT STLS UTF8 LANG "
    b"EHLO HELO LHLO STARTTLS MAIL RCPT DATA BDAT VRFY EXPN HELP ETRN TURN SEND SOML SAML"
)
_VERB = re.compile(b"(" + b"|".join(_VERBS.split()) + b")(?![^ \r\n])", re.IGNORECASE)
_PATH_WORD = re.compile(rb"(?:MAIL +FROM|RCPT +TO):", re.IGNORECASE)
_PATH = re.compile(rb" *<(?:\"(?:[^\"\\]|\\.)*\"|[^\">])*>")
_KEYWORD = re.compile(rb"(?<= )[A-Za-z0-9-]+")
_FIRST_WORD = re.compile(rb" +[A-Za-z0-9_-]+")
_LAST = re.compile(rb" +[0-9]+ +LAST", re.IGNORECASE)


def fold(line: bytes) -> bytes:
    """The line in upper case wherever case does not matter; its length stays the same."""
    verb = _VERB.match(line)
    if verb is None:
        return line
    end = verb.end()
    name = verb.group(0).upper()
    if name in (b"MAIL", b"RCPT"):
        return _fold_path(line)
    if name in (b"EHLO", b"HELO", b"LHLO"):
        return line.upper()
    if name == b"AUTH" and (mechanism := _FIRST_WORD.match(line, end)):
        end = mechanism.end()
    elif name == b"BDAT" and (last := _LAST.match(line, end)):
        end = last.end()
    return line[:end].upper() + line[end:]


def _fold_path(line: bytes) -> bytes:
    """`MAIL FROM:<...@domain> KEY=value`: the words before the path, the domain, the keywords."""
    word = _PATH_WORD.match(line)
    if word is None:
        return line[:4].upper() + line[4:]
    path = _PATH.match(line, word.end())
    end = path.end() if path else word.end()
    keywords = (
        _KEYWORD.sub(lambda found: found.group(0).upper(), line[end:]) if path else line[end:]
    )
    at = end - 1 - len(split_mailbox(address_of(line) or b"")[1])
    middle = line[word.end() : at] + line[at:end].upper() if path else b""
    return line[: word.end()].upper() + middle + keywords


def is_command(octets: bytes) -> bool:
    """Whether these octets begin with a verb."""
    return _VERB.match(octets) is not None


_OPTIONS: dict[bytes, tuple[bytes, re.Pattern[bytes]]] = {
    b"SIZE": (b"SIZE", re.compile(rb"[0-9]{1,20}")),
    b"BODY": (b"8BITMIME", re.compile(rb"7BIT|8BITMIME", re.IGNORECASE)),
    b"AUTH": (b"AUTH", re.compile(rb"<>")),
    b"RET": (b"DSN", re.compile(rb"FULL|HDRS", re.IGNORECASE)),
}
"""Parameters of MAIL that a client may add if the extension is offered, and their values."""


def has_forms(command: bytes) -> bool:
    """Whether this command has forms that `fold` does not cover: it names a mailbox (RFC 6531
    section 3.2) and may have parameters.
    """
    return _PATH_WORD.match(command) is not None


def is_same(one: bytes, other: bytes, offered: Collection[bytes] = ()) -> bool:
    """Whether two commands are equal, apart from the form of an address, the order of parameters,
    and additional parameters of `one`.

    offered  keywords of EHLO, upper case, that `one` may use
    """
    if fold(one) == fold(other):
        return True
    first, second = _parts(one), _parts(other)
    if first is None or second is None or not is_same_address(first[1], second[1]):
        return False
    more, wanted = _parameters(first[2]), _parameters(second[2])
    for each in wanted:
        if each not in more:
            return False
        more.remove(each)
    is_mail = fold(first[0]).startswith(b"MAIL")
    is_free = all(is_mail and _is_option(each, wanted, offered) for each in more)
    return is_free and fold(first[0]) == fold(second[0])


def _parameters(tail: bytes) -> list[bytes]:
    """The words that follow the address; the last is the line ending if there is one."""
    folded = _KEYWORD.sub(lambda found: found.group(0).upper(), tail)
    words, end = folded.removesuffix(b"\r\n"), folded.endswith(b"\r\n")
    return [*words.split(b" "), *([b"\r\n"] if end else [])]


def _is_option(word: bytes, wanted: Sequence[bytes], offered: Collection[bytes]) -> bool:
    """Whether a client may add this parameter: it is offered, and `wanted` lacks its keyword."""
    keyword, _, value = word.partition(b"=")
    extension, values = _OPTIONS.get(keyword, (b"", None))
    is_new = not any(each.partition(b"=")[0] == keyword for each in wanted)
    return extension in offered and is_new and bool(values and values.fullmatch(value))


def parameters_of(command: bytes) -> list[bytes]:
    """The words behind the path of MAIL or RCPT; none if the command has no path in brackets."""
    parts = _parts(command)
    return parts[2][1:].split() if parts is not None else []


def quotes_more(line: bytes, wanted: bytes) -> bool:
    """Whether the address has quotes that it does not need (RFC 5321 section 4.1.2)."""
    one, other = address_of(line) or b"", address_of(wanted) or b""
    return one[:1] == b'"' != other[:1]


def _parts(command: bytes) -> tuple[bytes, bytes, bytes] | None:
    """What is before the address of MAIL or RCPT, the address, and what follows it."""
    word = _PATH_WORD.match(command)
    path = _PATH.match(command, word.end()) if word else None
    address = address_of(command)
    if path is None or address is None:
        return None
    end = path.end() - 1
    return command[: end - len(address)], address, command[end:]
