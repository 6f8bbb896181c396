"""The register loads whole, keeps its rule of breaches and refuses broken data."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from conformance.requirements import RegisterError, load
from conformance.requirements.register import read
from conformance.verdict import Verdict

ROW = {
    "id": "RFC1939-3-X-01",
    "protocol": "pop3",
    "rfc": "RFC1939",
    "section": "3",
    "level": "MUST",
    "breach": "FAIL",
    "party": "client",
    "observed": "wire",
    "kind": "positive",
    "text": "a",
    "test": "b",
}


def test_every_requirement_is_there() -> None:
    register = load()
    assert len(register) == 768
    assert len(list(register.of_client())) == 582


def test_ids_are_slugs_without_blanks() -> None:
    assert [r.id for r in load() if not re.fullmatch(r"[A-Za-z0-9.-]+", r.id)] == []


@pytest.mark.parametrize(
    ("requirement_id", "breach"),
    [
        ("RFC1939-7-USER-01", Verdict.FAIL),
        ("RFC5321-4.1.1.1-EHLO-03", Verdict.NON_STRICT),
        ("RFC1939-4-AUTH-03", Verdict.INFO),
        ("RFC1939-7-APOP-02", Verdict.FAIL),
        ("RFC1939-7-APOP-06", Verdict.NON_STRICT),
        ("RFC1939-3-RESP-06", Verdict.INFO),
    ],
)
def test_breach_follows_the_level(requirement_id: str, breach: Verdict) -> None:
    assert load()[requirement_id].breach is breach


def test_known_and_source() -> None:
    register = load()
    assert register.known("RFC1939-7-APOP-01")
    assert not register.known("RFC1939-7-APOP-99")
    assert register["RFC1939-7-APOP-01"].source == "RFC 1939 section 7"


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["{"], "x.jsonl:1: not JSON"),
        (["[]"], "x.jsonl:1: not an object"),
        ([json.dumps(ROW), json.dumps(ROW)], "registered twice"),
        ([json.dumps({**ROW, "breach": "INFO"})], "MUST cannot have the breach INFO"),
        ([json.dumps({**ROW, "breach": "BAD"})], "not a requirement"),
        ([json.dumps({**ROW, "extra": 1})], "unknown key extra"),
        ([json.dumps({k: v for k, v in ROW.items() if k != "text"})], "not a requirement"),
    ],
)
def test_broken_data_is_refused(tmp_path: Path, lines: list[str], message: str) -> None:
    (tmp_path / "x.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(RegisterError, match=re.escape(message)):
        read(tmp_path)
