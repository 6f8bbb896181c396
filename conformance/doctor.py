"""Examines a subject before any verdict."""

from __future__ import annotations

from conformance.subject import Subject


def examine(subject: Subject) -> list[str]:
    return []
