#!/usr/bin/env python3
"""Turns the plain comments of mailc's public headers into Doxygen's, for client/Doxyfile.

    doxygen_filter.py HEADER

A comment above a declaration documents it, one behind a member that member, and the first one
the file. Declarations that stand together share the comment above them. `NAME  in: text` is a
parameter, `MAILC_E_X  text` a returned status, `RFC 1939 section 5` a link, and a sentence with
`Returns` says what is returned. Such rows in the first comment of a header, and its row `returns`,
are for every function of the header that has none of its own.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

_PARAMETER = re.compile(r"^ \*   (\w+) +((?:in:|out:|in/out:|sizeof) .*)$")
_ROW = re.compile(
    r"^ \*   (\w+)  +((?:(?:in|out|in/out):|(?<=returns  )).*(?:\n \*     .*)*)", re.M
)
_DOCUMENTED = re.compile(
    r"(/\*\*(?:(?!\*/).)*)\*/\n((?:[a-z][\w *\n]*?)\bmailc_\w+\([^;{]*\);)", re.S
)
_STATUS = re.compile(r"^ \*\s+(?:MAILC_)?(E_[A-Z_]+)  +(\S.*)$")
_RFC_SECTION = re.compile(r"RFC (\d+)(?:\s+\*?\s*|,\s*)section (\d[\d.]*\d|\d)")
_RFC = re.compile(r"RFC (\d+)\b")
_PRIVATE = re.compile(
    r"(/\*(?:(?!\*/).)*?(?:Of the library's|reads\s+\*?\s*nothing here)(?:(?!\*/).)*?\*/\n"
    r"struct \w+ \{\n)(.*?)(^\};)",
    re.S | re.M,
)
_DECLARED = re.compile(r"^(?:const |enum |struct |unsigned |uint\d+_t |void |bool |char |static )")


def filtered(text: str) -> str:
    """The header as Doxygen is to see it; as many lines but for what stands together."""
    lines: list[str] = []
    comment: list[str] = []
    seen_file = False
    for line in _PRIVATE.sub(_hide, text).splitlines():
        if not comment and re.match(r"^\s*/\* ", line):
            kind = "/** " if seen_file else "/** @file\n * "
            seen_file = True
            comment = [line.replace("/* ", kind, 1)]
        elif not comment and "/* " in line:
            comment = [line.replace("/* ", "/**< ", 1)]
        elif comment:
            comment.append(line)
        else:
            lines += _shared(lines, line)
            continue
        if "*/" in line:
            marked = _marked_file if "@file" in comment[0] else _marked
            lines += marked("\n".join(comment)).split("\n")
            comment = []
    common = dict(_ROW.findall(text[: text.index("*/")]))
    return _DOCUMENTED.sub(lambda each: _completed(each, common), "\n".join(lines) + "\n")


def _completed(function: re.Match[str], common: dict[str, str]) -> str:
    """A function's comment with what the header says of all functions."""
    comment, declaration = function[1], function[2]
    rows = []
    parameters = declaration[declaration.index("(") :]
    for name in re.findall(r"(\w+)(?=[,)])", parameters):
        if name in common and f"@param {name} " not in comment:
            rows.append(f" * @param {name} {common[name]}\n")
    if declaration.startswith("enum mailc_status ") and "returns" in common:
        rows.append(f" * @return {common['returns']}\n")
    elif "Returns " in comment:
        said = re.search(r"Returns ((?:(?!\.[\s]).)*)", comment, re.S)
        assert said is not None
        rows.append(f" * @return {said[1]}\n")
    return f"{comment.rstrip(' ')}\n{''.join(rows)} */\n{declaration}"


def _hide(struct: re.Match[str]) -> str:
    """The members of a structure of the library's own are nobody else's."""
    return f"{struct[1]}/** @cond */\n{struct[2]}/** @endcond */\n{struct[3]}"


def _shared(above: list[str], line: str) -> list[str]:
    """A declaration directly below another one has that one's comment."""
    if above and above[-1].startswith("#define MAILC_") and line.startswith("#define MAILC_"):
        return [f"/** As {above[-1].split()[1]}. */", line]
    if above and above[-1].startswith("enum mailc_status {") and line.startswith("#define"):
        return ["/** @cond */", line, "/** @endcond */"]
    follows = bool(above) and above[-1].endswith(";") and not above[-1].startswith("}")
    if follows and _DECLARED.match(line) and "(" in line:
        names = re.findall(r"\b(mailc_\w+)\(", "\n".join(above))
        return [f"/** As {names[-1]}(). */", line]
    return [line]


def _marked_file(comment: str) -> str:
    """The first comment of a header: what is set in is a table."""
    rows = []
    is_table = False
    for row in comment.split("\n"):
        if row.startswith(" *   ") != is_table:
            is_table = not is_table
            rows.append(" * @verbatim" if is_table else " * @endverbatim")
        rows.append(row)
    return "\n".join(rows)


def _marked(comment: str) -> str:
    """One comment, with parameters, statuses and RFCs marked."""
    rows = []
    for row in comment.split("\n"):
        row = _PARAMETER.sub(r" * @param \1 \2", row)
        row = _STATUS.sub(r" * @retval MAILC_\1 \2", row)
        rows.append(row)
    text = _RFC_SECTION.sub(r"@rfc{\1,\2}", "\n".join(rows))
    return _RFC.sub(r"@rfc{\1}", re.sub(r"(@rfc\{[\d.,]+\})", r"\1", text))


if __name__ == "__main__":
    sys.stdout.write(filtered(Path(sys.argv[1]).read_text("utf-8")))
