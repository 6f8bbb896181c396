"""Fixtures for the pytest suites of other projects: `pop3_server`, `smtp_server`, `trace`.

conformance/README.md shows them at work.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conformance.plugin.server_for_tests import TestServer

# Servers are imported only where they are opened: many suites with this plugin do not use them.


class Servers:
    """Opens correct servers of one protocol; they end with the test."""

    def __init__(self, protocol: str, stack: ExitStack) -> None:
        self._protocol = protocol
        self._stack = stack

    def __call__(
        self,
        *,
        users: Mapping[str, str] | None = None,
        messages: Sequence[bytes] = (),
        on: Sequence[str] = (),
        variant: str = "whole",
        **offers: Any,
    ) -> TestServer:
        """A server on a free port of the loopback interface.

        users     name and secret of each who may log in
        messages  the maildrop (POP3), each line with its CRLF
        on        what it does instead, as in a goal case: `RETR#1: cut 10, close`
        variant   how its octets are delivered: whole, octets, crlf, coalesced ...
        offers    the other keys of `server:` in traces/README.md: caps, sasl, tls ...
        Raises ValueError with one sentence for a value that it does not understand.
        """
        from conformance.plugin.server_for_tests import open_test_server

        opened = open_test_server(
            self._protocol,
            {**offers, "users": [list(user) for user in (users or {}).items()]},
            messages,
            on,
            variant,
        )
        return self._stack.enter_context(opened)


class Traces:
    """Opens the server of a trace."""

    @contextmanager
    def __call__(
        self, what: str | Path, *, variant: str = "whole", seed: int = 1
    ) -> Iterator[TestServer]:
        """Serve one case while the client is called, then judge it.

        what  an id of the suite, or a FILE.trace or FILE.trace::ID of your own
        seed  from which the trace's random values are drawn
        Raises AssertionError at the end if the client left the trace or broke a rule.
        """
        from conformance.plugin.server_for_tests import open_trace

        with open_trace(what, variant, seed) as opened:
            yield opened
            found = opened.breaches()
        assert not found, "\n".join(found)


@pytest.fixture
def pop3_server() -> Iterator[Servers]:
    """Opens correct POP3 servers; a test can make them deviate with `on`."""
    with ExitStack() as stack:
        yield Servers("pop3", stack)


@pytest.fixture
def smtp_server() -> Iterator[Servers]:
    """Opens correct SMTP servers; a test can make them deviate with `on`."""
    with ExitStack() as stack:
        yield Servers("smtp", stack)


@pytest.fixture
def trace() -> Traces:
    """Plays a trace against whatever the test calls, and judges the conversation."""
    return Traces()
