"""Which octets of a client's line may be of either case, and when a line is a command.

Verbs, `FROM:`, `TO:`, parameter keywords and mechanism names compare without case
(RFC 5321 section 2.4, RFC 1939 section 3, RFC 4422 section 3.1); message lines and SASL
responses compare octet by octet.
"""

from __future__ import annotations

import re

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
    """The line with upper case wherever the case is free; a line of the same length."""
    verb = _VERB.match(line)
    if verb is None:
        return line
    end = verb.end()
    name = verb.group(0).upper()
    if name in (b"MAIL", b"RCPT"):
        return _fold_path(line)
    if name == b"AUTH" and (mechanism := _FIRST_WORD.match(line, end)):
        end = mechanism.end()
    elif name == b"BDAT" and (last := _LAST.match(line, end)):
        end = last.end()
    return line[:end].upper() + line[end:]


def _fold_path(line: bytes) -> bytes:
    """`MAIL FROM:<...> KEY=value`: the words before the path and the keywords after it."""
    word = _PATH_WORD.match(line)
    if word is None:
        return line[:4].upper() + line[4:]
    path = _PATH.match(line, word.end())
    end = path.end() if path else word.end()
    keywords = (
        _KEYWORD.sub(lambda found: found.group(0).upper(), line[end:]) if path else line[end:]
    )
    return line[: word.end()].upper() + line[word.end() : end] + keywords


class Dialogue:
    """What the next line of the client is: a command, a SASL response or message data."""

    def __init__(self) -> None:
        self._in_data = False
        self._challenged = False

    @property
    def expects_command(self) -> bool:
        """True unless the server has just asked for a response or for message data."""
        return not (self._in_data or self._challenged)

    def sent(self, octets: bytes) -> None:
        """The server has sent `octets`, which end with a whole reply."""
        last = octets[octets.rfind(b"\n", 0, -1) + 1 :]
        self._challenged = last.startswith((b"334 ", b"+ ")) or last in (b"334\r\n", b"+\r\n")
        self._in_data = last.startswith(b"354")

    def received(self, octets: bytes) -> None:
        """The client has sent a line, or several."""
        self._challenged = False
        if octets == b".\r\n" or octets.endswith(b"\r\n.\r\n"):
            self._in_data = False
