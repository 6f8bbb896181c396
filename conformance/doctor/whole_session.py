"""Asks a subject for one whole session: by its own goal, or by a goal that is made of its ops."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from conformance.doctor.good_servers import LIMIT_S, goal_of
from conformance.subject import Answer, Subject, compose
from fake_servers.files import scratch


def play(
    subject: Subject,
    protocol: str,
    args: Mapping[str, Any],
    limit_s: float = LIMIT_S,
    goal: str = "",
) -> Answer:
    """The answer to the doctor's goal of a protocol, or to another one."""
    goal = goal or goal_of(protocol)
    if not subject.has_goals:
        ask = partial(subject.call, limit_s=limit_s)
        return compose.play(goal, args, subject.features, ask)
    with scratch.folder("doctor") as folder:
        return subject.goal(goal, args, limit_s, folder)
