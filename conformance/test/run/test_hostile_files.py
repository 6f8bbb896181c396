"""Files and drivers that hold anything: their readers raise their own errors and no others."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance import paths
from conformance.cli import diff, main
from conformance.report.results import build, dumps
from conformance.run import expect
from conformance.subject.answer import Answer
from conformance.subject.driver import DriverSubject
from conformance.subject.error import AdapterBroken, NotInstalled, UnknownSubject
from conformance.subject.spec import read as read_subject
from conformance.test.report.report_example import context, runs

IN_ONE_FOLDER = settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
HELLO = b'{"name":"x","version":"1","features":["steps"]}\n'
NAMES = st.sampled_from(
    "seq outcome value moves data data_path data_b64 messages code temporary name version "
    "features limits max_line".split()
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | NAMES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
ANSWERS = st.builds(
    lambda seq, outcome, value, moves: {
        "seq": seq,
        "outcome": outcome,
        "value": value,
        "moves": moves,
    },
    st.just(1) | JSON,
    st.just("ok") | JSON,
    st.dictionaries(NAMES, JSON, max_size=3) | JSON,
    st.lists(st.lists(st.text(max_size=3), min_size=3, max_size=3)) | JSON,
)
DEEP = b"[" * 100_000
BIG = b'{"seq":' + b"9" * 10_000 + b"}"
LINES = st.binary(max_size=60) | (ANSWERS | JSON).map(lambda row: json.dumps(row).encode())


def driver_that_says(folder: Path, octets: bytes) -> DriverSubject:
    """A driver that answers so, whatever it is asked."""
    file = folder / "answers"
    file.write_bytes(octets)
    return DriverSubject("", ("cat", str(file)))


@pytest.mark.parametrize("line", [DEEP, BIG, b'{"seq":1,"outcome":[]}', b'{"seq":1,"outcome":{}}'])
def test_an_answer_of_no_use_breaks_the_adapter(tmp_path: Path, line: bytes) -> None:
    subject = driver_that_says(tmp_path, HELLO + line + b"\n")
    with pytest.raises(AdapterBroken):
        subject.call("pop3.noop", {}, 5.0)
    subject.stop()


@IN_ONE_FOLDER
@given(line=LINES)
def test_any_answer_is_one_or_breaks_the_adapter(tmp_path: Path, line: bytes) -> None:
    subject = driver_that_says(tmp_path, HELLO + line + b"\n")
    try:
        answer = subject.call("pop3.noop", {}, 5.0)
    except AdapterBroken as error:
        assert str(error)
    else:
        assert isinstance(answer, Answer) and answer.outcome == "ok"
    finally:
        subject.stop()


@IN_ONE_FOLDER
@given(line=LINES | st.just(DEEP))
def test_any_hello_is_one_or_the_driver_does_not_start(tmp_path: Path, line: bytes) -> None:
    subject = driver_that_says(tmp_path, line + b"\n")
    try:
        subject.start()
    except NotInstalled as error:
        assert "does not start" in str(error)
    else:
        assert all(isinstance(name, str) for name in subject.features)
    finally:
        subject.stop()


RESULTS = dumps(build(runs(), context())).encode()


@st.composite
def bent(draw: st.DrawFn, octets: bytes) -> bytes:
    """A good file with some of its octets replaced."""
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(octets)))
        gone = draw(st.integers(0, 20))
        octets = octets[:at] + draw(st.binary(max_size=6)) + octets[at + gone :]
    return octets


@st.composite
def bent_results(draw: st.DrawFn) -> bytes:
    """results.json with one of its values replaced by another, or gone."""
    row = json.loads(RESULTS)
    at = row
    while isinstance(at, (dict, list)) and at:
        key = draw(st.sampled_from(sorted(at)) if isinstance(at, dict) else st.integers(0, 0))
        if draw(st.integers(0, 2)) == 0 or not isinstance(at[key], (dict, list)):
            if draw(st.booleans()):
                del at[key]
            else:
                at[key] = draw(JSON)
            break
        at = at[key]
    return json.dumps(row).encode()


@pytest.mark.parametrize("command", ["diff", "report"])
@IN_ONE_FOLDER
@given(octets=st.binary(max_size=60) | st.just(DEEP) | bent(RESULTS) | bent_results())
def test_any_results_are_some_or_a_usage_error(tmp_path: Path, command: str, octets: bytes) -> None:
    """Both commands end with a status, never with a traceback."""
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_bytes(RESULTS)
    new.write_bytes(octets)
    files = [str(old), str(new)] if command == "diff" else [str(new), f"--out={tmp_path / 'out'}"]
    assert main([command, *files]) in (0, 1, 2, 3)


SUBJECT = (paths.SUBJECTS / "curl.toml").read_bytes()
EXPECTED = (paths.SUBJECTS / "curl.expect.toml").read_bytes()


@pytest.mark.parametrize(
    ("read", "good", "error"),
    [(read_subject, SUBJECT, UnknownSubject), (expect.load, EXPECTED, expect.ExpectError)],
    ids=["subject", "expectations"],
)
@IN_ONE_FOLDER
@given(data=st.data())
def test_any_toml_is_one_or_an_error_of_its_reader(
    tmp_path: Path,
    read: Callable[[Path], object],
    good: bytes,
    error: type[Exception],
    data: st.DataObject,
) -> None:
    file = tmp_path / "bent.toml"
    file.write_bytes(data.draw(st.binary(max_size=60) | bent(good) | st.just(b"a=" + DEEP)))
    try:
        assert read(file) is not None
    except error as raised:
        assert "bent.toml" in str(raised)
