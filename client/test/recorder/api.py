"""The public functions of mailc as its headers declare and describe them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

INCLUDE = Path(__file__).resolve().parents[2] / "include" / "mailc"

_TOKEN = re.compile(
    r"(?P<comment>/\*.*?\*/)"
    r"|(?P<result>(?:const |enum |struct |unsigned|uint\d+_t|size_t|void|bool|char )[\w *\n]*?)"
    r"\b(?P<name>mailc_\w+)\((?P<parameters>[^;{}]*)\);",
    re.S,
)
_STATUS_ROW = re.compile(r"^ \*\s+(?:MAILC_)?(E_[A-Z_]+)  +\S", re.M)
_LISTED = re.compile(r"^  X\((\w+),", re.M)


@dataclass(frozen=True)
class Function:
    """A function, and the statuses that the comment above it gives a row to."""

    header: str
    name: str
    result: str
    parameters: tuple[tuple[str, str], ...]
    documented: frozenset[str]

    @property
    def has_status(self) -> bool:
        """Whether it returns enum mailc_status."""
        return self.result == "enum mailc_status"

    def parameter(self, type_of: str) -> str | None:
        """The name of its first parameter of this type, "struct mailc_pop3 *" for one."""
        return next((name for kind, name in self.parameters if kind == type_of), None)


def headers() -> list[str]:
    """The names of all public headers."""
    return sorted(path.name for path in INCLUDE.glob("*.h"))


def statuses() -> list[str]:
    """The names of MAILC_STATUS_LIST, in its order."""
    return _LISTED.findall((INCLUDE / "status.h").read_text("utf-8"))


def functions(header: str) -> list[Function]:
    """The functions that a header declares, in its order; those with a body are left out."""
    text = (INCLUDE / header).read_text("utf-8")
    found: list[Function] = []
    comment, behind = "", 0
    for token in _TOKEN.finditer(text):
        between = text[behind : token.start()].strip()
        behind = token.end()
        if token["comment"]:
            comment = token["comment"]
            continue
        documented = frozenset(_STATUS_ROW.findall(comment)) if not between else frozenset()
        result = " ".join(token["result"].split())
        found.append(
            Function(header, token["name"], result, _parameters(token["parameters"]), documented)
        )
    return found


def _parameters(text: str) -> tuple[tuple[str, str], ...]:
    """Type and name of each, "const struct mailc_login *" and "login"."""
    parts = [" ".join(part.split()) for part in text.split(",")]
    if parts == ["void"]:
        return ()
    split = [re.fullmatch(r"(.*?)(\w+)", part) for part in parts]
    return tuple((each[1].strip(), each[2]) for each in split if each is not None)
