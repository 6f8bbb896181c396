"""The layout of traces: what changes, and that nothing else does."""

from __future__ import annotations

from pathlib import Path

import pytest

from fake_servers.trace.error import TraceError
from fake_servers.trace.layout import formatted, meaning
from fake_servers.trace.parser import parse_file, parse_text

HERE = Path("here.trace")
TRACES = sorted((Path(__file__).parents[3] / "traces").rglob("*.trace"))

LINEAR = """\
# What it is.
id: pop3.a.b

title:     A  title
proves:   A-1   B-2
# Of the timeline.
A:   pop3.connect    host="a"  x=[ "1" ,b,[c,"d e"]]   y="$$z" n="12" t="true"
  T: START   CONNECTED  WAIT_GREETING
S: +OK  <a>


=  cut   3
S: +OK
opt   {
  C: NOOP   x
}
R: ok|refused   text="a,b" q="" data="caf\u00e9"   |  failed|timeout  |   io-error  n="x"
D:
D: .
# The end.


"""
LINEAR_LAID_OUT = """\
# What it is.
id:      pop3.a.b
title:   A  title
proves:  A-1 B-2

# Of the timeline.
A: pop3.connect host=a x=["1", b, [c, "d e"]] y="$$z" n="12" t="true"
T: START CONNECTED WAIT_GREETING
S: +OK  <a>

= cut 3
S: +OK
opt {
C: NOOP   x
}
R: ok|refused text="a,b" q="" data=caf\u00e9 | failed|timeout | io-error n=x
D:
D: .
# The end.
"""
GOAL = """\
id: pop3.a.b
title: A goal
variants: not octets: a reason
goal:   pop3.fetch   user="mrose"
server:  users=[[mrose,"x y"]]  caps=[ ]
M:   1
D: Subject:  one
on   RETR#1:  reply "+OK,  go" ,cut  10,close
R: io-error
"""
GOAL_LAID_OUT = """\
id:      pop3.a.b
title:   A goal
variants: not octets: a reason
goal:    pop3.fetch user=mrose
server:  users=[[mrose, "x y"]] caps=[]

M: 1
D: Subject:  one
on RETR#1: reply "+OK,  go", cut 10, close
R: io-error
"""


@pytest.mark.parametrize(
    ("text", "laid_out"),
    [(LINEAR, LINEAR_LAID_OUT), (GOAL, GOAL_LAID_OUT)],
    ids=["linear", "goal"],
)
def test_there_is_one_layout(text: str, laid_out: str) -> None:
    assert formatted(text, HERE) == laid_out
    assert formatted(laid_out, HERE) == laid_out


def test_meaning_is_all_but_the_places() -> None:
    trace = parse_text(GOAL, HERE)
    assert meaning(trace) == meaning(parse_text("\n\n" + GOAL, Path("elsewhere.trace")))
    for old, new in (("cut  10", "cut 11"), ("x y", "x  y"), ("A goal", "Another"), ("one", "two")):
        assert meaning(trace) != meaning(parse_text(GOAL.replace(old, new), HERE)), old


def test_what_is_no_trace_is_refused() -> None:
    with pytest.raises(TraceError, match="here.trace:2"):
        formatted("id: pop3.a.b\nX: y\n", HERE)


@pytest.mark.skipif(not TRACES, reason="the traces of a clone")
def test_every_trace_keeps_its_meaning() -> None:
    for path in TRACES:
        made = formatted(path.read_text("utf-8"), path)
        assert formatted(made, path) == made, path
