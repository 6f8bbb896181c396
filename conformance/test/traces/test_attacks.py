"""Every known attack is put to the client by a case or a test, or excused."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from conformance import attacks, catalogue
from conformance.attacks import Attack

ROOT = Path(attacks.__file__).parents[1]
SHORTEST_REASON = 40


@cache
def with_cases() -> frozenset[str]:
    return frozenset(each for trace in catalogue.everything() for each in trace.source)


@pytest.mark.parametrize("attack", attacks.load().values(), ids=list(attacks.load()))
def test_each_is_tested_or_excused(attack: Attack) -> None:
    ways = [attack.id in with_cases(), bool(attack.test), bool(attack.excuse)]
    assert sum(ways) == 1


def test_each_test_is_there() -> None:
    named = [attack.test for attack in attacks.load().values() if attack.test]
    assert [name for name in named if not (ROOT / name).is_file()] == []


def test_each_excuse_is_a_reason() -> None:
    excuses = [attack.excuse for attack in attacks.load().values() if attack.excuse]
    assert all(len(each) >= SHORTEST_REASON and each.endswith(".") for each in excuses)
