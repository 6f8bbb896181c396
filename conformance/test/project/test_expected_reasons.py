"""A known failure that fails for another reason than the file says is unexpected."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance import cli

CASE = "pop3.retr.dot-not-stuffed"
ENTRY = '[[case]]\nid = "{case}"\nverdict = "FAIL"\nmatch = "{match}"\nreason = "known"\n'


@pytest.mark.parametrize(
    ("match", "status"), [("the message differs", 0), ("the outcome is timeout", 1)]
)
def test_another_way_of_failing_is_unexpected(tmp_path: Path, match: str, status: int) -> None:
    expect = tmp_path / "expect.toml"
    expect.write_text(ENTRY.format(case=CASE, match=match), encoding="utf-8")
    run = ["run", "--subject", "python-stdlib", "--variant", "whole", "--expect", str(expect)]
    assert cli.main([*run, "--out", str(tmp_path / "reports"), "-j", "1", CASE]) == status
