"""Looks for the secrets of a case in all that the client leaves: its output, its answers, its files.

A secret counts only where nothing else can explain it: it has at least LEAST octets, is no word
that clients print, and is no part of what else the client was given or the server sent.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from conformance.run.context import CaseContext
from conformance.subject.files import MOST_SEARCHED
from fake_servers.log import Kind

LEAST = 8
"""The shortest secret that is looked for: a shorter one is soon part of something else."""

WORDS = frozenset({b"password", b"passphrase", b"passwort", b"username", b"anonymous"})
"""Words that clients print of themselves, in lower case."""

SECRETS = ("secret", "secret_b64")


def note(context: CaseContext) -> None:
    """Note in the log each place where a secret of this case was left, once for each form of it.

    `context.stderr` becomes what the client wrote to stderr.
    """
    context.stderr = context.subject.take_stderr()
    secrets = set(_secrets(context))
    if not secrets:
        return
    known = b"\n".join(_innocent(context))
    wanted = [found for found in map(forms, sorted(secrets)) if not _is_known(found, known)]
    if not wanted:
        return
    for place, octets in _left(context):
        for form in _found(wanted, octets[:MOST_SEARCHED]):
            text = f"{place} has the secret {form}"
            data = {"text": text, "left_in": place, "form": form}
            context.log.append(Kind.NOTE, line=context.caller.line, data=data)


def _found(wanted: Iterable[Mapping[bytes, str]], octets: bytes) -> Iterator[str]:
    seen = set()
    for forms in wanted:
        for needle, form in forms.items():
            if form not in seen and needle in octets:
                seen.add(form)
                yield form


def _secrets(context: CaseContext) -> Iterator[bytes]:
    for request in context.caller.requests:
        for name in SECRETS:
            for secret in _octets(request.get(name, b"")):
                if len(secret) >= LEAST and secret.lower() not in WORDS:
                    yield secret


def _innocent(context: CaseContext) -> Iterator[bytes]:
    """What else the client was given, and what the server sent."""
    for request in context.caller.requests:
        for name, value in request.items():
            if name not in SECRETS:
                yield from _octets(value)
    for event in context.log:
        if event.kind is Kind.TX:
            yield event.octets
    goal = context.trace.goal
    for message in goal.messages if goal is not None else ():
        yield context.bindings.render(message)
    yield context.subject.own_words
    yield str(context.folder).encode()


def forms(secret: bytes) -> dict[bytes, str]:
    """What to look for, and how the secret is written there.

    In base64 the secret begins at any of three places, as in the message of PLAIN. Characters
    that also depend on its neighbours are left out.
    """
    forms = {secret: "as it is"}
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + secret)
        begin, end = -(-before * 8 // 6), (before + len(secret)) * 8 // 6
        for core in (encoded[begin:end], encoded[begin:end].translate(_URL_SAFE)):
            forms[core] = "in base64"
    for digits in (secret.hex(), secret.hex().upper()):
        forms[digits.encode()] = "in hexadecimal"
    return forms


_URL_SAFE = bytes.maketrans(b"+/", b"-_")


def _is_known(forms: Iterable[bytes], known: bytes) -> bool:
    return any(needle in known for needle in forms)


def _left(context: CaseContext) -> Iterator[tuple[str, bytes]]:
    """Each place where the client left something, apart from those that hold a log of its own."""
    subject = context.subject
    outputs = [("stderr", context.stderr.encode("utf-8", "replace"))]
    outputs.append(("stdout", subject.take_stdout()))
    for value in context.caller.values:
        outputs.append(("its answer", b"\n".join(_octets(value))))
    for place, octets in [*outputs, *subject.left_files(context.folder)]:
        if place not in subject.logs:
            yield place, octets


def _octets(value: Any) -> Iterator[bytes]:
    """Every text in a value."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _octets(item)
    elif isinstance(value, bytes):
        yield value
    elif isinstance(value, str):
        yield value.encode("utf-8", "surrogateescape")
