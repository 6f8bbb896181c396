#!/usr/bin/env python3
"""Every status of MAILC_STATUS_LIST is one that some test of client/test expects.

    client/test/statuses.py

Prints the statuses that no test names in a check, and exits 1 if there are any.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

CLIENT = Path(__file__).resolve().parents[1]


def statuses() -> list[str]:
    """The names of the list, in its order."""
    text = (CLIENT / "include/mailc/status.h").read_text("utf-8")
    return re.findall(r"^  X\((\w+),", text, re.M)


def expected() -> set[str]:
    """The statuses that tests compare a result with; test_status.c only names them."""
    found: set[str] = set()
    for path in sorted((CLIENT / "test").glob("test_*.c")):
        if path.name != "test_status.c":
            found |= set(re.findall(r"\bMAILC_(OK|E_[A-Z_]+)\b", path.read_text("utf-8")))
    return found


def main() -> int:
    """The statuses that are missing."""
    missing = [name for name in statuses() if name not in expected()]
    for name in missing:
        print(f"no test expects MAILC_{name}", file=sys.stderr)
    print(f"{len(statuses()) - len(missing)} of {len(statuses())} statuses are expected by a test")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
