"""A client that cannot be told how to send its first response is asked all the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance import first_response
from fake_servers.trace.parser import parse_text
from fake_servers.trace.syntax import Call, Expect, Group, Send, Trace


def _trace(call: str, lines: str, protocol: str = "smtp") -> Trace:
    text = f"id: {protocol}.x\ntitle: x\n\nA: {protocol}.auth {call}\n{lines}R: ok|refused\n"
    return parse_text(text, Path("x.trace"))


def _ways(trace: Trace) -> list[list[bytes]]:
    """The octets of each branch of the only group."""
    (group,) = [item for item in trace.items if isinstance(item, Group)]
    return [
        [
            b"".join(part if isinstance(part, bytes) else b"$" for part in item.template)
            for item in branch
            if isinstance(item, (Expect, Send))
        ]
        for branch in group.branches
    ]


@pytest.mark.parametrize(
    ("call", "lines", "ways"),
    [
        (
            "mech=PLAIN user=a secret=b initial=yes",
            "C: AUTH PLAIN AGEAYg==\nS: 235 ok\n",
            [
                [b"AUTH PLAIN AGEAYg==\r\n"],
                [b"AUTH PLAIN\r\n", b"334 \r\n", b"AGEAYg==\r\n"],
            ],
        ),
        (
            "mech=PLAIN user=a secret=b initial=no",
            "C: AUTH PLAIN\nS| 334\\x20\\r\\n\nC: AGEAYg==\nS: 235 ok\n",
            [
                [b"AUTH PLAIN\r\n", b"334 \r\n", b"AGEAYg==\r\n"],
                [b"AUTH PLAIN AGEAYg==\r\n"],
            ],
        ),
        (
            "mech=EXTERNAL initial=yes",
            "C: AUTH EXTERNAL =\nS: 235 ok\n",
            [[b"AUTH EXTERNAL =\r\n"], [b"AUTH EXTERNAL\r\n", b"334 \r\n", b"\r\n"]],
        ),
        (
            "mech=PLAIN user=a secret=b initial=no",
            "C: AUTH PLAIN\nS: 535 no\n",
            [[b"AUTH PLAIN\r\n"], [b"AUTH PLAIN $\r\n"]],
        ),
    ],
)
def test_either_way_leads_to_the_tested_point(
    call: str, lines: str, ways: list[list[bytes]]
) -> None:
    trace = _trace(call, lines)
    assert first_response.is_free(trace)
    free = first_response.with_choice(trace)
    assert _ways(free) == ways
    assert isinstance(free.items[0], Call) and "initial" not in free.items[0].args


def test_a_mechanism_that_begins_with_a_challenge_has_one_way() -> None:
    lines = "C: AUTH LOGIN\nS: 334 VXNlciBOYW1lAA==\nC: dGlt\nS: 535 no\n"
    trace = _trace("mech=LOGIN user=tim secret=b initial=no", lines)
    free = first_response.with_choice(trace)
    assert first_response.is_free(trace) and free.items[1:] == trace.items[1:]


def test_a_response_too_long_for_a_command_has_one_way() -> None:
    lines = "C: AUTH PLAIN\nS| 334\\x20\\r\\n\nC: AGEAYg==\nS: 235 ok\n"
    trace = _trace("mech=PLAIN user=a secret=b initial=yes", lines)
    free = first_response.with_choice(trace)
    assert free.items[1:] == trace.items[1:]


@pytest.mark.parametrize(
    "lines",
    [
        "C: AUTH PLAIN\nS: 334 eA==\nC: AGEAYg==\nS: 235 ok\n",
        "C: AUTH PLAIN\nS: 235 ok\n",
        "C: AUTH PLAIN\n= cut 2\nS: 535 no\n",
    ],
)
def test_a_point_that_only_one_way_reaches_needs_the_feature(lines: str) -> None:
    """A challenge that is not empty, and a success before anything was shown."""
    trace = _trace("mech=PLAIN user=a secret=b initial=no", lines)
    assert not first_response.is_free(trace)
    assert first_response.with_choice(trace) is trace
