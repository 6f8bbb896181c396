"""What `strength --bugs` prints: a line for each bug, and both columns at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from conformance import paths
from conformance.report.text import plural
from strength.bug import KINDS
from strength.seeded import Detection, Grain


def sentence(detection: Detection) -> str:
    """One bug: what found it in each grain, or why nothing did."""
    one, grains = detection.bug, detection.grains
    if all(detection.is_right(grain) for grain in grains):
        return f"found     {one.name}: " + "; ".join(_column(detection, g) for g in grains)
    lines = [f"NOT FOUND {one.name}: {one.title}"]
    lines.append(f"  breaks {one.breaks.id} ({one.breaks.source}): {one.breaks.text}")
    if detection.fault:
        lines.append("  " + detection.fault.replace("\n", "\n  "))
    else:
        lines += [f"  {line}" for grain in grains for line in _trouble(detection, grain)]
    lines.append(f"  again: {paths.command()} strength --bugs {one.name}")
    return "\n".join(lines)


def _column(detection: Detection, grain: Grain) -> str:
    if detection.is_hidden(grain):
        return f"{grain} cannot show it"
    cases = detection.grains[grain].cases
    return f"{grain} {' '.join(cases)}" + (" alone" if detection.is_thin(grain) else "")


def _trouble(detection: Detection, grain: Grain) -> Iterator[str]:
    found = detection.grains[grain]
    if found.fault:
        yield f"{grain}: {found.fault}"
    elif detection.is_right(grain):
        yield _column(detection, grain)
    elif found.cases:
        yield f"{grain}: it shows in {' '.join(found.cases)}, so its line `goals` is wrong"
    else:
        others = f"; others found broken: {' '.join(found.others)}" if found.others else ""
        yield f"{grain}: no case finds it{others}"


def summary(detections: Sequence[Detection]) -> str:
    """The kinds, a line for each grain, and the bugs that one case alone finds."""
    kinds = Counter(each.bug.kind for each in detections)
    counts = ", ".join(f"{kinds[kind]} {kind}" for kind in KINDS if kinds[kind])
    lines = [f"strength: {plural(len(detections), 'seeded bug')}: {counts}"]
    for grain in detections[0].grains if detections else ():
        lines += _grain(detections, grain)
    return "\n".join(lines)


def _grain(detections: Sequence[Detection], grain: Grain) -> Iterator[str]:
    can = [each for each in detections if not each.is_hidden(grain)]
    found = [each for each in can if each.is_right(grain)]
    thin = [each for each in found if each.is_thin(grain)]
    hidden = len(detections) - len(can)
    line = f"strength: {grain}: {len(found)} of {len(can)} bugs found"
    line += f" ({hidden} cannot show in {grain})" if hidden else ""
    yield f"{line}; {len(thin)} by one case alone" + (":" if thin else "")
    for each in thin:
        yield f"  {each.bug.name}: {next(iter(each.grains[grain].cases))}"
