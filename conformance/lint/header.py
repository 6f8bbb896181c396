"""The header: ids, features, variants."""

from __future__ import annotations

from collections.abc import Iterator

from conformance import features, requirements
from conformance.lint.problem import Problem
from conformance.model.table import PROTOCOLS
from fake_servers.grammar.free_commands import FREE
from fake_servers.trace.syntax import ALL, Trace
from fake_servers.wire.delivery import VARIANTS


def check(trace: Trace) -> Iterator[Problem]:
    """Unknown requirements, features and variants; an id in the wrong folder."""
    yield from _proves(trace)
    for feature in trace.needs:
        if feature not in features.load():
            yield _problem(trace, "needs", feature, features.unknown(feature))
    yield from _variants(trace)
    yield from _strict(trace)
    yield from _folder(trace)


def family(trace: Trace) -> Iterator[Problem]:
    """A family that nobody can make."""
    from conformance.families import FAMILIES

    if trace.family not in FAMILIES:
        yield _problem(trace, "family", trace.family, "there is no such family")


def _problem(trace: Trace, key: str, token: str, message: str, hinders: bool = True) -> Problem:
    line = trace.header_lines.get(key, trace.header_lines.get("id", 1))
    return Problem(trace.path, line, token, message, hinders)


def _proves(trace: Trace) -> Iterator[Problem]:
    if not trace.proves:
        yield _problem(trace, "proves", "", "a case proves at least one requirement", False)
    for each in trace.proves:
        if not requirements.load().known(each):
            yield _problem(trace, "proves", each, "the register has no such requirement")


def _variants(trace: Trace) -> Iterator[Problem]:
    for variant in sorted(trace.excluded_variants - set(VARIANTS)):
        yield _problem(trace, "variants", variant, "there is no such variant")
    if trace.excluded_variants >= set(VARIANTS):
        yield _problem(trace, "variants", "not", "no variant is left")
    if trace.excluded_variants and not trace.exclusion_reason:
        yield _problem(trace, "variants", "not", "variants are left out without a reason", False)


def _strict(trace: Trace) -> Iterator[Problem]:
    """The commands that a case is about are some that other cases leave to the client."""
    free = FREE[trace.protocol]
    if trace.strict and not trace.items:
        message = "strict belongs to a case with a timeline: the server of any other answers all"
        yield _problem(trace, "strict", "strict", message)
        return
    for verb in trace.strict:
        if verb != ALL and verb not in free:
            known = ", ".join((*sorted(free), ALL))
            yield _problem(
                trace, "strict", verb, f"no case leaves this to the client; it is one of {known}"
            )
    if ALL in trace.strict and len(trace.strict) > 1:
        yield _problem(trace, "strict", ALL, "all stands alone: it has every command")
    for verb in sorted({verb for verb in trace.strict if trace.strict.count(verb) > 1}):
        yield _problem(trace, "strict", verb, "the command is named twice")


def _folder(trace: Trace) -> Iterator[Problem]:
    """The nearest folder that is named like a protocol is that of the id."""
    for folder in trace.path.parts[-2::-1]:
        if folder in PROTOCOLS:
            if folder != trace.protocol:
                message = f"the id belongs below {trace.protocol}/, the file lies below {folder}/"
                yield _problem(trace, "id", trace.id, message, False)
            return
