"""What an `on` line makes of the right answer."""

from __future__ import annotations

import pytest

from fake_servers.reactive.overrides import (
    BadOverride,
    Deliver,
    Drain,
    End,
    LeaveAfter,
    Overrides,
    Pause,
    Reply,
    Step,
    said,
    steps,
)
from fake_servers.trace.syntax import Directive, Override, Send, Template

RIGHT = b"+OK right\r\n"


def render(template: Template) -> bytes:
    return b"".join(part for part in template if isinstance(part, bytes))


def reply(octets: bytes) -> Send:
    return Send(7, (octets,), raw=False)


def do(name: str, *args: str) -> Directive:
    return Directive(7, name, args)


def on(*actions: Send | Directive, command: str = "PASS", nth: int = 1) -> Override:
    return Override(7, command, nth, actions)


@pytest.mark.parametrize(
    ("actions", "expected"),
    [
        ((reply(b"-ERR\r\n"),), [Reply(b"-ERR\r\n", 7)]),
        ((reply(b"-ERR\r\n"), do("close")), [Reply(b"-ERR\r\n", 7), End("close", 7)]),
        ((do("close"),), [End("close", 7)]),
        ((do("reset"),), [End("reset", 7)]),
        ((do("half-close"),), [End("half-close", 7)]),
        ((do("silence"),), [End("silence", 7)]),
        ((do("cut", "3"), do("close")), [Reply(b"+OK", 7), End("close", 7)]),
        ((do("cut", "0"), do("silence")), [Reply(b"", 7), End("silence", 7)]),
        ((do("cut", "99"),), [Reply(RIGHT, 7)]),
        ((do("cut", "2"), reply(b"-ERR\r\n")), [Reply(b"-E", 7)]),
        ((reply(b"-ERR\r\n"), do("cut", "2")), [Reply(b"-E", 7)]),
        ((do("pause", "5"),), [Pause(5), Reply(RIGHT, 7)]),
        ((do("pause", "5"), do("close")), [Pause(5), End("close", 7)]),
        (
            (reply(b"a\r\n"), do("pause", "5"), reply(b"b\r\n")),
            [Reply(b"a\r\n", 7), Pause(5), Reply(b"b\r\n", 7)],
        ),
        ((do("close"), reply(b"late\r\n")), [End("close", 7)]),
        ((do("truncate"),), [End("truncate", 7)]),
        ((do("cut", "3"), do("rest")), [Reply(b"+OK", 7), Drain(), Reply(b" right\r\n", 7)]),
        (
            (reply(b"-ERR\r\n"), do("cut", "2"), do("pause", "5"), do("rest")),
            [Reply(b"-E", 7), Pause(5), Drain(), Reply(b"RR\r\n", 7)],
        ),
        (
            (do("rest"), do("deliver", "octets")),
            [Drain(), Reply(RIGHT, 7), Deliver("octets")],
        ),
        ((do("deliver", "crlf"),), [Deliver("crlf"), Reply(RIGHT, 7)]),
        (
            (reply(b"25\r\n"), do("leave-after", "9")),
            [Reply(b"25\r\n", 7), LeaveAfter(9, 7)],
        ),
    ],
)
def test_steps(actions: tuple[Send | Directive, ...], expected: list[Step]) -> None:
    assert steps(on(*actions), RIGHT, render) == expected


def test_the_state_follows_a_replaced_reply_and_not_its_cut() -> None:
    assert said(on(reply(b"-ERR\r\n"), do("cut", "1")), RIGHT, render) == b"-ERR\r\n"
    assert said(on(do("cut", "1"), do("close")), RIGHT, render) == RIGHT


def test_points_are_counted_each_for_itself() -> None:
    first, second = on(do("close")), on(do("reset"), nth=2)
    overrides = Overrides([first, second, on(do("close"), command="retr")])
    seen = [overrides.at(point) for point in ("", "PASS", "USER", "PASS", "PASS", "RETR")]
    assert [found.nth if found else 0 for found in seen] == [0, 1, 0, 2, 0, 1]


@pytest.mark.parametrize(
    ("override", "message"),
    [
        (on(do("starttls")), "only STLS and STARTTLS can begin TLS"),
        (on(do("expect-eof")), "cannot do 'expect-eof'"),
        (on(do("cut")), "takes one number"),
        (on(do("pause", "soon")), "takes one number"),
        (on(do("cut", "1", "2")), "takes one number"),
        (on(do("leave-after")), "takes one number"),
        (on(do("cut", "1"), do("cut", "2")), "has one cut"),
        (on(do("rest"), do("rest")), "has one rest"),
        (on(reply(b"x"), do("rest")), "a cut is missing"),
    ],
)
def test_on_lines_that_cannot_be_followed(override: Override, message: str) -> None:
    with pytest.raises(BadOverride, match=message) as caught:
        Overrides([override])
    assert caught.value.line == 7


def test_a_point_with_two_lines() -> None:
    with pytest.raises(BadOverride, match="two 'on' lines for PASS#1"):
        Overrides([on(do("close")), on(do("reset"))])
