"""Calls that a client queues before it awaits the first reply, as traces write them.

    A: pop3.batch ops=[[pop3.stat], [pop3.retr, 1]]
    R: ok results=[[ok, count, 2], refused]

An op is a list of its name and its arguments, in the order of ops.IN_ORDER. A result is an
outcome, or a list of the outcome and then the name and value of everything that is judged.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from conformance.ops import IN_ORDER
from conformance.subject.answer import from_json

Equal = Callable[[Any, Any], bool]


def requests(rows: Sequence[Sequence[Any]]) -> list[dict[str, Any]]:
    """The ops as a request to a driver has them."""
    return [{"op": op, **dict(zip(IN_ORDER.get(op, ()), given))} for op, *given in rows]


def met(wanted: Sequence[Any], results: Sequence[Mapping[str, Any]], equal: Equal) -> bool:
    """Whether each result has the expected outcome and the expected values."""
    return len(wanted) == len(results) and all(
        _is_met([row] if isinstance(row, str) else row, result, equal)
        for row, result in zip(wanted, results)
    )


def _is_met(row: Sequence[Any], result: Mapping[str, Any], equal: Equal) -> bool:
    outcome, *pairs = row
    value = from_json(result.get("value") or {})
    named = zip(pairs[::2], pairs[1::2])
    return outcome == result.get("outcome") and all(equal(v, value.get(n)) for n, v in named)


def shown(results: Sequence[Mapping[str, Any]]) -> list[Any]:
    """The results in the notation of traces, without the octets of messages."""
    rows: list[Any] = []
    for result in results:
        value = from_json(result.get("value") or {})
        pairs = [[name, each] for name, each in value.items() if name != "data"]
        rows.append([result.get("outcome"), *(part for pair in pairs for part in pair)])
    return rows
