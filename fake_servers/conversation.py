"""What a scripted server hears: the client's octets against the `C:` lines of a trace."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from enum import Enum

from fake_servers.barrier import Barrier
from fake_servers.commands import Dialogue, fold, has_forms, is_same
from fake_servers.finding import END, NOTHING, Finding
from fake_servers.trace.notation import show
from fake_servers.trace.syntax import Expect
from fake_servers.trace.template import Bindings, first_difference
from fake_servers.wire import EndOfStream, Stopped, Wire

SLICE_S = 0.005
"""So often a waiting server looks whether the client has answered its call meanwhile."""

REST_S = 0.05
"""Longest wait for the rest of a line that differs, so that it can be shown whole."""

SHOWN_LIMIT = 1024
"""Most octets of a difference that a finding shows."""


class Difference(Exception):
    """The conversation left the trace; the finding says where."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.reason)
        self.finding = finding


class _Fit(Enum):
    """How the received octets compare with a `C:` line."""

    EQUAL = 1
    OPEN = 2
    DIFFERENT = 3


class Conversation:
    """One connection, listened to line by line.

    findings  gets the differences in case, which do not end the conversation
    """

    def __init__(
        self, wire: Wire, bindings: Bindings, barrier: Barrier, findings: list[Finding]
    ) -> None:
        self.wire = wire
        self.dialogue = Dialogue()
        self._bindings = bindings
        self._barrier = barrier
        self._findings = findings

    def choose(self, heads: Sequence[Expect]) -> int | None:
        """Index of the line that the client sends next; None if it sends none of them.

        Takes nothing from the wire. Returns None also when the client has answered its
        call, has closed, or sends nothing in time.
        """
        wait = self._waiter(heads[0].line)
        while True:
            is_open = False
            for index, expect in enumerate(heads):
                fit, _ = self._fit(expect)
                if fit is _Fit.EQUAL:
                    return index
                is_open = is_open or fit is _Fit.OPEN
            if not is_open or wait() is not None:
                return None

    def nearest(self, heads: Sequence[Expect]) -> Expect:
        """The line that agrees longest with what the client sends in place of all of them."""
        return max(heads, key=lambda expect: self.difference(expect).finding.octet or 0)

    def expect(self, expect: Expect) -> None:
        """Take the line `expect` from the client; raises Difference if it sends another."""
        wait = self._waiter(expect.line)
        while True:
            fit, octets = self._fit(expect)
            if fit is _Fit.EQUAL:
                self._take(expect, octets)
                return
            if fit is _Fit.DIFFERENT:
                raise self.difference(expect)
            reason = wait()
            if reason is not None:
                raise self.difference(expect, reason)

    def difference(self, expect: Expect, reason: str = "") -> Difference:
        """The finding for a client that does not send `expect`; `reason` if it sends nothing."""
        if not reason:
            self._read_the_line()
        actual = self.wire.received
        expected = self._expected(expect)
        at: int | None = None
        if actual and expected is None:
            at = self._bindings.match(expect.template, _line_of(actual), self._fold(expect))
        elif actual and expected is not None:
            folded = self._fold(expect) or bytes
            at = first_difference(folded(expected), folded(actual[: len(expected)]))
        finding = Finding(
            line=expect.line,
            octet=at,
            expected=self._bindings.show(expect.template)[: 4 * SHOWN_LIMIT],
            actual=show(_lines_up_to(actual, at or 0)[:SHOWN_LIMIT]) or self._absence(),
            reason=reason or "the client sends something else than the trace",
        )
        return Difference(finding)

    def surplus(self, line: int) -> Difference:
        """The finding for octets that no `C:` line expects."""
        self._read_the_line()
        return Difference(
            Finding(
                line=line,
                octet=0,
                expected=NOTHING,
                actual=show(_line_of(self.wire.received)[:SHOWN_LIMIT]),
                reason="the client sends octets that no C: line expects",
            )
        )

    # -- inside -------------------------------------------------------------------

    def _waiter(self, line: int) -> Callable[[], str | None]:
        """A function that reads more; it gives the reason when nothing more will come."""
        deadline = time.monotonic() + self.wire.timeout_s

        def wait() -> str | None:
            try:
                while not self.wire.fill(SLICE_S, line):
                    if not self._barrier.in_call:
                        return None if self.wire.settle(line) else "the client does not send it"
                    if time.monotonic() > deadline:
                        return f"the client sends nothing for {self.wire.timeout_s:g} s"
            except Stopped:
                raise
            except EndOfStream as end:
                return f"{end} instead"
            return None

        return wait

    def _fold(self, expect: Expect) -> Callable[[bytes], bytes] | None:
        """How the line compares: commands without case where the RFCs say so."""
        return fold if not expect.raw and self.dialogue.expects_command else None

    def _expected(self, expect: Expect) -> bytes | None:
        """The octets of the line, None while a name in it is free."""
        if self._bindings.has_free_name(expect.template):
            return None
        return self._bindings.render(expect.template)

    def _fit(self, expect: Expect) -> tuple[_Fit, bytes]:
        """Compare what came with the line; the octets are those that are equal to it."""
        received = self.wire.received
        folding = self._fold(expect)
        expected = self._expected(expect)
        if expected is None:
            line = _line_of(received)
            if not line.endswith(b"\n"):
                return _Fit.OPEN, b""
            differs = self._bindings.match(expect.template, line, folding)
            return (_Fit.EQUAL if differs is None else _Fit.DIFFERENT), line
        if folding and has_forms(expected):
            line = _line_of(received)
            if is_same(line, expected):
                return _Fit.EQUAL, line
            if not line.endswith(b"\n") and received[:5].upper() == expected[:5].upper():
                return _Fit.OPEN, b""
        actual = received[: len(expected)]
        if len(actual) == len(expected):
            same = actual == expected or (folding and folding(actual) == folding(expected))
            return (_Fit.EQUAL if same else _Fit.DIFFERENT), actual
        begin = expected[: len(actual)]
        same = actual == begin or (folding and actual.lower() == begin.lower())
        return (_Fit.OPEN if same else _Fit.DIFFERENT), b""

    def _take(self, expect: Expect, octets: bytes) -> None:
        """Take the line off the wire and note where it differs in case."""
        self.wire.take(len(octets))
        expected = self._bindings.render(expect.template)
        self.dialogue.received(octets)
        if octets != expected:
            self._findings.append(
                Finding(
                    line=expect.line,
                    octet=first_difference(expected, octets),
                    expected=show(expected),
                    actual=show(octets),
                    reason="the client writes this in another form, which is free",
                    info=True,
                )
            )

    def _absence(self) -> str:
        return END if self.wire.ended else NOTHING

    def _read_the_line(self) -> None:
        """Wait a moment for the rest of the client's line."""
        deadline = time.monotonic() + REST_S
        try:
            while b"\n" not in self.wire.received and time.monotonic() < deadline:
                self.wire.fill(SLICE_S)
        except EndOfStream:
            pass


def _line_of(octets: bytes) -> bytes:
    """The first line with its LF; everything if no LF has come."""
    return _lines_up_to(octets, 0)


def _lines_up_to(octets: bytes, at: int) -> bytes:
    """The first lines, up to the end of the one that holds the octet `at`."""
    end = octets.find(b"\n", at)
    return octets if end < 0 else octets[: end + 1]
