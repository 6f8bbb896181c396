"""Families: cases that the suite makes from a rule.

A trace with `family:` is a case for all of its members, which `members` returns. Its verdict is
the worst verdict of a member.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from types import MappingProxyType

from conformance.families import cut, garble, no_row
from conformance.families.member import Member, Pair

__all__ = ["FAMILIES", "Member", "Pair", "members"]

FAMILIES: Mapping[str, Callable[[str], Iterable[Member]]] = MappingProxyType(
    {
        "no-row": no_row.members,
        "closed-at-every-line": cut.closed_at_every_line,
        "reset-at-every-line": cut.reset_at_every_line,
        "closed-at-every-octet": cut.closed_at_every_octet,
        "reset-at-every-octet": cut.reset_at_every_octet,
        "garbled-replies": garble.members,
    }
)
"""By name: a function from the protocol to the members."""


@cache
def members(name: str, protocol: str) -> tuple[Member, ...]:
    """The members of a family, made once a process."""
    return tuple(FAMILIES[name](protocol))
