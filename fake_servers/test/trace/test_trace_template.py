"""The functions of templates against the literals of their RFCs, and how names are bound."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_servers.trace.error import TemplateError
from fake_servers.trace.notation import column, show, write
from fake_servers.trace.scan import Scanner
from fake_servers.trace.syntax import Name, Template
from fake_servers.trace.template import Bindings, first_difference


def template(text: str, escapes: bool = False) -> Template:
    """The template that a line of a trace holds."""
    return Scanner(Path("one.trace"), 1, text).remaining(escapes)


def rendered(text: str, bindings: Bindings | None = None) -> bytes:
    """The octets of a template."""
    return (bindings or Bindings(1, "pop3.one")).render(template(text))


@pytest.mark.parametrize(
    "text, octets",
    [
        # RFC 1939 section 7
        (
            "${apop <1896.697170952@dbc.mtview.ca.us> tanstaaf}",
            b"c4c9334bac560ecc979e58001b3e22fb",
        ),
        # RFC 2195 section 2
        (
            "${cram tim tanstaaftanstaaf <1896.697170952@postoffice.reston.mci.net>}",
            b"dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw",
        ),
        (
            "${b64 <1896.697170952@postoffice.reston.mci.net>}",
            b"PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+",
        ),
        # RFC 2554 section 4
        (
            "${cram fred flintstone <CByLEDBhSCgnhMZ+N23F6w@elwood.innosoft.com>}",
            b"ZnJlZCA5ZTk1YWVlMDljNDBhZjJiODRhMGMyYjNiYmFlNzg2ZQ==",
        ),
        # RFC 4954 section 4.1
        ("${plain test test 1234}", b"dGVzdAB0ZXN0ADEyMzQ="),
        # RFC 4616 section 4, its messages in base64
        ('${plain "" tim tanstaaftanstaaf}', b"AHRpbQB0YW5zdGFhZnRhbnN0YWFm"),
        ("${plain Ursel Kurt xipj3plmq}", b"VXJzZWwAS3VydAB4aXBqM3BsbXE="),
        # RFC 4648 section 10
        ('${b64 ""}', b""),
        ("${b64 f}", b"Zg=="),
        ("${b64 foobar}", b"Zm9vYmFy"),
        # RFC 5802 section 5 and RFC 7677 section 3, their messages in base64
        (
            "${scram_challenge ${b64 n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL} 3rfcNHYJY1ZVvWVs7j s 1}",
            b"cj1meWtvK2QybGJiRmdPTlJ2OXFreGRhd0wzcmZjTkhZSlkxWlZ2V1ZzN2oscz1jdz09LGk9MQ==",
        ),
        (
            "${scram_final sha-1 pencil biwsbj11c2VyLHI9ZnlrbytkMmxiYkZnT05Sdjlxa3hkYXdM"
            " cj1meWtvK2QybGJiRmdPTlJ2OXFreGRhd0wzcmZjTkhZSlkxWlZ2V1ZzN2oscz1RU1hDUitRNnNlazhiZjky"
            "LGk9NDA5Ng==}",
            b"Yz1iaXdzLHI9ZnlrbytkMmxiYkZnT05Sdjlxa3hkYXdMM3JmY05IWUpZMVpWdldWczdqLHA9djBYOHYzQnoy"
            b"VDBDSkdiSlF5RjBYK0hJNFRzPQ==",
        ),
        (
            "${scram_verify sha-256 pencil biwsbj11c2VyLHI9ck9wck5HZndFYmVSV2diTkVrcU8="
            " cj1yT3ByTkdmd0ViZVJXZ2JORWtxTyVodllEcFdVYTJSYVRDQWZ1eEZJbGopaE5sRiRrMCxzPVcyMlphSjBT"
            "Tlk3c29Fc1VFamI2Z1E9PSxpPTQwOTY=}",
            b"dj02cnJpVFJCaTIzV3BSUi93dHVwK21NaFVaVW4vZEI1bkxUSlJzamw5NUc0PQ==",
        ),
        # RFC 7628 section 4.3, the beginning of its message
        ("${oauthbearer u h 1 t}", b"bixhPXUsAWhvc3Q9aAFwb3J0PTEBYXV0aD1CZWFyZXIgdAEB"),
        ("${xoauth2 u t}", b"dXNlcj11AWF1dGg9QmVhcmVyIHQBAQ=="),
        # RFC 4954 section 5.1
        ("${xtext e=mc2@example.com}", b"e+3Dmc2@example.com"),
        # the user name and password prompts of LOGIN
        ("${b64 Username:}", b"VXNlcm5hbWU6"),
        ("${b64 Password:}", b"UGFzc3dvcmQ6"),
        # RFC 4648 section 10 in base 16, lower case
        ("${hex foobar}", b"666f6f626172"),
        ("${repeat ab 3}", b"ababab"),
        ('${repeat "\\r\\n" 2}', b"\r\n\r\n"),
        ("${b64 ${repeat x 3}}", b"eHh4"),
        ("costs $$5 and \\ stays", b"costs $5 and \\ stays"),
        ("Gr\u00fc\u00dfe", "Gr\u00fc\u00dfe".encode()),
    ],
)
def test_functions_give_the_literals(text: str, octets: bytes) -> None:
    """Each function, and plain text."""
    assert rendered(text) == octets


def test_random_is_drawn_once_from_letters_and_digits() -> None:
    """The same name is the same octets; another name, seed or case is another draw."""
    bindings = Bindings(1, "pop3.one")
    first = rendered("${random SECRET 40}", bindings)
    assert re.fullmatch(rb"[A-Za-z0-9]{40}", first)
    assert rendered("$SECRET ${random SECRET 40}", bindings) == first + b" " + first
    assert bindings.get("SECRET") == first
    others = [
        rendered("${random OTHER 40}", bindings),
        rendered("${random SECRET 40}", Bindings(2, "pop3.one")),
        rendered("${random SECRET 40}", Bindings(1, "pop3.two")),
    ]
    assert first not in others


def test_a_draw_does_not_depend_on_the_order() -> None:
    """Whatever is rendered first in a variant, the values are the same."""
    one, two = Bindings(1, "pop3.one"), Bindings(1, "pop3.one")
    a = rendered("${random A 9}", one), rendered("${timestamp B}", one)
    b = rendered("${timestamp B}", two), rendered("${random A 9}", two)
    assert a == (b[1], b[0])


def test_timestamp_has_the_form_of_rfc_1939() -> None:
    """<process-ID.clock@hostname>, RFC 1939 section 7."""
    assert re.fullmatch(rb"<[0-9]+\.[0-9]+@[a-z.]+>", rendered("${timestamp STAMP}"))


@pytest.mark.parametrize(
    "text, message",
    [
        ("$NOBODY", "no value"),
        ("${repeat x many}", "not a number"),
        ("${repeat xx 99999999}", "at most"),
        ("${random A 999999999}", "at most"),
    ],
)
def test_what_cannot_be_computed_is_said(text: str, message: str) -> None:
    """A TemplateError with a sentence."""
    with pytest.raises(TemplateError, match=message):
        rendered(text)


@pytest.mark.parametrize(
    "text, octets, differs, bound",
    [
        ("EHLO $me", b"EHLO box", None, b"box"),
        ("FROM:<$me>", b"FROM:<a@b>", None, b"a@b"),
        ("$me$me", b"aa", 2, None),
        ("EHLO $me", b"EHLO ", 5, None),
        ("EHLO $me", b"EHLO a b", 6, None),
        ("EHLO $me", b"HELO a", 0, None),
        ("EHLO $me!", b"EHLO a", 6, None),
        ("EHLO $me", b"ehlo a", 0, None),
    ],
)
def test_a_free_name_takes_one_word(
    text: str, octets: bytes, differs: int | None, bound: bytes | None
) -> None:
    """It is bound only if the whole is equal."""
    bindings = Bindings(1, "pop3.one")
    assert bindings.match(template(text), octets) == differs
    assert bindings.get("me") == bound


def test_a_bound_name_must_match_afterwards() -> None:
    """And the difference is given in octets of the line."""
    bindings = Bindings(1, "pop3.one")
    assert bindings.match(template("EHLO $me"), b"EHLO box") is None
    assert bindings.match(template("HELO $me"), b"HELO box") is None
    assert bindings.match(template("HELO $me"), b"HELO bag") == 6


def test_fold_frees_the_case() -> None:
    """With a fold both sides are compared in its form."""
    bindings = Bindings(1, "pop3.one")
    assert bindings.match(template("EHLO $me"), b"ehlo box", bytes.upper) is None
    assert bindings.get("me") == b"box"


def test_values_become_python_values() -> None:
    """Strings where they are UTF-8, octets otherwise; numbers and lists as they are."""
    pairs = Scanner(
        Path("one.trace"), 1, 'a=b n=[1, [2, x]] t=true z=007 q="1" o="\\xff" e=""'
    ).pairs()
    bindings = Bindings(1, "pop3.one")
    assert {key: bindings.value(value) for key, value in pairs.items()} == {
        "a": "b",
        "n": [1, [2, "x"]],
        "t": True,
        "z": "007",
        "q": "1",
        "o": b"\xff",
        "e": "",
    }


def test_show_fills_what_it_can() -> None:
    """Names without a value stay names."""
    bindings = Bindings(1, "pop3.one")
    text = '${b64 f} $me ${b64 "$me x"}'
    assert bindings.show(template(text)) == 'Zg== $me ${b64 "$me x"}'
    assert write((b"$\r\n", Name("x"))) == "$$\\r\\n$x"


@given(st.binary(max_size=40))
def test_show_is_read_back(octets: bytes) -> None:
    """What show writes stands for the same octets in `S|`, but for a blank at the end."""
    text = show(octets)
    if text.endswith(" "):
        text = text[:-1] + "\\x20"
    assert Bindings(1, "pop3.one").render(template(text, escapes=True)) == octets


@given(st.binary(max_size=20), st.integers(0, 20))
def test_column_is_where_the_octet_is_shown(octets: bytes, index: int) -> None:
    """The mark under a difference stands at the first character of the octet."""
    index = min(index, len(octets))
    assert show(octets)[column(octets, index) :] == show(octets[index:])


@given(st.binary(max_size=6), st.binary(max_size=6))
def test_first_difference_is_the_first(expected: bytes, actual: bytes) -> None:
    """None only for equal octets; before the index all is equal."""
    at = first_difference(expected, actual)
    if at is None:
        assert expected == actual
    else:
        assert expected[:at] == actual[:at]
        assert expected[at : at + 1] != actual[at : at + 1]


@pytest.mark.parametrize(
    "text",
    [
        "${scram_final md5 pencil biws cj14}",
        "${scram_final sha-1 pencil !! cj14}",
        "${scram_final sha-1 pencil biws cj14}",
        "${scram_verify sha-1 pencil biwsbj11c2Vy cj14}",
        "${scram_challenge biws x y 1}",
        "${scram_challenge biwsbj11c2VyLHI9eA== x y many}",
    ],
)
def test_scram_of_messages_that_are_none(text: str) -> None:
    """An error of the template, for the server to tell of."""
    with pytest.raises(TemplateError):
        rendered(text)
