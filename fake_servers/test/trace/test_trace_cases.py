"""Several cases in a file, tables and preludes: what they expand to, and what is wrong with them."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from fake_servers.trace import prelude, rows
from fake_servers.trace.cases import cases, ids
from fake_servers.trace.error import TraceError
from fake_servers.trace.layout import formatted, meaning
from fake_servers.trace.parser import parse_case, parse_file, parse_text, text_of
from fake_servers.trace.syntax import Call, Expect, Send, Trace

HERE = Path("here.trace")

TWO = """\
# Of the file.
id:      pop3.a.first
title:   The first

A: pop3.noop
C: NOOP
S: +OK
R: ok
# It ends here.

# Of the second and the third.

# Of the second.
id:      pop3.a.second
title:   The second
family:  no-row


id:      pop3.a.third
title:   The third
begin:   greeted


id:      pop3.a.fourth
title:   The fourth

A: pop3.noop
C: NOOP
S: +OK
R: ok
"""

TABLE = """\
id:      smtp.mail.reply-{id}
title:   MAIL is answered by {code}
proves:  {proves}

A: smtp.mail from={from}
C: MAIL FROM:<{from}>
S: {code} no
{end}
R: {outcome} code={code}

rows:
| id   | code | from   | outcome         | end     | proves |
| full | 452  | a@b.c  | refused         |         |        |
# The server is gone.
| gone | 421  | a\\|b@c | refused\\|failed | = close | A-1    |
"""

AXES = """\
id:      {protocol}.x.{mech}-{id}
title:   {mech} over {protocol}: {id}

C: AUTH {mech}
S: {challenge} ${b64 {id}}

rows: protocol
rows:
| mech  |
| plain |
| login |
rows:
| mech  | id |
| plain | a  |
| login | b  |
| login | c  |
"""


def read(text: str) -> list[Trace]:
    return [parse_case(HERE, case) for case in cases(HERE, text)]


def lines(text: str) -> list[list[str]]:
    """The lines of each case."""
    return [case.text.splitlines() for case in cases(HERE, text)]


def test_an_id_begins_the_next_case() -> None:
    traces = read(TWO)
    assert [trace.id for trace in traces] == [
        f"pop3.a.{nth}" for nth in ("first", "second", "third", "fourth")
    ]
    assert list(ids(HERE, TWO)) == [trace.id for trace in traces]
    assert [trace.header_lines["id"] for trace in traces] == [2, 14, 19, 24]
    assert [item.line for item in traces[3].items] == [27, 28, 29, 30]
    assert lines(TWO)[0][0] == "# Of the file." and lines(TWO)[0][-1] == "# It ends here."
    assert lines(TWO)[1][0] == "# Of the second."


def test_a_text_of_one_case_is_that() -> None:
    assert parse_text("title: A\nid: pop3.a.b\n\nA: pop3.noop\nR: ok\n", HERE).id == "pop3.a.b"
    with pytest.raises(TraceError, match="one case is expected here, not 4"):
        parse_text(TWO, HERE)


def test_each_row_is_a_case() -> None:
    full, gone = read(TABLE)
    assert (full.id, full.title, full.proves) == (
        "smtp.mail.reply-full",
        "MAIL is answered by 452",
        (),
    )
    assert (gone.id, gone.proves, gone.row) == ("smtp.mail.reply-gone", ("A-1",), 15)
    assert [type(item).__name__ for item in full.items] == ["Call", "Expect", "Send", "Result"]
    assert [item.line for item in gone.items] == [5, 6, 7, 8, 9]
    assert gone.items[1] == Expect(6, (b"MAIL FROM:<a|b@c>\r\n",), False)
    assert list(ids(HERE, TABLE)) == [full.id, gone.id]


def test_a_column_stands_for_a_header_line() -> None:
    text = "id: pop3.a.{id}\n\nA: pop3.noop\nR: ok\nrows:\n|id|title|needs|\n|x|Of x|pop3|\n|y|Of y||\n"
    assert [(trace.id, trace.title, trace.needs) for trace in read(text)] == [
        ("pop3.a.x", "Of x", ("pop3",)),
        ("pop3.a.y", "Of y", ()),
    ]


DEEP = """\
id:      {protocol}.x.{id}
title:   T

{step}

rows: protocol
rows:
| id | step                 | mark        | deep    |
| a  | S: {mark} {deep} {b} | {challenge} | -{id}-  |
"""


def test_a_cell_may_have_holes_for_the_cells_of_other_columns() -> None:
    """Of all tables, whichever stands first; a cell that needs itself is a fault."""
    assert [case[-1] for case in lines(DEEP)] == ["S: + -a- {b}", "S: 334 -a- {b}"]
    with pytest.raises(TraceError) as caught:
        cases(HERE, DEEP.replace("-{id}-", "{step}"))
    assert (caught.value.line, caught.value.token) == (9, "{step}")
    assert caught.value.message == "the cell has a hole for its own column"


def test_an_empty_cell_at_the_end_of_a_line_leaves_no_blank() -> None:
    text = "id: pop3.a.{id}\ntitle: T\n\nS: {text}\nrows:\n|id|text|\n|x|  |\n|y|a b|\n"
    assert [trace.items for trace in read(text)] == [
        (Send(4, (b"\r\n",), False),),
        (Send(4, (b"a b\r\n",), False),),
    ]


def test_tables_are_combined_and_joined_by_the_columns_that_they_share() -> None:
    traces = read(AXES)
    assert [trace.id for trace in traces] == [
        f"{protocol}.x.{case}"
        for protocol in ("pop3", "smtp")
        for case in ("plain-a", "login-b", "login-c")
    ]
    assert {trace.row for trace in traces} == {10, 11}
    assert [line for line in lines(AXES)[-1] if line.startswith("S:")] == ["S: 334 ${b64 c}"]


@pytest.mark.parametrize(
    ("old", "new", "line", "token", "message"),
    [
        ("| full | 452  | a@b.c ", "| full | 452 ", 13, "", "has 5 cells, the table 6 columns"),
        ("proves |", "proves | more |", 13, "", "has 6 cells, the table 7 columns"),
        ("proves:  {proves}", "proves:  A-1", 12, "proves", "nothing uses this column"),
        ("| from   |", "| code      |", 12, "code", "two columns have this name"),
        ("| from   |", "| From      |", 12, "From", "a column is named by a lower-case word"),
        ("rows:\n", "rows: absent\n", 11, "absent", "those of the language are protocol"),
        ("rows:\n", "rows: protocol\n", 12, "|", "a table of the language has no rows here"),
        (TABLE[TABLE.index("| full") :], "", 12, "|", "no row below its columns"),
        (TABLE[TABLE.index("| id") :], "", 11, "rows:", "the table has no columns"),
        ("# The server", "The server", 14, "The", "a row begins with |, the next case with id:"),
        ("| A-1    |", "| A-1", 15, "A-1", "a row ends with |"),
        ("| full |", "|---|---|---|---|---|---|\n| full |", 13, "---", "columns stand right above"),
        ("rows:\n", "Rows:\n", 1, "{id}", "rows: below the timeline begins one"),
        ("rows:\n", "", 1, "{id}", "rows: below the timeline begins one"),
        ("reply-{id}", "reply-{nope}", 1, "{nope}", "no column has this name"),
        ("id:      ", "rows:\nid:      ", 1, "rows:", "a table stands below the timeline"),
        ("smtp.mail from", "smtp from", 5, "smtp", "an operation is expected"),
        ("refused\\|failed", "Failed", 9, "Failed", "outcomes are words"),
    ],
)
def test_a_broken_table_is_named(old: str, new: str, line: int, token: str, message: str) -> None:
    assert old in TABLE
    with pytest.raises(TraceError) as raised:
        read(TABLE.replace(old, new, 1))
    assert (raised.value.line, raised.value.token) == (line, token)
    assert message in raised.value.message


def test_the_fault_of_one_row_names_it() -> None:
    with pytest.raises(TraceError, match="; row at line 15"):
        read(TABLE.replace("refused\\|failed", "Failed"))


def test_a_row_that_fits_to_no_other_is_named() -> None:
    with pytest.raises(TraceError, match="no row of the other tables fits") as raised:
        read(AXES.replace("| login | c  |", "| xlogin | c |"))
    assert raised.value.line == 16


def test_the_ids_of_a_file_differ(tmp_path: Path) -> None:
    file = tmp_path / "a.trace"
    file.write_text(TABLE.replace("| gone", "| full"))
    with pytest.raises(TraceError, match="two cases with this id") as raised:
        parse_file(file)
    assert raised.value.line == 15


def test_a_file_has_a_bounded_number_of_cases() -> None:
    def table(column: str) -> str:
        return "\n".join(["rows:", f"|{column}|", *(f"|{n}|" for n in range(70))])

    text = f"id: pop3.a.x{{a}}{{b}}\ntitle: T\n\nR: ok\n{table('a')}\n{table('b')}\n"
    with pytest.raises(TraceError, match="at most 4096 cases"):
        cases(HERE, text)


def test_the_case_that_is_one_too_many_is_named() -> None:
    table = "\n".join(["rows:", "|a|", *(f"|{n}|" for n in range(4100))])
    with pytest.raises(TraceError, match="at most 4096 cases") as raised:
        cases(HERE, f"id: pop3.a.x{{a}}\ntitle: T\n\nR: ok\n{table}\n")
    assert (raised.value.line, raised.value.token) == (7 + 4096, "pop3.a.x4096")


def test_a_row_without_its_last_bar_takes_no_long_time() -> None:
    begun = time.process_time()
    with pytest.raises(TraceError, match="a row ends with"):
        cases(HERE, "id: pop3.a.{a}\ntitle: T\n\nR: ok\nrows:\n|a|\n|" + "x" * 60_000)
    assert time.process_time() - begun < 2


def test_the_columns_are_named_where_they_stand() -> None:
    table = TABLE.replace("| full", "# Prose.\n\n| full").replace("{from}", "x")
    with pytest.raises(TraceError, match="nothing uses this column") as raised:
        read(table)
    assert (raised.value.line, raised.value.token) == (12, "from")


@pytest.mark.parametrize(
    ("text", "token", "message"),
    [
        ("ID: pop3.a.b\ntitle: T\n", "ID:", "the header key id is missing"),
        ("id:pop3.a.b\ntitle: T\n", "id:pop3.a.b", "the header key id is missing"),
        ("imap.a.b", "imap.a.b", r"an id begins with pop3\. or smtp\."),
        ("", "", "a value is missing"),
    ],
)
def test_what_is_wrong_with_the_first_line_is_named(text: str, token: str, message: str) -> None:
    """A prelude needs the id, and is not what is wrong."""
    text = text if ":" in text else f"id: {text}\ntitle: T\nbegin: ready\n"
    with pytest.raises(TraceError, match=message) as raised:
        read(text)
    assert (raised.value.line, raised.value.token) == (1, token or "id")


def test_a_tab_parts_key_and_value_as_a_blank_does() -> None:
    assert [meaning(trace) for trace in read(TABLE.replace(":  ", ":\t"))] == [
        meaning(trace) for trace in read(TABLE)
    ]


def test_the_mark_of_a_byte_order_is_named(tmp_path: Path) -> None:
    file = tmp_path / "a.trace"
    file.write_text(TABLE, "utf-8-sig")
    with pytest.raises(TraceError, match="byte order mark") as raised:
        parse_file(file)
    assert (raised.value.line, raised.value.token) == (1, "\\ufeff")


def test_a_header_that_comes_late_is_named() -> None:
    with pytest.raises(TraceError, match="the next case begins with id:") as raised:
        read("id: pop3.a.b\ntitle: T\n\nA: x.close\nR: ok\n\ntitle: U\nid: pop3.a.c\n")
    assert (raised.value.line, raised.value.token) == (7, "title:")


def columns(cells: dict[str, str], body: str = "R: ok") -> str:
    """A case whose table has one row."""
    head, row = " | ".join(cells), " | ".join(cells.values())
    uses = "".join(f"# {{{name}}}\n" for name in cells)
    return f"id: pop3.a.b\ntitle: {{t0}}\n\n{uses}{body}\nrows:\n| {head} |\n| {row} |\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (columns({f"t{n}": f"{{t{n + 1}}}" * 9 for n in range(12)} | {"t12": "x"}), "filled with"),
        (columns({f"t{n}": f"{{t{n + 1}}}" for n in range(2000)} | {"t2000": "x"}), "deep"),
        (columns({f"t{n}": f"{{t{n + 1}}}" * 9 for n in range(12)} | {"t12": ""}), "missing"),
        ("id: pop3.a.b\ntitle: {a}\n\nR: ok\nrows:\n|a|\n" + "|1|\n" * 70000, "combinations"),
        (
            "id: pop3.a.{a}\ntitle: T\n\n"
            + "# x\n" * 100000
            + "R: ok\nrows:\n|a|\n"
            + "|1|\n" * 999,
            "characters",
        ),
    ],
    ids=["long", "deep", "empty", "many", "large"],
)
def test_tables_that_multiply_end_in_an_error(text: str, message: str) -> None:
    """Whatever a file holds, reading it takes a bounded time and memory."""
    begun = time.process_time()
    with pytest.raises(TraceError, match=message):
        read(text)
    assert time.process_time() - begun < 5


def begin(words: str, head: str = "smtp", body: str = "A: x.close\nR: ok") -> str:
    return f"id: {head}.a.b\nbegin: {words}\ntitle: T\n\n{body}\n"


def test_a_prelude_stands_before_the_body() -> None:
    [trace] = read(begin('rcpt caps=[PIPELINING, "SIZE 1000"] sasl=[PLAIN, LOGIN]'))
    shown = lines(begin('rcpt caps=[PIPELINING, "SIZE 1000"] sasl=[PLAIN, LOGIN]'))[0]
    assert (
        shown
        == """\
id: smtp.a.b
title: T

A: smtp.connect
S: 220 mail.example.com ready
R: ok
A: smtp.ehlo name=client.example.com
C: EHLO client.example.com
S: 250-mail.example.com
S: 250-PIPELINING
S: 250-SIZE 1000
S: 250 AUTH PLAIN LOGIN
R: ok
A: smtp.mail from=jones@example.com
C: MAIL FROM:<jones@example.com>
S: 250 OK
R: ok
A: smtp.rcpt to=green@example.org
C: RCPT TO:<green@example.org>
S: 250 OK
R: ok
A: x.close
R: ok
""".splitlines()
    )
    numbers = [item.line for item in trace.items]
    assert numbers == sorted(set(numbers)), "a case tells its lines apart by their numbers"
    assert [trace.file_line(number) for number in numbers] == [2] * (len(numbers) - 2) + [5, 6]
    assert meaning(parse_text("\n".join(shown), HERE)) == meaning(trace)


@pytest.mark.parametrize(
    ("words", "protocol", "has", "has_not"),
    [
        (
            "greeted",
            "smtp",
            "S: 220 mail.example.com ready",
            "A: smtp.ehlo name=client.example.com",
        ),
        ("greeted tls=implicit", "smtp", "= starttls", "A: smtp.connect"),
        ("ready lmtp=true", "smtp", "C: LHLO client.example.com", "C: EHLO client.example.com"),
        ("ready", "smtp", "S: 250 mail.example.com", "S: 250-mail.example.com"),
        ("encrypted caps=[STARTTLS]", "smtp", "S: 250 STARTTLS", "S: 250-STARTTLS"),
        ("logged-in sasl=[PLAIN]", "smtp", "S: 235 ok", "S: 250 OK"),
        ('greeted greeting="+OK <1.2@x>"', "pop3", "S: +OK <1.2@x>", "S: +OK POP3 server ready"),
        ("logged-in", "pop3", "C: PASS tanstaaf", "C: CAPA"),
        ("logged-in caps=[UIDL]", "pop3", "S: UIDL", "S: SASL"),
        ("ready sasl=[PLAIN, LOGIN]", "pop3", "S: SASL PLAIN LOGIN", "S: UIDL"),
        ("ready", "pop3", "S: .", "S: SASL"),
    ],
)
def test_what_arguments_change(words: str, protocol: str, has: str, has_not: str) -> None:
    [shown] = lines(begin(words, protocol))
    assert has in shown and has_not not in shown


@pytest.mark.parametrize(
    ("words", "token", "message"),
    [
        ("nowhere", "nowhere", "those of smtp are greeted, ready"),
        ("greeted caps=[UIDL]", "caps", "the prelude greeted has no use for this argument"),
        ("ready caps=[[a]]", "caps", "a text or a list of texts"),
        ('greeted greeting="220 \\r"', "greeting", "plain text"),
        ("ready caps=", "", "a value is missing"),
        ("ready\nmoves: all", "moves", "moves: all lists every move"),
        ("ready\nbegin: ready", "begin", "given twice"),
        ("ready\ngoal: smtp.send", "begin", "a prelude belongs to a timeline"),
    ],
)
def test_a_broken_prelude_is_named(words: str, token: str, message: str) -> None:
    with pytest.raises(TraceError) as raised:
        read(begin(words))
    assert raised.value.token == token
    assert message in raised.value.message


def test_a_fault_behind_a_prelude_stands_at_its_line_of_the_file() -> None:
    with pytest.raises(TraceError) as raised:
        read(begin("ready", body="A: smtp.noop\nX: what"))
    assert raised.value.line == 6


def test_every_prelude_of_the_language_is_a_trace() -> None:
    for name, forms in prelude.preludes().items():
        for form in forms:
            protocol, _, words = name.partition(".")
            given = " ".join(f"{key}={value or 'x'}" for key, value in form.conditions.items())
            [trace] = read(begin(f"{words} {given}", protocol))
            assert isinstance(trace.items[0], Call)


def test_the_tables_of_the_language_can_be_read() -> None:
    assert "protocol" in rows.named()


def test_a_case_is_shown_as_a_trace_of_its_own(tmp_path: Path) -> None:
    """What `mailspec show` prints parses to the same trace."""
    for text in (TWO, TABLE, begin("ready")):
        file = tmp_path / "a.trace"
        file.write_text(text)
        for trace in parse_file(file):
            assert meaning(parse_text(text_of(trace), HERE)) == meaning(trace)


def test_the_layout_of_tables_and_of_several_cases() -> None:
    assert formatted(TABLE, HERE) == TABLE
    loose = (
        TABLE.replace("| id   |", "|id|")
        .replace("\nrows:", "\n\n\n rows: ")
        .replace("A: smtp.mail from", "A:  smtp.mail   from")
    )
    assert formatted(loose, HERE) == TABLE
    assert formatted(TWO, HERE) == TWO.replace(
        "\n\n# Of the second and", "\n\n\n# Of the second and"
    )
    assert formatted(formatted(TWO, HERE), HERE) == formatted(TWO, HERE)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("\x0b", 1),
        ("id: pop3.a.b\ntitle: T\n\n\x0b", 4),
        (TABLE.replace("# The server is gone.", "\x0b"), 14),
    ],
    ids=["header", "timeline", "table"],
)
def test_a_line_that_only_looks_blank_is_named(text: str, line: int) -> None:
    with pytest.raises(TraceError) as raised:
        read(text)
    assert (raised.value.line, raised.value.token) == (line, "\x0b")


def test_rows_make_ids_with_slashes() -> None:
    text = TABLE.replace("smtp.mail.reply-{id}", "smtp.mail.reply/{code}/{id}-1.b")
    assert [trace.id for trace in read(text)] == [
        "smtp.mail.reply/452/full-1.b",
        "smtp.mail.reply/421/gone-1.b",
    ]
    assert list(ids(HERE, text)) == ["smtp.mail.reply/452/full-1.b", "smtp.mail.reply/421/gone-1.b"]
