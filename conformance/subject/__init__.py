"""Subjects: how a client is plugged in, as a driver process or as a command."""

from conformance.subject.answer import OUTCOMES, Answer
from conformance.subject.base import Subject, answer_limit_s
from conformance.subject.error import (
    AdapterBroken,
    Crashed,
    Hung,
    NotInstalled,
    SubjectError,
    UnknownSubject,
)
from conformance.subject.find import load, names, spec

__all__ = [
    "OUTCOMES",
    "AdapterBroken",
    "Answer",
    "Crashed",
    "Hung",
    "NotInstalled",
    "Subject",
    "SubjectError",
    "UnknownSubject",
    "answer_limit_s",
    "load",
    "names",
    "spec",
]
