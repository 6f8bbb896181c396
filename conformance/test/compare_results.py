"""Compares two results.json of one subject: the same cases, with the same verdicts.

    python3 conformance/test/compare_results.py BEFORE.json AFTER.json

Prints each case and variant that is gone, new, or judged otherwise. Exits 1 where one of
BEFORE is gone or has another verdict.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

Key = tuple[str, str]


def read(path: Path) -> dict[Key, str]:
    """The verdict of each case in each delivery variant."""
    cases = json.loads(path.read_text("utf-8"))["cases"]
    return {(case["id"], case["variant"]): case["verdict"] for case in cases}


def differences(before: dict[Key, str], after: dict[Key, str]) -> list[str]:
    """A line for each case of before that is gone or has another verdict."""
    return [
        f"{case_id} [{variant}]: {verdict} -> {after.get((case_id, variant), 'gone')}"
        for (case_id, variant), verdict in sorted(before.items())
        if after.get((case_id, variant)) != verdict
    ]


def main() -> int:
    """Compare the two files that the command line names."""
    before, after = (read(Path(name)) for name in sys.argv[1:3])
    found = differences(before, after)
    new = {case_id for case_id, _ in after.keys() - before.keys()}
    print("\n".join(found[:100]))
    print(f"{len(before)} runs before, {len(after)} after, {len(found)} differ", end="")
    print(f", {len(new)} new cases")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
