"""Every requirement that binds servers is shown of ours by raw sockets, or excused."""

from __future__ import annotations

import importlib
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance import requirements
from fake_servers.test import reactive as server_tests

EXCUSES = Path(requirements.__file__).parent / "server_excuses.toml"
SHORTEST_REASON = 20


def modules() -> list[str]:
    folder = Path(str(server_tests.__file__)).parent
    return sorted(path.stem for path in folder.glob("test_serves_*.py"))


def marks() -> Iterator[tuple[str, str]]:
    """The name of each test that proves something, with each requirement that it proves."""
    for module in modules():
        for name, test in vars(
            importlib.import_module(f"{server_tests.__name__}.{module}")
        ).items():
            for requirement in getattr(test, "proves", ()) if name.startswith("test_") else ():
                yield f"{module}.{name}", requirement


def excuses() -> dict[str, str]:
    read: dict[str, str] = tomllib.loads(EXCUSES.read_text("utf-8"))
    return read


def of_servers() -> set[str]:
    return {each.id for each in requirements.load() if each.party == "server"}


def test_each_is_tested_or_excused() -> None:
    accounted = {requirement for _, requirement in marks()} | set(excuses())
    assert sorted(of_servers() - accounted) == []


def test_nothing_is_tested_that_the_register_does_not_ask_of_servers() -> None:
    assert sorted((test, each) for test, each in marks() if each not in of_servers()) == []


def test_nothing_is_both_tested_and_excused() -> None:
    assert sorted({each for _, each in marks()} & set(excuses())) == []


@pytest.mark.parametrize("requirement, reason", excuses().items())
def test_each_excuse_is_of_a_server_and_has_a_reason(requirement: str, reason: str) -> None:
    assert requirement in of_servers()
    assert len(reason) >= SHORTEST_REASON and reason.endswith(".")


def test_most_are_tested() -> None:
    assert len(of_servers()) == 186
    assert len({requirement for _, requirement in marks()}) >= 180
