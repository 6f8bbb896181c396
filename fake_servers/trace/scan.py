"""One line of a trace, taken apart from left to right."""

from __future__ import annotations

import re
from pathlib import Path

from fake_servers.trace.error import TraceError
from fake_servers.trace.functions import SIGNATURES
from fake_servers.trace.syntax import Func, Name, Template, Value

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_KEY = re.compile(r"([a-z][a-z0-9_]*)=")
_INTEGER = re.compile(r"0|-?[1-9][0-9]*")
_HEX_OCTET = re.compile(r"[0-9A-Fa-f]{2}")
_ESCAPES = {"r": b"\r", "n": b"\n", "t": b"\t", "\\": b"\\", '"': b'"'}
_BLANK = " \t"

NESTING_LIMIT = 16
"""Deepest nesting of lists and functions."""


class Scanner:
    """Reads one line; every complaint names the file, the line and the token."""

    __slots__ = ("path", "line", "text", "at", "_depth")

    def __init__(self, path: Path, line: int, text: str) -> None:
        self.path = path
        self.line = line
        self.text = text
        self.at = 0
        self._depth = 0

    def error(self, message: str, token: str | None = None) -> TraceError:
        """An error at `token`, or at the word that comes next."""
        if token is None:
            token = (self.text[self.at :].split() or [""])[0]
        return TraceError(self.path, self.line, token, message)

    # -- small parts --------------------------------------------------------------

    def done(self) -> bool:
        """Skip blanks; True at the end of the line."""
        self.skip_blanks()
        return self.at >= len(self.text)

    def at_blank(self) -> bool:
        """Whether a blank or the end of the line comes next."""
        return self.at >= len(self.text) or self.text[self.at] in _BLANK

    def skip_blanks(self) -> None:
        """Go to the next character that is not a blank."""
        while self.at < len(self.text) and self.text[self.at] in _BLANK:
            self.at += 1

    def take(self, char: str) -> bool:
        """Take `char` if it comes next."""
        if self.text.startswith(char, self.at):
            self.at += len(char)
            return True
        return False

    def match(self, pattern: re.Pattern[str], message: str) -> str:
        """Take what `pattern` matches here; `message` is the complaint if it does not."""
        found = pattern.match(self.text, self.at)
        if found is None:
            raise self.error(message)
        self.at = found.end()
        return found.group(0)

    def finish(self, message: str) -> None:
        """Complain unless only blanks are left."""
        if not self.done():
            raise self.error(message)

    # -- templates ----------------------------------------------------------------

    def remaining(self, escapes: bool) -> Template:
        """The rest of the line as a template: the text of `C:`, or of `C|` with escapes."""
        text = self.text[self.at :]
        if text.endswith((" ", "\t")):
            raise self.error("a blank at the end of a line is written \\x20, in C|, S| or D|", text)
        if "$" not in text and not (escapes and "\\" in text):
            self.at = len(self.text)
            return (text.encode(),) if text else ()
        return self._template("", escapes)

    def quoted(self) -> Template:
        """A string in double quotes, which come next."""
        begin = self.at
        self.at += 1
        template = self._template('"', True)
        if not self.take('"'):
            raise self.error("the closing quote is missing", self.text[begin:])
        return template

    def _template(self, stop: str, escapes: bool) -> Template:
        """Octets with holes, up to one of the characters `stop` or the end of the line."""
        parts: list[bytes | Name | Func] = []
        literal = bytearray()
        special = re.compile(f"[{re.escape(stop)}$\\\\]")
        while self.at < len(self.text):
            found = special.search(self.text, self.at)
            end = found.start() if found else len(self.text)
            literal += self.text[self.at : end].encode()
            self.at = end
            if found is None or found.group(0) in stop:
                break
            if found.group(0) == "\\":
                literal += self._escape() if escapes else self._backslash(stop)
            elif self.take("$$"):
                literal += b"$"
            else:
                if literal:
                    parts.append(bytes(literal))
                    literal.clear()
                parts.append(self._hole())
        if literal:
            parts.append(bytes(literal))
        return tuple(parts)

    def _backslash(self, stop: str) -> bytes:
        """A backslash where there are no escapes: text in a line, a mistake in a bare value."""
        if stop:
            raise self.error("a value with a backslash needs quotes")
        self.at += 1
        return b"\\"

    def _escape(self) -> bytes:
        """One of \\r \\n \\t \\\\ \\" \\xNN, which comes next."""
        letter = self.text[self.at + 1 : self.at + 2]
        if letter == "x":
            digits = _HEX_OCTET.match(self.text, self.at + 2)
            if digits is None:
                raise self.error("two hexadecimal digits follow \\x", self.text[self.at :][:4])
            self.at = digits.end()
            return bytes.fromhex(digits.group(0))
        if letter not in _ESCAPES or not letter:
            raise self.error(
                'an escape is one of \\r \\n \\t \\\\ \\" \\xNN', self.text[self.at :][:2]
            )
        self.at += 2
        return _ESCAPES[letter]

    def _hole(self) -> Name | Func:
        """`$name` or `${f ...}`, which comes next."""
        begin = self.at
        self.at += 1
        if self.take("{"):
            return self._function(begin)
        found = _NAME.match(self.text, self.at)
        if found is None:
            raise self.error("a name or {...} follows $; a dollar is written $$", "$")
        self.at = found.end()
        return Name(found.group(0))

    def _function(self, begin: int) -> Func:
        name = self.match(_NAME, "a function's name follows ${")
        signature = SIGNATURES.get(name)
        if signature is None:
            known = ", ".join(SIGNATURES)
            raise self.error(f"there is no such function; the functions are {known}", name)
        args: list[Template] = []
        self._deeper()
        while not self.done() and not self.text.startswith("}", self.at):
            if self.text.startswith('"', self.at):
                args.append(self.quoted())
            else:
                args.append(self._template(_BLANK + "}", False))
        self._depth -= 1
        if not self.take("}"):
            raise self.error("the closing } is missing", self.text[begin:])
        if len(args) != len(signature.arguments):
            raise self.error(
                f"the function is used as {signature.usage}", self.text[begin : self.at]
            )
        if signature.draws and not _is_name(args[0]):
            raise self.error(
                f"NAME in {signature.usage} is a plain name", self.text[begin : self.at]
            )
        return Func(name, tuple(args))

    # -- values -------------------------------------------------------------------

    def pairs(self, end: str = "") -> dict[str, Value]:
        """`key=value ...` up to the end of the line, or to a word that begins with `end`."""
        pairs: dict[str, Value] = {}
        while not self.done() and not (end and self.text.startswith(end, self.at)):
            key = self.match(_KEY, "key=value is expected here")[:-1]
            if key in pairs:
                raise self.error("the key is given twice", key)
            pairs[key] = self.value("")
        return pairs

    def value(self, stop: str) -> Value:
        """A bare or quoted value or a list; `stop` are characters that end a bare one."""
        if self.text.startswith("[", self.at):
            return self._list()
        if self.text.startswith('"', self.at):
            value: Value = self.quoted()
            if self.at < len(self.text) and self.text[self.at] not in _BLANK + stop:
                raise self.error("a blank stands between two values")
            return value
        begin = self.at
        template = self._template(_BLANK + stop + '"', False)
        if self.at == begin:
            raise self.error('a value is missing here; an empty one is written ""')
        if self.text.startswith('"', self.at):
            raise self.error("a value that holds a quote stands in quotes", self.text[begin:])
        return _typed(template, self.text[begin : self.at])

    def _list(self) -> list[Value]:
        """`[a, b]`, which comes next; lists may nest."""
        begin = self.at
        self.at += 1
        values: list[Value] = []
        self._deeper()
        while not self.done() and not self.text.startswith("]", self.at):
            if values and not self.take(","):
                raise self.error("a comma stands between two values of a list")
            self.skip_blanks()
            values.append(self.value(",]"))
        self._depth -= 1
        if not self.take("]"):
            raise self.error("the closing ] is missing", self.text[begin:])
        return values

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > NESTING_LIMIT:
            raise self.error(f"lists and functions nest at most {NESTING_LIMIT} deep")


def _is_name(template: Template) -> bool:
    return (
        len(template) == 1
        and isinstance(template[0], bytes)
        and _NAME.fullmatch(template[0].decode(errors="replace")) is not None
    )


def _typed(template: Template, source: str) -> Value:
    """A bare value: a number only in its shortest form, so that no digit is ever lost."""
    if source == "true":
        return True
    if source == "false":
        return False
    if _INTEGER.fullmatch(source):
        return int(source)
    return template
