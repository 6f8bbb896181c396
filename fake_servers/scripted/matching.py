"""Compares the octets that the client sent with the `C:` lines of a trace.

Nothing here reads from the wire or changes the state of the conversation.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from fake_servers.grammar import deviations
from fake_servers.grammar.commands import fold, has_forms, is_command, is_same
from fake_servers.trace.syntax import Expect
from fake_servers.trace.template import Bindings, first_difference


class Fit(Enum):
    """How the received octets compare with a `C:` line.

    EQUAL      they begin with the line
    OPEN       they are the beginning of the line; more octets decide
    DIFFERENT  they are something else
    """

    EQUAL = 1
    OPEN = 2
    DIFFERENT = 3


class NextLine:
    """Tracks what the client's next line is: a command, a SASL response or message data."""

    def __init__(self) -> None:
        self._in_data = False
        self._challenged = False

    @property
    def in_data(self) -> bool:
        """True if the server has asked for the lines of a message."""
        return self._in_data

    @property
    def is_challenged(self) -> bool:
        """True if the server has asked for a SASL response."""
        return self._challenged

    @property
    def expects_command(self) -> bool:
        """False if the server has just asked for a SASL response or for message data."""
        return not (self._in_data or self._challenged)

    def sent(self, octets: bytes) -> None:
        """The server sent `octets`, which end with a complete reply."""
        last = octets[octets.rfind(b"\n", 0, -1) + 1 :]
        self._challenged = last.startswith((b"334 ", b"+ ")) or last in (b"334\r\n", b"+\r\n")
        self._in_data = last.startswith(b"354")

    def received(self, octets: bytes) -> None:
        """The client sent one line or several."""
        self._challenged = False
        if octets == b".\r\n" or octets.endswith(b"\r\n.\r\n"):
            self._in_data = False


class LineMatcher:
    """Compares octets with the lines of one connection.

    offers  gives the keywords that the reply to EHLO offered, for a verb
    """

    def __init__(
        self,
        bindings: Bindings,
        next_line: NextLine,
        offers: Callable[[str], frozenset[bytes]],
    ) -> None:
        self._bindings = bindings
        self._next_line = next_line
        self._offers = offers

    def compare(self, expect: Expect, received: bytes) -> tuple[Fit, bytes]:
        """Compare; if EQUAL, also give the received octets that are the line."""
        folding = self._folding(expect)
        expected = self._expected(expect)
        if expected is None:
            line = first_line(received)
            if not line.endswith(b"\n"):
                return Fit.OPEN, b""
            differs = self._bindings.match(expect.template, line, folding)
            return (Fit.EQUAL if differs is None else Fit.DIFFERENT), line
        if received.startswith(expected):
            return Fit.EQUAL, expected
        if folding and has_forms(expected):
            line = first_line(received)
            if is_same(line, expected, self._offers("MAIL")):
                return Fit.EQUAL, line
            if not line.endswith(b"\n") and received[:5].upper() == expected[:5].upper():
                return Fit.OPEN, b""
        actual = received[: len(expected)]
        if len(actual) == len(expected):
            same = actual == expected or (folding and folding(actual) == folding(expected))
            return (Fit.EQUAL if same else Fit.DIFFERENT), actual
        start = expected[: len(actual)]
        same = actual == start or (folding and actual.lower() == start.lower())
        return (Fit.OPEN if same else Fit.DIFFERENT), b""

    def may_deviate(self, expect: Expect, received: bytes) -> bool:
        """Whether the rest of this line decides if it is a deviation from the line."""
        if self._next_line.in_data:
            is_open = b"\n" not in received and len(received) < deviations.LINE_MAX
            return is_open and (not expect.raw or literal(expect) == b".\r\n")
        expected = self._expected(expect) or literal(expect)
        return self._folding(expect) is not None and deviations.may_become(received, expected)

    def deviation(self, expect: Expect, received: bytes) -> str | None:
        """How the first line received differs from the line that it can only mean.

        Words to follow "the client sends"; None if it means something else.
        """
        line = first_line(received)
        expected = self._expected(expect)
        if expected is None:
            return self._deviation_with_free_name(expect, line)
        if self._next_line.is_challenged and not expect.raw:
            return deviations.response_deviation(line, expected)
        return deviations.deviation(line, expected) if self._folding(expect) else None

    def _deviation_with_free_name(self, expect: Expect, line: bytes) -> str | None:
        """Only blanks can be too many in a line with a name that has no value yet; binds it."""
        text = line.removesuffix(b"\r\n")
        plain = deviations.squeezed(text) + b"\r\n"
        if not line.endswith(b"\r\n") or plain == line or self._folding(expect) is None:
            return None
        differs = self._bindings.match(expect.template, plain, self._folding(expect))
        return "a blank too many" if differs is None else None

    def is_other_form(self, expect: Expect, received: bytes) -> bool:
        """Whether an EQUAL line differs in more than case: another form of the same command."""
        expected = self._expected(expect)
        return expected is not None and fold(received[: len(expected)]) != fold(expected)

    def first_difference(self, expect: Expect, received: bytes) -> int | None:
        """Index of the first received octet that differs from the line; None if none does."""
        expected = self._expected(expect)
        if expected is None:
            line = first_line(received)
            return self._bindings.match(expect.template, line, self._folding(expect))
        folded = self._folding(expect) or bytes
        return first_difference(folded(expected), folded(received[: len(expected)]))

    def render(self, expect: Expect) -> bytes:
        """The octets of a line whose names all have values."""
        return self._bindings.render(expect.template)

    def show(self, expect: Expect) -> str:
        """The line in the notation of traces."""
        return self._bindings.show(expect.template)

    def _folding(self, expect: Expect) -> Callable[[bytes], bytes] | None:
        """The function that makes two equal commands the same octets; None for other lines."""
        is_line = not expect.raw or _is_one_command(expect)
        return fold if is_line and self._next_line.expects_command else None

    def _expected(self, expect: Expect) -> bytes | None:
        """The octets of the line; None while a name in it has no value yet."""
        if self._bindings.has_free_name(expect.template):
            return None
        return self._bindings.render(expect.template)


def _is_one_command(expect: Expect) -> bool:
    """Whether the octets of a `C|` line are exactly one command."""
    octets = b"".join(part for part in expect.template if isinstance(part, bytes))
    return is_command(octets) and octets.find(b"\n") == len(octets) - 1


def literal(expect: Expect) -> bytes:
    """The octets of a line up to its first hole."""
    first = expect.template[0] if expect.template else b""
    return first if isinstance(first, bytes) else b""


def first_line(octets: bytes) -> bytes:
    """The first line with its LF; all octets if there is no LF."""
    return lines_through(octets, 0)


def lines_through(octets: bytes, at: int) -> bytes:
    """The lines up to and including the one that holds the octet at index `at`."""
    end = octets.find(b"\n", at)
    return octets if end < 0 else octets[: end + 1]
