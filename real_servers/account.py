"""Who may log in, and the mail that waits there."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Account:
    """messages  octets of each, with CRLF, in the order in which POP3 numbers them"""

    user: str
    secret: str
    messages: tuple[bytes, ...] = ()


TIM = Account("tim", "tanstaaftanstaaf")
"""The account of servers that were given no other."""
