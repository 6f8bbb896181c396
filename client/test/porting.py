#!/usr/bin/env python3
"""Every limit of the public headers stands in the table of client/PORTING.md: each number that is
a macro, with its value, and each buffer, bound and timeout that a caller fills in.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

CLIENT = Path(__file__).resolve().parents[1]

# What a caller fills in, and which of its members are no limits.
STRUCTURES = (
    "mailc_pop3_config",
    "mailc_limits",
    "mailc_smtp_config",
    "mailc_login",
    "mailc_tls_config",
    "mailc_pump",
    "mailc_smtp_pump",
)
NO_LIMITS = (
    "mailc_pop3_config.now_ms",
    "mailc_smtp_config.now_ms",
    "mailc_pump.reply_len",
    "mailc_pump.reply_line_count",
    "mailc_smtp_pump.answer_count",
)

MEMBER = re.compile(r"^  (?P<type>[\w ]+?\*?) ?\*?(?P<name>\w+);", re.M)
IS_BOUND = re.compile(r"(_ms|_max|_min|_cap|_len|_count)$")
IS_MEMORY = re.compile(r"struct mailc_(buffer|\w+_slot|smtp_answer)\b")


def headers() -> str:
    """All of them."""
    files = sorted((CLIENT / "include/mailc").glob("*.h"))
    return "\n".join(file.read_text("utf-8") for file in files)


def macros(text: str) -> dict[str, str]:
    """The macros that are a number, by name."""
    return dict(re.findall(r"^#define (MAILC_\w+) (\d+)u?$", text, re.M))


def members(text: str) -> Iterator[str]:
    """The buffers and bounds of the structures, "mailc_pump.limit_ms" for one."""
    for name in STRUCTURES:
        body = re.search(rf"^struct {name} \{{\n(.*?)^\}};", text, re.M | re.S)
        assert body is not None, name
        for member in MEMBER.finditer(body[1]):
            is_limit = IS_BOUND.search(member["name"]) or IS_MEMORY.match(member["type"])
            path = f"{name}.{member['name']}"
            if is_limit and path not in NO_LIMITS:
                yield path


def gaps(text: str, rows: list[str]) -> Iterator[str]:
    """What no row has."""
    for name, value in macros(text).items():
        if not any(f"`{name}`" in row and re.search(rf"\b{value}\b", row) for row in rows):
            yield f"{name} with {value}"
    for path in members(text):
        owner, name = path.split(".")
        if not any(f"`{path}`" in row or (owner in row and f"`{name}`" in row) for row in rows):
            yield path


def main() -> int:
    """1 if the table lacks a limit or has another value."""
    text = headers()
    table = (CLIENT / "PORTING.md").read_text("utf-8").splitlines()
    wrong = list(gaps(text, [row for row in table if row.startswith("|")]))
    for gap in wrong:
        print(f"client/PORTING.md has no row with {gap}", file=sys.stderr)
    print(f"{len(macros(text))} macros and {len(list(members(text)))} members")
    return 1 if wrong or not macros(text) else 0


if __name__ == "__main__":
    sys.exit(main())
