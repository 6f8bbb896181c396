"""The values of a template's holes in one run of one case."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from typing import Union

from fake_servers.trace.error import TemplateError
from fake_servers.trace.functions import COMPUTED, draw_random, draw_timestamp
from fake_servers.trace.notation import write
from fake_servers.trace.syntax import Func, Name, Template, Value

PythonValue = Union[str, bytes, int, bool, list["PythonValue"]]
"""What a Value is once its holes are filled; bytes only where they are not UTF-8."""

_ENDS_A_WORD = b" \r\n"


class Bindings:
    """What `$name` and the drawing functions stand for; used by several threads at once.

    A drawn value depends on the run's seed, the case and the name alone, so that it is
    the same in every delivery variant and whatever is rendered first.
    """

    def __init__(self, seed: int, case_id: str) -> None:
        self._seed = f"{seed}:{case_id}"
        self._values: dict[str, bytes] = {}
        self._lock = threading.RLock()

    def get(self, name: str) -> bytes | None:
        """The octets that `$name` stands for, None while it is free."""
        return self._values.get(name)

    def bind(self, name: str, octets: bytes) -> None:
        """Give `$name` its value."""
        with self._lock:
            self._values[name] = octets

    def render(self, template: Template) -> bytes:
        """The octets of a template; raises TemplateError where a name has no value yet."""
        if len(template) == 1 and isinstance(template[0], bytes):
            return template[0]
        with self._lock:
            return b"".join([self._octets(part) for part in template])

    def match(
        self, template: Template, octets: bytes, fold: Callable[[bytes], bytes] | None = None
    ) -> int | None:
        """None if `octets` are the template's, else the index of the first that differs.

        A free `$name` takes one word (no blank, CR or LF), up to the octet that follows it
        in the template, and is bound if the whole is equal. `fold` maps both sides to a
        form of the same length in which they are compared.
        """
        with self._lock:
            before = dict(self._values)
            differs = self._bind(template, octets)
            if differs is None:
                expected = self.render(template)
                if fold is not None:
                    expected, octets = fold(expected), fold(octets)
                differs = first_difference(expected, octets)
            if differs is not None:
                self._values = before
            return differs

    def has_free_name(self, template: Template) -> bool:
        """True if `template` has a `$name` of its own, not in a function, that is not bound."""
        return any(isinstance(part, Name) and part.name not in self._values for part in template)

    def value(self, value: Value) -> PythonValue:
        """A value of A:, R: or a header as Python has it: str where the octets are UTF-8."""
        if isinstance(value, (bool, int)):
            return value
        if isinstance(value, list):
            return [self.value(item) for item in value]
        octets = self.render(value)
        try:
            return octets.decode()
        except UnicodeDecodeError:
            return octets

    def show(self, template: Template) -> str:
        """The template in the notation of traces, each hole filled that can be filled."""
        parts: list[bytes | Name | Func] = []
        for part in template:
            try:
                parts.append(self.render((part,)))
            except TemplateError:
                parts.append(part)
        return write(tuple(parts))

    def _octets(self, part: bytes | Name | Func) -> bytes:
        if isinstance(part, bytes):
            return part
        if isinstance(part, Func):
            return self._call(part)
        value = self._values.get(part.name)
        if value is None:
            raise TemplateError(f"${part.name} has no value yet")
        return value

    def _call(self, function: Func) -> bytes:
        args = [self.render(arg) for arg in function.args]
        if function.name in COMPUTED:
            return COMPUTED[function.name](*args)
        name = args[0].decode()
        if name not in self._values:
            rng = random.Random(f"{self._seed}:{name}")
            if function.name == "random":
                self._values[name] = draw_random(rng, args[1])
            else:
                self._values[name] = draw_timestamp(rng)
        return self._values[name]

    def _bind(self, template: Template, octets: bytes) -> int | None:
        """Bind the free names of `template`; the index of the octet that prevents it, or None."""
        if not self.has_free_name(template):
            return None
        at = 0
        for index, part in enumerate(template):
            if isinstance(part, Name) and part.name not in self._values:
                after = self._first_octet(template[index + 1 :])
                end = _word_end(octets, at, after)
                if end == at:
                    return at
                self._values[part.name] = octets[at:end]
                at = end
                continue
            expected = self._octets(part)
            actual = octets[at : at + len(expected)]
            differs = first_difference(expected.lower(), actual.lower())
            if differs is not None:
                return at + differs
            at += len(expected)
        return None

    def _first_octet(self, remaining: Template) -> bytes:
        """The octet that ends a free name before `rest`, empty if `rest` is free or empty."""
        if not remaining or (
            isinstance(remaining[0], Name) and remaining[0].name not in self._values
        ):
            return b""
        return self._octets(remaining[0])[:1]


def first_difference(expected: bytes, actual: bytes) -> int | None:
    """Index of the first octet that differs, the shorter length if one is the other's begin."""
    if expected == actual:
        return None
    shorter = min(len(expected), len(actual))
    low, high = 0, shorter
    while low < high:
        middle = (low + high + 1) // 2
        if expected[:middle] == actual[:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _word_end(octets: bytes, at: int, after: bytes) -> int:
    """Where the word that begins at `at` ends: at `after`, a blank, CR or LF."""
    stops = _ENDS_A_WORD + after
    while at < len(octets) and octets[at] not in stops:
        at += 1
    return at
