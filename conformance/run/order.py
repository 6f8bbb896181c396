"""The cases of a run, and the order in which they are played."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fake_servers.trace.syntax import Directive, Trace

Case = tuple[Trace, str]
"""A trace and the name of a delivery variant."""


def cases_of(traces: Iterable[Trace], variants: Sequence[str]) -> list[Case]:
    """Every case of a run: those of one trace together, in the order of the traces."""
    return [(trace, name) for trace in traces for name in variants if not trace.excludes(name)]


Batch = tuple[Trace, tuple[str, ...]]
"""A trace and the variants in which one process plays it, one after the other."""


def batches(cases: Sequence[Case]) -> list[Batch]:
    """The cases for several processes, the long ones first.

    So no process still plays a long case at the end, while the others have nothing to do. A short
    case is played in all of its variants by one process: it judges a log only once if a client
    does the same in each of them.
    """
    quick: dict[int, Batch] = {}
    long: list[Batch] = []
    for trace, variant in cases:
        if _takes_long(trace):
            long.append((trace, (variant,)))
        else:
            _, variants = quick.get(id(trace), (trace, ()))
            quick[id(trace)] = (trace, (*variants, variant))
    return [*long, *quick.values()]


def _takes_long(trace: Trace) -> bool:
    """Whether it is a family, or can wait in real time."""
    overrides = trace.goal.overrides if trace.goal else ()
    actions = [action for override in overrides for action in override.actions]
    pauses = (
        isinstance(item, Directive) and item.name == "pause" for item in (*trace.items, *actions)
    )
    return bool(trace.family) or trace.falls_silent or any(pauses)
