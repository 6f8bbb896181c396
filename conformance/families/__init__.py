"""Families: cases that the suite makes from a rule.

A trace with `family:` is a case for all of its members, which `members` returns. Its verdict is
the worst verdict of a member.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cache
from types import MappingProxyType

from conformance.families import cut, cut_reply, garble, no_row
from conformance.families.member import Member, Pair
from fake_servers.trace.syntax import Trace

__all__ = ["FAMILIES", "Member", "Pair", "case_of", "members", "of_case"]

FAMILIES: Mapping[str, Callable[[str], Iterable[Member]]] = MappingProxyType(
    {
        "no-row": no_row.members,
        "closed-at-every-line": cut.closed_at_every_line,
        "reset-at-every-line": cut.reset_at_every_line,
        "closed-at-every-octet": cut.closed_at_every_octet,
        "reset-at-every-octet": cut.reset_at_every_octet,
        "garbled-replies": garble.members,
        "cut-at-every-octet": cut_reply.members,
    }
)
"""By name: a function from the protocol to the members."""


@cache
def members(name: str, protocol: str) -> tuple[Member, ...]:
    """The members of a family, made once a process."""
    return tuple(FAMILIES[name](protocol))


def of_case(trace: Trace) -> tuple[Member, ...]:
    """The members that a case with `family:` is about: all, or the one that it names."""
    found = members(trace.family, trace.protocol)
    return tuple(each for each in found if trace.member in ("", each.name))


def case_of(trace: Trace, member: Member) -> Trace:
    """The case of a single member of this family."""
    needs = tuple(dict.fromkeys((*trace.needs, *member.trace.needs)))
    name = f"{trace.id}/{member.name}"
    return replace(trace, id=name, title=member.title, needs=needs, member=member.name)
