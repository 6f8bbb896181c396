"""The header: ids, features, variants."""

from __future__ import annotations

from collections.abc import Iterator

from conformance import attacks, features, near, requirements
from conformance.lint import features as of_features
from conformance.lint.problem import Problem
from conformance.model.table import PROTOCOLS
from fake_servers.grammar.free_commands import FREE
from fake_servers.trace.syntax import ALL, Trace
from fake_servers.wire.delivery import VARIANTS


def check(trace: Trace) -> Iterator[Problem]:
    """Unknown requirements, features and variants, and an id in the wrong folder."""
    yield from _proves(trace)
    yield from _source(trace)
    for feature in trace.needs:
        if feature not in features.load():
            yield _problem(trace, "needs", feature, features.unknown(feature))
    yield from _variants(trace)
    yield from _strict(trace)
    yield from _folder(trace)


def family(trace: Trace) -> Iterator[Problem]:
    """A family that the suite does not have."""
    from conformance.families import FAMILIES

    if trace.family not in FAMILIES:
        yield _problem(trace, "family", trace.family, "there is no such family")
    else:
        yield from of_features.family(trace)


def _problem(trace: Trace, key: str, token: str, message: str, hinders: bool = True) -> Problem:
    line = trace.header_lines.get(key, trace.header_lines.get("id", 1))
    return Problem(trace.path, line, token, message, hinders)


def _proves(trace: Trace) -> Iterator[Problem]:
    if not trace.proves:
        yield _problem(trace, "proves", "", "a case must prove at least one requirement", False)
    for each in trace.proves:
        if not requirements.load().known(each):
            yield _problem(trace, "proves", each, "the register has no such requirement")


def _source(trace: Trace) -> Iterator[Problem]:
    known = attacks.load()
    for each in trace.source:
        if each not in known:
            hint = near.hint(each, known)
            yield _problem(trace, "source", each, f"there is no such attack{hint}")


def _variants(trace: Trace) -> Iterator[Problem]:
    for variant in sorted(trace.excluded_variants - set(VARIANTS)):
        yield _problem(trace, "variants", variant, "there is no such variant")
    if trace.excluded_variants >= set(VARIANTS):
        yield _problem(trace, "variants", "not", "every variant is left out; keep at least one")
    if trace.excluded_variants and not trace.exclusion_reason:
        yield _problem(
            trace, "variants", "not", "variants are left out without a reason; write why", False
        )


def _strict(trace: Trace) -> Iterator[Problem]:
    """`strict` may only name commands that other cases leave to the client."""
    free = FREE[trace.protocol]
    if trace.strict and not trace.items:
        message = "strict needs a timeline: in other cases the server answers every command"
        yield _problem(trace, "strict", "strict", message)
        return
    for verb in trace.strict:
        if verb != ALL and verb not in free:
            known = ", ".join((*sorted(free), ALL))
            yield _problem(
                trace, "strict", verb, f"strict cannot name this command; it can name {known}"
            )
    if ALL in trace.strict and len(trace.strict) > 1:
        yield _problem(trace, "strict", ALL, "all includes every command; remove the other names")
    for verb in sorted({verb for verb in trace.strict if trace.strict.count(verb) > 1}):
        yield _problem(trace, "strict", verb, "the command is named twice; remove one")


def _folder(trace: Trace) -> Iterator[Problem]:
    """The nearest folder with the name of a protocol must be that of the id."""
    for folder in trace.path.parts[-2::-1]:
        if folder in PROTOCOLS:
            if folder != trace.protocol:
                message = f"the id belongs below {trace.protocol}/, but the file is below {folder}/"
                yield _problem(trace, "id", trace.id, message, False)
            return
