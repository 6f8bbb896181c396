"""What the parser gives for each kind of line, and what it says of a broken one."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_servers.scripted.steps import expected_moves
from fake_servers.trace.error import TraceError
from fake_servers.trace.parser import parse_file, parse_text
from fake_servers.trace.syntax import (
    Alternative,
    Call,
    Directive,
    Expect,
    Func,
    Group,
    Move,
    Name,
    Result,
    Send,
    Trace,
)

HEAD = "id: pop3.one\ntitle: One\n\n"
"""Three lines; the first line of a body is line 4."""

GOAL_HEAD = (
    "id: pop3.goal.one\ntitle: One\ngoal: pop3.fetch login=apop n=[1]\n"
    "server: users=[[mrose, tanstaaf]] caps=[UIDL, TOP] sasl=[]\n\n"
)
"""Five lines."""


def read(body: str, head: str = HEAD) -> Trace:
    """A trace with a header of no interest."""
    return parse_text(head + body, Path("one.trace"))


def test_the_header_has_every_key() -> None:
    """Values, defaults and the lines of the keys."""
    trace = parse_text(
        "# a comment\n\nid:  smtp.data.one-two\ntitle: A title: with a colon\n"
        "proves: A-1 B-2\nneeds: smtp smtp.size\nmoves: all\n"
        "variants: not octets crlf: they come together\npolicy: tls\ntimeout: 50\n"
        "breach: INFO: nothing is said of it\n"
        "strict:  RSET  NOOP\n",
        Path("one.trace"),
    )
    assert (trace.id, trace.protocol, trace.title) == (
        "smtp.data.one-two",
        "smtp",
        "A title: with a colon",
    )
    assert (trace.proves, trace.needs) == (("A-1", "B-2"), ("smtp", "smtp.size"))
    assert (trace.moves_all, trace.policy, trace.timeout_ms) == (True, "tls", 50)
    assert trace.excluded_variants == {"octets", "crlf"}
    assert trace.exclusion_reason == "they come together"
    assert (trace.breach, trace.breach_reason) == ("INFO", "nothing is said of it")
    assert trace.strict == ("RSET", "NOOP")
    assert [trace.is_strict(verb) for verb in ("NOOP", "EHLO")] == [True, False]
    assert trace.header_lines["id"] == 3
    plain = read("")
    assert (plain.moves_all, plain.policy, plain.timeout_ms) == (False, "clear", 400)
    assert (plain.proves, plain.excluded_variants, plain.goal) == ((), frozenset(), None)


def test_each_line_of_a_timeline() -> None:
    """The items in order, with their lines."""
    trace = read(
        'A: smtp.mail from=a@b params=[SIZE=5, "X=\\x22"]\nD: .dot\nD|\\x20\n'.replace("D|", "D| ")
        + "T: MAIL CMD_MAIL WAIT_MAIL\nC: MAIL $x\nC| a\\rb\\n\nS:\nS| \\x20\n"
        '= cut 3\nS: ${b64 x}\n= close\nR: refused|io-error code=550 enhanced="5.1.1"\nD:\n'
    )
    assert trace.items == (
        Call(
            4,
            "smtp.mail",
            {"from": (b"a@b",), "params": [(b"SIZE=5",), (b'X="',)]},
            (b".dot\r\n ",),
        ),
        Move(7, "MAIL", "CMD_MAIL", "WAIT_MAIL"),
        Expect(8, (b"MAIL ", Name("x"), b"\r\n"), False),
        Expect(9, (b"a\rb\n",), True),
        Send(10, (b"\r\n",), False),
        Send(11, (b" ",), True),
        Directive(12, "cut", ("3",)),
        Send(13, (Func("b64", ((b"x",),)), b"\r\n"), False),
        Directive(14, "close"),
        Result(15, ("refused", "io-error"), {"code": 550, "enhanced": (b"5.1.1",)}, (b"\r\n",)),
    )


def test_values_may_belong_to_one_of_the_outcomes() -> None:
    """A bar between blanks parts alternatives; the `D:` lines belong to the first."""
    trace = read("A: pop3.retr n=1\nR: ok count=1 | refused|failed code=2 | timeout\nD: x\n")
    result = trace.items[1]
    assert isinstance(result, Result)
    assert result.outcomes == ("ok", "refused", "failed", "timeout")
    assert (result.values, result.data) == ({}, None)
    assert result.alternatives() == (
        Alternative(("ok",), {"count": 1}, (b"x\r\n",)),
        Alternative(("refused", "failed"), {"code": 2}),
        Alternative(("timeout",), {}),
    )
    plain = read("A: pop3.retr n=1\nR: ok|refused code=1\nD: x\n").items[1]
    assert isinstance(plain, Result) and not plain.bound
    assert plain.alternatives() == (Alternative(("ok", "refused"), {"code": 1}, (b"x\r\n",)),)


def test_only_the_first_blank_after_a_mark_goes() -> None:
    """Message lines may begin with blanks, and a backslash is text outside `C|` and `S|`."""
    trace = read("A: pop3.top\nS:   two blanks \\r\nR: ok\nD:  one\n")
    send, result = trace.items[1:]
    assert isinstance(send, Send) and send.template == (b"  two blanks \\r\r\n",)
    assert isinstance(result, Result) and result.data == (b" one\r\n",)


@pytest.mark.parametrize(
    "line, directive",
    [
        ("= pause 5", Directive(4, "pause", ("5",))),
        ("=reset", Directive(4, "reset")),
        ("= half-close", Directive(4, "half-close")),
        ("= starttls", Directive(4, "starttls")),
        ("= starttls wrong-name", Directive(4, "starttls", ("wrong-name",))),
        ("= expect-eof", Directive(4, "expect-eof")),
        ("= silence", Directive(4, "silence")),
        ("= accept", Directive(4, "accept")),
    ],
)
def test_directives(line: str, directive: Directive) -> None:
    """Every directive."""
    assert read(line + "\n").items == (directive,)


def test_groups_nest() -> None:
    """Branches, directives and moves within."""
    trace = read("alt {\n  T: A B C\n  C: STAT\n} {\n C: LIST\n opt {\n C: X\n }\n = close\n}\n")
    stat, close = Expect(6, (b"STAT\r\n",), False), Directive(12, "close")
    listing, inner = Expect(8, (b"LIST\r\n",), False), Expect(10, (b"X\r\n",), False)
    assert trace.items == (
        Group(
            4,
            "alt",
            ((Move(5, "A", "B", "C"), stat), (listing, Group(9, "opt", ((inner,),)), close)),
        ),
    )


def test_moves_of_a_group_count_where_the_branch_was_taken() -> None:
    """The expected moves of a run follow the branches that the client took."""
    trace = read("T: A E B\nopt {\nT: B E C\nC: X\n}\nT: B E D\n")
    assert [move.next for move in expected_moves(trace.items, frozenset())] == ["B", "D"]
    assert [move.next for move in expected_moves(trace.items, frozenset({6}))] == ["B", "C", "D"]


def test_a_goal_case() -> None:
    """Messages, overrides and the result."""
    trace = read(
        'M: 1\nD: one\nD:\nM: 2\non RETR#1: cut 10, close\non PASS#12: reply "-ERR a,\\"b\\"",'
        "pause 5\nR: io-error|failed\n",
        GOAL_HEAD,
    )
    goal = trace.goal
    assert goal is not None and trace.items == ()
    assert (goal.line, goal.name) == (3, "pop3.fetch")
    assert goal.args == {"login": (b"apop",), "n": [1]}
    assert goal.server == {
        "users": [[(b"mrose",), (b"tanstaaf",)]],
        "caps": [(b"UIDL",), (b"TOP",)],
        "sasl": [],
    }
    assert goal.messages == ((b"one\r\n\r\n",), ())
    first, second = goal.overrides
    assert (first.command, first.nth, first.line) == ("RETR", 1, 10)
    assert first.actions == (Directive(10, "cut", ("10",)), Directive(10, "close"))
    assert (second.command, second.nth) == ("PASS", 12)
    assert second.actions == (
        Send(11, (b'-ERR a,"b"\r\n',), False),
        Directive(11, "pause", ("5",)),
    )
    assert goal.result == Result(12, ("io-error", "failed"), {}, None)


def test_an_smtp_goal_has_the_message_to_send() -> None:
    """The `D:` lines before `R:`; none at all is no message."""
    head = "id: smtp.goal.one\ntitle: One\ngoal: smtp.send from=a\n\n"
    trace = read("D: one\nD| two\\n\nR: ok\n", head)
    assert trace.goal is not None and trace.goal.messages == ((b"one\r\ntwo\n",),)
    trace = read("D|\nR: ok\n", head)
    assert trace.goal is not None and trace.goal.messages == ((),)


@pytest.mark.parametrize(
    "body, line, token, message",
    [
        ("X: a\n", 4, "X:", "a line begins with"),
        ("A: connect\nR: ok\n", 4, "connect", "an operation is expected"),
        ("A: pop3.user user\nR: ok\n", 4, "user", "key=value"),
        ("A: pop3.user a=1 a=2\nR: ok\n", 4, "a", "given twice"),
        ("A: pop3.user a=\nR: ok\n", 4, "", "a value is missing"),
        ('A: pop3.user a="b\nR: ok\n', 4, '"b', "closing quote"),
        ('A: pop3.user a="b"c\nR: ok\n', 4, "c", "a blank stands between"),
        ('A: pop3.user a=b"c"\nR: ok\n', 4, 'b"c"', "stands in quotes"),
        ("A: pop3.user a=b\\c\nR: ok\n", 4, "\\c", "needs quotes"),
        ("A: pop3.user a=[1, 2\nR: ok\n", 4, "[1, 2", "closing ]"),
        ("A: pop3.user a=[1 2]\nR: ok\n", 4, "2]", "a comma"),
        ("A: pop3.user a=[1,]\nR: ok\n", 4, "]", "a value is missing"),
        (f"A: pop3.user a={'[' * 17}\nR: ok\n", 4, "", "nest at most"),
        ("A: pop3.user\nA: pop3.user\n", 4, "A:", "the R: line of this call is missing"),
        ("A: pop3.user\n", 4, "A:", "the R: line of this call is missing"),
        ("R: ok\n", 4, "R:", "no A: line"),
        ("A: pop3.user\nR: ok|\n", 5, "ok|", "outcomes are words"),
        ("A: pop3.user\nR: Ok\n", 5, "Ok", "outcomes are words"),
        ("A: pop3.user\nR: ok |\n", 5, "", "outcomes are words"),
        ("A: pop3.user\nR: ok | n=1\n", 5, "n=1", "outcomes are words"),
        ("A: pop3.user\nR: ok n=1 |refused\n", 5, "|refused", "a blank stands on both sides"),
        ("C: $\n", 4, "$", "follows $"),
        ("C: ${nothing}\n", 4, "nothing", "the functions are apop"),
        ("C: ${apop a}\n", 4, "${apop a}", "${apop TIMESTAMP SECRET}"),
        ("C: ${b64 a\n", 4, "${b64 a", "closing }"),
        ("C: ${random ${hex a} 3}\n", 4, "${random ${hex a} 3}", "plain name"),
        ("C: NOOP \n", 4, "NOOP ", "\\x20"),
        ("C:NOOP\n", 4, "C:N", "a blank stands after C:"),
        ("S| a\\q\n", 4, "\\q", "an escape is one of"),
        ("S| a\\x1\n", 4, "\\x1", "two hexadecimal"),
        ("S: $nobody\n", 4, "$nobody", "the name has no value yet"),
        ("S: $late\nC: $late\n", 4, "$late", "the name has no value yet"),
        ("A: pop3.user user=${hex $nobody}\nR: ok\n", 4, "$nobody", "the name has no value yet"),
        ("C: NOOP\r\n", 4, "\\r", "LF alone"),
        ("T: A B\n", 4, "", "the next state of a move"),
        ("T: A B C D\n", 4, "D", "a move is"),
        ("T: a B C\n", 4, "a", "the state of a move"),
        ("= cut\n", 4, "", "the number of octets"),
        ("= cut x\nS: a\n", 4, "x", "the number of octets"),
        ("= cut 3\nC: a\n", 4, "cut", "an S: line follows"),
        ("= pause 99999\n", 4, "99999", "at most"),
        ("= sleep 3\n", 4, "sleep", "the directives are"),
        ("= close now\n", 4, "now", "nothing more"),
        ("= starttls bad\n", 4, "bad", "the fault is one of"),
        ("D: a\n", 4, "D:", "directly under"),
        ("opt {\nC: a\n", 4, "opt", "the closing }"),
        ("opt C: a\n", 4, "opt", "on a line of its own"),
        ("opt {\nS: a\n}\n", 6, "}", "is a C: line"),
        ("opt {\nC: a\n} {\nC: b\n}\n", 4, "opt", "has one branch"),
        ("alt {\nC: a\n}\n", 4, "alt", "two branches"),
        ("opt {\nC: a\n} C: b\n", 6, "}", "on a line of its own"),
        ("opt {\nC: a\nA: pop3.user\n}\n", 6, "A:", "no calls"),
        ("}\n", 4, "}", "no group is open"),
        ("M: 1\n", 4, "M:", "a case with goal:"),
        ("on RETR#1: close\n", 4, "on", "a case with goal:"),
    ],
)
def test_a_broken_line_is_named(body: str, line: int, token: str, message: str) -> None:
    """File, line, token and one sentence."""
    with pytest.raises(TraceError) as raised:
        read(body)
    error = raised.value
    assert (error.path, error.line, error.token) == (Path("one.trace"), line, token)
    assert message in error.message
    assert str(error).startswith(f"one.trace:{line}: ")


@pytest.mark.parametrize(
    "head, line, token, message",
    [
        ("title: a\n", 1, "", "id is missing"),
        ("id: pop3.a\n\nC: x\n", 3, "", "title is missing"),
        ("id: imap.a\n", 1, "imap.a", "an id begins with"),
        ("id: pop3.A\n", 1, "pop3.A", "an id begins with"),
        ("id: pop3/a\n", 1, "pop3/a", "an id begins with"),
        ("id: pop3.a/\n", 1, "pop3.a/", "an id begins with"),
        ("id: pop3.a//b\n", 1, "pop3.a//b", "an id begins with"),
        ("id: pop3.a/../b\n", 1, "pop3.a/../b", "an id begins with"),
        ("id: pop3.a/b_c\n", 1, "pop3.a/b_c", "an id begins with"),
        ("id: pop3.a\nid: pop3.a\n", 2, "id", "given twice"),
        ("variant: octets\n", 1, "variant", "no such header key"),
        ("title:\n", 1, "title", "a value is missing"),
        ("moves: some\n", 1, "some", "all"),
        ("policy: none\n", 1, "none", "policy is one of"),
        ("timeout: 0\n", 1, "0", "timeout is"),
        ("timeout: 1s\n", 1, "1s", "timeout is"),
        ("variants: octets\n", 1, "octets", "not NAME"),
        ("breach: INFO\n", 1, "INFO", "INFO: reason"),
        ("breach: FAIL: so bad\n", 1, "FAIL: so bad", "NON-STRICT: reason"),
        ("id: pop3.a\ntitle: a\nserver: users=[]\n", 3, "server", "goal:"),
        ("goal: a=b\n", 1, "a=b", "the goal's name"),
    ],
)
def test_a_broken_header_is_named(head: str, line: int, token: str, message: str) -> None:
    """The same for the header's lines."""
    with pytest.raises(TraceError) as raised:
        parse_text(head, Path("one.trace"))
    assert (raised.value.line, raised.value.token) == (line, token)
    assert message in raised.value.message


@pytest.mark.parametrize(
    "body, line, token, message",
    [
        ("A: pop3.user\n", 6, "A:", "a goal case has"),
        ("M: 2\n", 6, "2", "numbered in order"),
        ("D: a\nR: ok\n", 6, "D:", "stand under M:"),
        ("M: 1\n", 6, "", "the R: line"),
        ("R: ok\nR: ok\n", 7, "R:", "one R: line"),
        ("on retr#1: close\n", 6, "retr#1:", "upper case"),
        ("on RETR: close\n", 6, ":", "#n"),
        ("on RETR#0: close\n", 6, "#0:", "#n"),
        ("on RETR#1 close\n", 6, "close", "a colon"),
        ("on RETR#1: close close\n", 6, "close", "a comma"),
        ("on RETR#1: reply no\n", 6, "no", "in quotes"),
        ("on RETR#1: accept\n", 6, "accept", "a linear trace"),
        ("on RETR#1:\n", 6, "", "a directive's name"),
    ],
)
def test_a_broken_goal_is_named(body: str, line: int, token: str, message: str) -> None:
    """The same for goal cases."""
    with pytest.raises(TraceError) as raised:
        read(body, GOAL_HEAD)
    assert (raised.value.line, raised.value.token) == (line, token)
    assert message in raised.value.message


def test_files_that_are_no_text(tmp_path: Path) -> None:
    """Missing, a directory, not UTF-8: TraceError, too."""
    with pytest.raises(TraceError, match="cannot be read: no such file"):
        parse_file(tmp_path / "missing.trace")
    with pytest.raises(TraceError, match="cannot be read: is a directory"):
        parse_file(tmp_path)
    file = tmp_path / "one.trace"
    file.write_bytes(b"id: pop3.a\ntitle: \xff\n")
    with pytest.raises(TraceError) as raised:
        parse_file(file)
    assert (raised.value.line, raised.value.token) == (2, "\\xff")


@given(
    st.lists(
        st.sampled_from(
            'A: R: C: S: C| S| D: T: = opt alt any { } on M: # $ ${ b64 " \\ \\x [ ] , a=b ok '
            "pop3.user cut 3 close #1: RETR reply rows: begin: ready | {a} id:".split()
            + ["\n", " ", "\n", " "]
        ),
        max_size=25,
    )
)
def test_nothing_but_trace_errors(words: list[str]) -> None:
    """Any text is a trace or a TraceError with a line of the file."""
    for head in (HEAD, GOAL_HEAD):
        try:
            read("".join(words), head)
        except TraceError as error:
            assert 1 <= error.line <= len(words) + 6
            assert error.message


def test_parsing_is_fast(tmp_path: Path) -> None:
    """150 traces of 60 lines in well under a second."""
    file = tmp_path / "one.trace"
    call = "A: pop3.noop a=b\nT: A CMD_NOOP B\nC: NOOP\nS: +OK ${b64 x}\nT: B REPLY_OK A\nR: ok\n"
    file.write_text(HEAD + call * 10)
    begin = time.process_time()
    for _ in range(150):
        parse_file(file)
    assert time.process_time() - begin < 0.9
