"""Selection by id, glob, file, requirement and section."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance import catalogue, paths
from conformance.requirements import load
from conformance.run import select
from fake_servers.trace.error import TraceError
from fake_servers.trace.parser import text_of

LOGIN = "pop3.apop.rfc1939-login"


def ids(*patterns: str) -> list[str]:
    return [trace.id for trace in select.select(patterns)]


def test_nothing_named_is_everything() -> None:
    assert ids() == [trace.id for trace in catalogue.everything()]
    assert len(ids()) > 100


def test_an_id_a_glob_and_a_file_name_cases_each_once() -> None:
    file = select.select([LOGIN])[0].path
    assert ids(LOGIN) == ids(f"{file}::{LOGIN}") == [LOGIN]
    assert LOGIN in ids(str(file))
    found = ids("pop3.apop.*", LOGIN, str(file))
    assert LOGIN in found and len(found) == len(set(found)) > 3
    assert {name.split(".")[1] for name in found} == {"apop", "rfc1939"}


def test_an_id_may_have_slashes() -> None:
    member = "smtp.goal.send/rcpt/251"
    assert ids(member) == [member]
    assert member in ids("smtp.goal.send/rcpt/*") and member in ids("smtp.goal.send/*/251")
    assert member in ids("smtp.goal.*") and "smtp.goal.send" not in ids("smtp.goal.send/*")


def test_a_requirement_names_the_cases_that_prove_it() -> None:
    found = select.select(["RFC1939-7-APOP-02"])
    assert found and all("RFC1939-7-APOP-02" in trace.proves for trace in found)


def test_a_section_names_what_is_below_it_and_nothing_beside_it() -> None:
    register = load()
    for trace in select.select(["rfc5321#4.2"]):
        sections = [register[name].section for name in trace.proves if "RFC5321" in name]
        assert any(s == "4.2" or s.startswith("4.2.") for s in sections), trace.id
    assert set(ids("rfc5321#4.2")) < set(ids("rfc5321"))
    assert set(ids("rfc1939#7")) < set(ids("RFC1939"))


@pytest.mark.parametrize("pattern", ["pop3.nothing", "rfc1939#99", "rfc9999", "RFC1939-9-NO-01"])
def test_a_pattern_that_names_nothing_is_refused(pattern: str) -> None:
    with pytest.raises(select.NothingSelected, match="unknown case|no case"):
        select.select([LOGIN, pattern])


def test_a_misspelt_id_gets_a_hint() -> None:
    with pytest.raises(select.NothingSelected, match=f"did you mean {LOGIN}"):
        select.select(["pop3.apop.rfc1939-logn"])


def test_a_file_outside_of_the_suite_is_played_too(tmp_path: Path) -> None:
    text = text_of(select.by_id(LOGIN)).replace(LOGIN, "pop3.my.case")
    (tmp_path / "mine.trace").write_text(text)
    assert ids(str(tmp_path / "mine.trace")) == ["pop3.my.case"]


@pytest.mark.parametrize("case", ["", "::pop3.my.case", "::pop3.*"])
def test_a_name_of_a_file_may_have_colons(tmp_path: Path, case: str) -> None:
    text = text_of(select.by_id(LOGIN)).replace(LOGIN, "pop3.my.case")
    (tmp_path / "a::b.trace").write_text(text)
    assert ids(f"{tmp_path / 'a::b.trace'}{case}") == ["pop3.my.case"]


def test_a_file_that_is_not_there_is_a_trace_error() -> None:
    with pytest.raises(TraceError, match="cannot be read"):
        select.select([str(paths.traces() / "absent.trace")])


def test_two_cases_of_one_id_are_a_trace_error(tmp_path: Path) -> None:
    copy = tmp_path / "copy.trace"
    copy.write_text(text_of(select.by_id(LOGIN)))
    with pytest.raises(TraceError, match="has this id too"):
        select.select([LOGIN, str(copy)])
