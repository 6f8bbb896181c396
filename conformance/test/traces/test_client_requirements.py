"""Every requirement that binds clients is tested or excused, and never both."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from conformance import accounts, catalogue, cli, requirements
from conformance.requirements.register import Requirement

LEAST_TESTED = 450
SHORTEST_REASON = 40
CLIENT_TESTS = Path(requirements.__file__).parents[2] / "client" / "test"


@cache
def found() -> dict[str, accounts.Account]:
    ids = [entry.id for entry in requirements.load().of_client()]
    return accounts.accounts(ids, catalogue.everything())


def in_state(state: str) -> list[str]:
    return [each for each, account in found().items() if account.state == state]


def entry_of(requirement: str) -> Requirement:
    return requirements.load()[requirement]


def test_each_is_tested_or_excused() -> None:
    assert in_state("open") == []


def test_none_is_both() -> None:
    assert in_state("both") == []


def test_most_are_tested() -> None:
    assert len(in_state("tested")) >= LEAST_TESTED


@pytest.mark.parametrize("requirement, reason", accounts.excuses().items())
def test_each_excuse_is_of_a_client_and_has_a_reason(requirement: str, reason: str) -> None:
    assert requirement in found()
    assert len(reason) >= SHORTEST_REASON and reason.endswith(".")


@pytest.mark.parametrize("requirement, place", accounts.client_tests().items())
def test_the_tests_of_mailc_are_there(requirement: str, place: str) -> None:
    name, function = place.split()
    assert requirement in found()
    source = (CLIENT_TESTS / name).read_text("utf-8")
    assert f"static void {function}(void) {{" in source
    assert f"  {function}();" in source


def test_the_list_says_which(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["list", "--requirements"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(found()) + 1
    assert any(line.startswith("RFC1939-7-APOP-01 ") and " tested " in line for line in lines)
    assert any(line.startswith("RFC1939-3-PORT-01 ") and " excused " in line for line in lines)
    tested, excused = len(in_state("tested")), len(in_state("excused"))
    counts = f"{tested} tested, {excused} excused"
    assert lines[-1] == f"{len(found())} requirements of clients: {counts}"
