"""Small changes of C sources, each of which the suite's vectors should notice.

A light tokenizer knows enough of C to leave comments, texts and the preprocessor alone. The
operators: a comparison becomes another one, `&&` becomes `||`, `+` becomes `-`, `true` becomes
`false`, a number or a character becomes the next one, `!` is left out, a condition is always or
never met, a statement is left out, and a row of a state machine is left out.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""(?P<skip>\s+|/\*.*?\*/|//[^\n]*|^[ \t]*\#(?:[^\n\\]|\\.)*)
    |(?P<text>"(?:[^"\\\n]|\\.)*")
    |(?P<char>'(?:[^'\\\n]|\\.)+')
    |(?P<number>0[xX][0-9a-fA-F]+[uUlL]*|[0-9]+[uUlL]*)
    |(?P<name>[A-Za-z_]\w*)
    |(?P<sign><<=|>>=|->|\+\+|--|<<|>>|[<>=!]=|&&|\|\||[-+*/%&|^]=|.)""",
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)

_OTHER_SIGNS: dict[str, tuple[str, ...]] = {
    "==": ("!=",),
    "!=": ("==",),
    "<": ("<=", ">="),
    "<=": ("<", ">"),
    ">": (">=", "<="),
    ">=": (">", "<"),
    "&&": ("||",),
    "||": ("&&",),
    "+": ("-",),
    "-": ("+",),
    "<<": (">>",),
    ">>": ("<<",),
    "|": ("&",),
    "&": ("|",),
    "+=": ("-=",),
    "-=": ("+=",),
    "|=": ("&=",),
    "&=": ("|=",),
}
_BINARY_ONLY = {"+", "-", "&", "<", ">"}
_OTHER_NAMES = {"true": "false", "false": "true"}
_ROW = re.compile(r"^(?:ROW|CHOICE)\((\w+),\s*(\w+),[^()]*\)\n", re.MULTILINE)
_BEHIND_NAME = {"(", "->", ".", "[", "=", ";", "++", "--"}
_NEVER_LEFT_OUT = {
    "return",
    "goto",
    "case",
    "default",
    "if",
    "else",
    "for",
    "while",
    "do",
    "switch",
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one file.

    file           named from the root of the repository
    line           from 1
    what           the change in words
    start, end     the characters that are replaced
    text           what stands there instead
    """

    file: str
    line: int
    what: str
    start: int
    end: int
    text: str

    def applied(self, source: str) -> str:
        """The source with this change."""
        return source[: self.start] + self.text + source[self.end :]

    @property
    def place(self) -> str:
        """`client/src/common/dot.c:31`"""
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def mutants(file: str, source: str) -> list[Mutant]:
    """Every mutant of a source file, in the order of the file."""
    if file.endswith(".def"):
        return list(_of_rows(file, source))
    found = [*_of_tokens(file, source), *_of_statements(file, source)]
    return sorted(found, key=lambda mutant: (mutant.start, mutant.what))


def sample(found: Sequence[Mutant], count: int, seed: int, sources: dict[str, str]) -> list[Mutant]:
    """`count` of the mutants; which, depends on the seed and on the text of each one's line alone,
    so that a change elsewhere leaves the choice as it is. They come in their own order."""

    def rank(mutant: Mutant) -> bytes:
        source = sources[mutant.file]
        begin = source.rfind("\n", 0, mutant.start) + 1
        line = source[begin : source.find("\n", mutant.end)]
        key = f"{seed} {mutant.file} {mutant.start - begin} {line} {mutant.what}"
        return hashlib.sha256(key.encode()).digest()

    chosen = set(sorted(found, key=rank)[:count])
    return [mutant for mutant in found if mutant in chosen]


def _tokens(source: str) -> list[_Token]:
    return [
        _Token(match.lastgroup or "", match.group(), match.start())
        for match in _TOKEN.finditer(source)
        if match.lastgroup != "skip"
    ]


def _line(source: str, at: int) -> int:
    return source.count("\n", 0, at) + 1


def _of_rows(file: str, source: str) -> Iterator[Mutant]:
    for match in _ROW.finditer(source):
        what = f"the row {match.group(1)} {match.group(2)} is left out"
        yield Mutant(file, _line(source, match.start()), what, match.start(), match.end(), "\n")


def _of_tokens(file: str, source: str) -> Iterator[Mutant]:
    tokens = _tokens(source)
    for at, token in enumerate(tokens):
        before = tokens[at - 1] if at else None
        for text in _others(token, before):
            what = f"{token.text} becomes {text}" if text else f"{token.text} is left out"
            yield Mutant(file, _line(source, token.start), what, token.start, token.end, text)


def _others(token: _Token, before: _Token | None) -> tuple[str, ...]:
    """The replacements of a token."""
    if token.kind == "number":
        return (f"({token.text} + 1)",)
    if token.kind == "char":
        return (f"({token.text} + 1)",)
    if token.kind == "name":
        other = _OTHER_NAMES.get(token.text)
        return () if other is None else (other,)
    if token.text == "!":
        return ("",)
    if token.text in _BINARY_ONLY and not _ends_operand(before):
        return ()
    return _OTHER_SIGNS.get(token.text, ())


def _ends_operand(token: _Token | None) -> bool:
    return token is not None and (
        token.kind in ("name", "number", "char") or token.text in (")", "]")
    )


def _of_statements(file: str, source: str) -> Iterator[Mutant]:
    tokens = _tokens(source)
    depth = 0
    for at, token in enumerate(tokens):
        depth += {"{": 1, "}": -1}.get(token.text, 0) if token.kind == "sign" else 0
        line = _line(source, token.start)
        if token.text == "if" and tokens[at + 1].text == "(":
            end = tokens[_closing(tokens, at + 1)]
            for word, value in (("always", "true"), ("never", "false")):
                what = f"the condition is {word} met"
                yield Mutant(file, line, what, tokens[at + 1].start, end.end, f"({value})")
        elif depth and _begins_statement(tokens, at):
            end = tokens[_semicolon(tokens, at)]
            what = f"{source[token.start:end.end]} is left out"
            yield Mutant(file, line, " ".join(what.split()), token.start, end.end, ";")


def _begins_statement(tokens: Sequence[_Token], at: int) -> bool:
    """Whether a call or an assignment starts here that can be left out."""
    token, before, behind = tokens[at], tokens[at - 1], tokens[at + 1]
    if before.text == ":":
        if tokens[at - 3].text != "case" and tokens[at - 2].text != "default":
            return False  # no label, but the middle of ?:
    elif before.text not in (";", "{", "}"):
        return False
    if token.text in _NEVER_LEFT_OUT:
        return False
    if token.kind == "name":
        return behind.text in _BEHIND_NAME or behind.text in _OTHER_SIGNS
    return token.text in ("*", "(") and behind.kind == "name"


def _closing(tokens: Sequence[_Token], at: int) -> int:
    """The index of the bracket that closes the one at `at`."""
    depth = 0
    for index in range(at, len(tokens)):
        depth += {"(": 1, ")": -1}.get(tokens[index].text, 0)
        if depth == 0:
            return index
    raise ValueError("a bracket is not closed")


def _semicolon(tokens: Sequence[_Token], at: int) -> int:
    while tokens[at].text != ";":
        at = _closing(tokens, at) if tokens[at].text == "(" else at + 1
    return at
