"""Any file is a trace or a TraceError; what is a trace can be laid out."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fake_servers.trace.error import TraceError
from fake_servers.trace.layout import formatted, meaning
from fake_servers.trace.parser import parse_file, parse_text

TRACES = sorted((Path(__file__).parents[3] / "traces").rglob("*.trace"))
WORDS = st.sampled_from(
    b'\n " \\ \\x \\xff $ ${ } { [ ] ( ) , = : # \0 \r \xff \xc3\xa9 99999999999999999999 -1 '
    b"goal: family: proves: needs: variants: not server: policy: timeout: moves: breach: all "
    b"message: on reply #2 opt alt any cut pause close silent starttls random timestamp "
    b"scram-final repeat b64 A: R: C: S: C| S| T: M: pop3.fetch smtp.send".split(b" ")
)


@st.composite
def bent_traces(draw: st.DrawFn) -> bytes:
    """A trace of ours with some of its octets replaced."""
    octets = draw(st.sampled_from(TRACES)).read_bytes()
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(octets)))
        gone = draw(st.integers(0, 12))
        octets = octets[:at] + draw(WORDS | st.binary(max_size=8)) + octets[at + gone :]
    return octets


@pytest.mark.parametrize("inputs", [st.binary(max_size=300), bent_traces()], ids=["any", "bent"])
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_nothing_but_trace_errors(
    inputs: st.SearchStrategy[bytes], tmp_path: Path, data: st.DataObject
) -> None:
    """The error names a line of the file; a trace keeps its meaning in the one layout."""
    octets = data.draw(inputs)
    file = tmp_path / "bent.trace"
    file.write_bytes(octets)
    try:
        traces = parse_file(file)
    except TraceError as error:
        assert 1 <= error.line <= octets.count(b"\n") + 1
        assert error.message
        return
    file.write_text(formatted(octets.decode(), file), "utf-8", newline="\n")
    assert list(map(meaning, parse_file(file))) == list(map(meaning, traces))
