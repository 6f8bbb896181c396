"""The tree of the traces: its index, its folders, and the moves that it shows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache

import pytest

from conformance import catalogue, paths
from conformance.cli import main
from conformance.cli.index import FILE, index
from conformance.model.table import PROTOCOLS, Row, load
from fake_servers.trace.syntax import Group, Item, Move, Trace

MOST_FILES = 40
"""More files than this in one folder are not looked through any more."""


@cache
def traces() -> tuple[Trace, ...]:
    return tuple(catalogue.everything())


def test_the_index_is_up_to_date() -> None:
    page = (paths.traces() / FILE).read_text("utf-8")
    assert page == index(traces()), "./mailspec list --index > traces/INDEX.md writes it anew"


def test_the_index_has_every_case() -> None:
    ids = set(re.findall(r"[\w./-]+", index(traces())))
    assert [trace.id for trace in traces() if trace.id not in ids] == []


def test_the_index_of_some_cases_has_these_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "--index", "pop3.list.empty"]) == 0
    page = capsys.readouterr().out
    assert "## RFC 1939" in page and "## RFC 5321" not in page
    assert "  - [pop3/list.trace](pop3/list.trace): pop3.list.empty\n" in page


def test_no_folder_has_more_files_than_one_looks_through() -> None:
    files = Counter(path.parent for path in paths.traces().rglob("*.trace"))
    assert {folder: count for folder, count in files.items() if count > MOST_FILES} == {}


def test_no_file_name_repeats_its_folder() -> None:
    names = [
        path for path in paths.traces().rglob("*.trace") if path.parent.name in path.stem.split("-")
    ]
    assert names == []


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_row_of_the_model_stands_in_a_move(protocol: str) -> None:
    shown = {row for trace in traces() if trace.protocol == protocol for row in _rows(trace)}
    missing = [row for row in load(protocol).rows if row not in shown]
    assert missing == [], "no T: line of any trace shows these rows"


def test_moves_stand_where_they_teach() -> None:
    """Where the prediction alone judges the moves, nobody keeps them in step by hand."""
    with_moves = sum(any(_moves(trace.items)) for trace in traces())
    assert with_moves * 8 < len(traces())


def _rows(trace: Trace) -> Iterator[Row]:
    """The rows that the `T:` lines of a trace show."""
    model = load(trace.protocol)
    for move in _moves(trace.items):
        row = model.successor(move.state, move.event)
        assert row is not None
        yield row


def _moves(items: Iterable[Item]) -> Iterator[Move]:
    for item in items:
        if isinstance(item, Move):
            yield item
        elif isinstance(item, Group):
            for branch in item.branches:
                yield from _moves(branch)
