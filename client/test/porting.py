#!/usr/bin/env python3
"""Every limit of the public headers stands in the table of client/PORTING.md, with its value."""

from __future__ import annotations

import re
import sys
from pathlib import Path

CLIENT = Path(__file__).resolve().parents[1]
HEADERS = ("config.h", "sasl.h")


def limits() -> dict[str, str]:
    """The macros that are a number, by name."""
    texts = [(CLIENT / "include/mailc" / name).read_text("utf-8") for name in HEADERS]
    return dict(re.findall(r"^#define (MAILC_\w+) (\d+)u?$", "\n".join(texts), re.M))


def main() -> int:
    """1 if the table lacks a limit or has another value."""
    rows = (CLIENT / "PORTING.md").read_text("utf-8").splitlines()
    wrong = [
        name
        for name, value in limits().items()
        if not any(f"`{name}`" in row and re.search(rf"\b{value}\b", row) for row in rows)
    ]
    for name in wrong:
        print(f"client/PORTING.md has no row with {name} and {limits()[name]}", file=sys.stderr)
    return 1 if wrong or not limits() else 0


if __name__ == "__main__":
    sys.exit(main())
