"""The end of a run on a terminal: failures by cause, the first of each, the counts, the verdict.

It fits on about one screen; with `verbose`, it has the tree by RFC section and every failure. What
the client does not support is one line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from conformance.excerpt import shorten, window
from conformance.report import headline, view
from conformance.report.colours import STYLES
from conformance.report.text import (
    brief_version,
    location,
    mark_column,
    obligation,
    one_line,
    place_of,
    plural,
    printable,
)
from conformance.verdict import FAILURES, SEVERITY, Verdict

_CODES = {"red": 31, "green": 32, "yellow": 33, "magenta": 35, "cyan": 36, "bright_black": 90}
_STDERR_LINES = 12
_FEW = 3
_MOST_SHOWN = 5
_MOST_GROUPS = 10
_CAUSE_SHOWN = 200
_CALLED = {0: "a command", 1: "by its driver"}
"""How the suite calls a subject, by its level."""
_MOST_FEATURES = 5


def summary(
    results: Mapping[str, Any],
    colour: bool = False,
    out_dir: str = "",
    verbose: bool = False,
    worse: int | None = None,
) -> str:
    """The whole text; `colour` adds ANSI colours, which only a terminal should get.

    out_dir  the reports folder as the user named it
    worse    as in headline.of()
    """
    paint = _Paint(colour)
    cases = view.supported(view.cases(results))
    parts = [_head(results)]
    if verbose:
        parts.append(_coloured_tree(cases) if colour else _tree(cases, paint))
    failed = view.failures(cases)
    if len(failed) > 1:
        parts.append(_groups(results, cases, paint, verbose))
    known = view.requirements(results)
    shown = failed if verbose else _firsts(results, failed)
    parts += [_case_failure(case, known, paint) for case in shown]
    if len(shown) < len(failed):
        more = " more" if shown else ""
        parts.append(f"{plural(len(failed) - len(shown), 'failure')}{more}: -v shows each")
    parts.append(_counts(results, cases, paint, out_dir, verbose))
    parts.append(paint.headline(headline.of(results, worse)))
    return "\n\n".join(part for part in parts if part) + "\n"


def _firsts(results: Mapping[str, Any], failed: list[view.Case]) -> list[view.Case]:
    """The failures that are printed in full: all if they are few, otherwise the first of each
    cause.

    If there are many, known failures are left out, and among those with the same cause an unknown
    one comes first.
    """
    if len(failed) <= _FEW:
        return failed
    by_id = {case.id: case for case in failed}
    news = [_news(group, by_id) for group in results["groups"]]
    return [found[0] for found in news if found][:_MOST_SHOWN]


def _news(group: Mapping[str, Any], by_id: Mapping[str, view.Case]) -> list[view.Case]:
    """The cases of a group that are not as expected, its first before all others."""
    names = dict.fromkeys((group["first"], *group["cases"]))
    return [by_id[name] for name in names if name in by_id and by_id[name].unexpected]


def _groups(
    results: Mapping[str, Any], cases: list[view.Case], paint: _Paint, verbose: bool
) -> str:
    """A line for each cause: how many cases, the first of them, the cause; unknown ones first."""
    by_id = {case.id: case for case in cases}
    groups = [group for group in results["groups"] if group["first"] in by_id]
    groups.sort(key=lambda group: not _news(group, by_id))
    most = len(groups) if verbose else _MOST_GROUPS
    lines = ["failures by first cause:"]
    for group in groups[:most]:
        lines.append(f"  {_group_head(group, by_id, paint)}")
        lines.append(f"    {shorten(one_line(group['cause']), _CAUSE_SHOWN)}")
    if len(groups) > most:
        lines.append(f"  {plural(len(groups) - most, 'cause')} more: -v shows each")
    return "\n".join(lines) if groups else ""


def _group_head(group: Mapping[str, Any], by_id: Mapping[str, view.Case], paint: _Paint) -> str:
    """The first unknown failure of a group, or its first, and how many more have its cause."""
    news = _news(group, by_id)
    first = news[0] if news else by_id[group["first"]]
    count = len(group["cases"])
    text = f"{first.id} and {count - 1} more" if count > 1 else first.id
    failed = [by_id[name] for name in group["cases"] if name in by_id and by_id[name].failed]
    known = sum(not case.unexpected for case in failed)
    if not news:
        text += ", as expected"
    elif known:
        text += f", {known} as expected"
    return f"{paint(first.verdict, first.verdict)} {text}"


class _Paint:
    """Colours a verdict, or leaves it unchanged."""

    def __init__(self, colour: bool) -> None:
        self._colour = colour

    def __call__(self, verdict: Verdict, text: str) -> str:
        return f"\x1b[{_CODES[STYLES[verdict]]}m{text}\x1b[0m" if self._colour else text

    def headline(self, found: headline.Headline) -> str:
        """The verdict of the run, as large as a terminal allows."""
        if not self._colour:
            return found.text
        return f"\x1b[1;7;{_CODES[STYLES[found.likeness]]}m {found.word} \x1b[0m {found.sentence}"


def _head(results: Mapping[str, Any]) -> str:
    suite, subject = results["suite"], results["subject"]
    version = brief_version(one_line(subject["version"]))
    who = f"{one_line(subject['name'])} {version}".strip()
    lines = [
        f"mailspec {suite['version']}: {who} ({_CALLED[subject['level']]}),"
        f" variants {' '.join(suite['variants'])}, seed {suite['seed']}"
    ]
    if subject.get("without"):
        lines.append(f"features left out: {' '.join(subject['without'])}")
    for variant, reason in sorted(suite["variants_left_out"].items()):
        lines.append(f"variant {variant} left out: {one_line(reason)}")
    return "\n".join(lines)


def _tree(cases: list[view.Case], paint: _Paint) -> str:
    """Each RFC, its sections with how many cases are good, and each case that is not."""
    lines = []
    source = ""
    for section, found in view.by_section(cases).items():
        rfc, _, number = section.partition(" section ")
        if rfc != source:
            source = rfc
            lines.append(rfc)
        name = f"section {number}" if number else "cases"
        lines.append(f"  {name:<20} {view.good(found):>3} of {len(found)}{_others(found, paint)}")
        lines += [
            f"    {paint(case.verdict, case.label)} {case.id}" for case in found if case.failed
        ]
    return "\n".join(lines)


def _coloured_tree(cases: list[view.Case]) -> str:
    from conformance.report import tree  # what draws it is slow to import

    return tree.render(cases)


def _others(cases: list[view.Case], paint: _Paint) -> str:
    """The verdicts that are not PASS, with their counts."""
    text = ""
    for verdict in SEVERITY:
        count = sum(case.verdict is verdict for case in cases)
        if count and verdict is not Verdict.PASS:
            text += "  " + paint(verdict, f"{count} {verdict}")
    return text


def _case_failure(case: view.Case, known: Mapping[str, Any], paint: _Paint) -> str:
    row = case.worst_row
    same = [r["variant"] for r in case.rows if r["verdict"] == row["verdict"]]
    head = f"{paint(case.verdict, case.label)} {case.id} [{' '.join(same)}]"
    if case.title:
        head += f"\n  {one_line(case.title)}"
    if case.expected is not None:
        head += (
            f"\n  expected verdict {case.expected}" if case.unexpected else "\n  a known failure"
        )
    return head + "\n" + failure(row, known)


def failure(row: Mapping[str, Any], known: Mapping[str, Any]) -> str:
    """How one run of a case failed: where, expected and actual, the requirements, the command.

    row    an element of `cases`
    known  elements of `requirements` by id
    """
    lines = [] if not row["reason"] else [f"  {shorten(one_line(row['reason']))}"]
    difference = row["difference"]
    if difference is not None:
        lines.append(f"  {place_of(difference)}")
        if difference["expected"] or difference["actual"]:
            lines += [f"  {line}" for line in difference_lines(difference)]
    elif row["file"]:
        lines.append(f"  {location(row['file'], 0)}")
    for name in row["requirements"]:
        entry = known.get(name)
        if entry is not None:
            lines.append(f"  {requirement_line(entry)}")
    if row["monitors"]:
        lines.append(
            "  " + plural(len(row["monitors"]), "monitor") + ": " + " ".join(row["monitors"])
        )
    if row["stderr"] and Verdict(row["verdict"]) in FAILURES | {Verdict.ERROR}:
        tail = printable(row["stderr"]).rstrip("\n").split("\n")[-_STDERR_LINES:]
        lines += [f"  stderr: {line}" for line in tail]
    if row["rerun"]:
        lines.append(f"  again: {one_line(row['rerun'])}")
    return "\n".join(lines)


def requirement_line(entry: Mapping[str, Any]) -> str:
    """`RFC1939-7-APOP-01 (MUST, RFC 1939 section 7): text`, of an element of `requirements`."""
    return f"{entry['id']} ({obligation(entry)}): {entry['text']}"


def difference_lines(difference: Mapping[str, Any]) -> list[str]:
    """Expected and actual, and a mark under the first octet that differs.

    Values that an older results.json has in full are cut here.
    """
    octet, mark = difference["octet"], difference.get("mark")
    shown = window(one_line(difference["expected"]), one_line(difference["actual"]), octet)
    if mark is None:
        mark = octet if shown.mark is None else shown.mark
    lines = [f"expected  {shown.expected}", f"actual    {shown.actual}"]
    if octet is not None and mark is not None:
        lines.append(" " * (10 + mark_column(shown.actual, mark)) + f"^ octet {octet}")
    return lines


def slowest(results: Mapping[str, Any], count: int = 10) -> str:
    """The runs that took longest, one line each, and the median of all."""
    rows = sorted(results["cases"], key=lambda row: (-row["seconds"], row["id"], row["variant"]))
    lines = [f"{row['seconds'] * 1000:8.1f} ms  {row['id']} [{row['variant']}]" for row in rows]
    median = f"{view.median_ms(results):8.1f} ms  median"
    return "\n".join(["", *lines[:count], median, ""])


def _counts(
    results: Mapping[str, Any], cases: list[view.Case], paint: _Paint, out_dir: str, verbose: bool
) -> str:
    found = [case.verdict for case in cases]
    runs = sum(len(case.rows) for case in cases)
    text = f"{plural(len(cases), 'case')} in {plural(runs, 'run')}"
    lines = [f"{text}: {_verdicts(found, paint)}"] if cases else []
    if lacking := headline.unlocks(results):
        count = headline.count_lacking(view.cases(results))
        lines.append(_not_claimed(lacking, count, verbose))
    requirements = [Verdict(row["verdict"]) for row in results["requirements"]]
    judged = [verdict for verdict in requirements if verdict is not Verdict.UNSUPPORTED]
    if judged:
        text = plural(len(requirements), "requirement")
        if len(judged) < len(requirements):
            text = f"{len(judged)} of {text} judged"
        lines.append(f"{text}: {_verdicts(judged, paint)}")
    lines += _moves(results, verbose)
    if out_dir:
        lines.append(f"report: {out_dir}/index.html")
    return "\n".join(lines)


def _verdicts(found: Sequence[Verdict], paint: _Paint) -> str:
    """`1 FAIL, 5 PASS`."""
    return ", ".join(paint(v, f"{found.count(v)} {v}") for v in SEVERITY if v in found)


def _not_claimed(lacking: list[headline.Unlock], cases: int, verbose: bool) -> str:
    """The features that would help most, each with the cases that it alone would add."""
    alone = [each for each in lacking if each.alone]
    shown = alone if verbose else alone[:_MOST_FEATURES]
    told = [f"{each.feature} {each.alone}" for each in shown]
    if told:
        first = shown[0]
        told[0] = f"{first.feature} would add {plural(first.alone, 'case')}"
    text = ", ".join(told) or ", ".join(each.feature for each in lacking[:_MOST_FEATURES])
    if len(shown) < len(alone):
        text += f", and {plural(len(alone) - len(shown), 'feature')} more"
    several = cases - sum(each.alone for each in alone)
    if several:
        text += f"; {plural(several, 'more case')} {'needs' if several == 1 else 'need'}"
        text += " two or more of these features"
    return f"features not claimed: {text}"


def _moves(results: Mapping[str, Any], verbose: bool) -> list[str]:
    """What was taken of the subject's state machines."""
    lines = []
    taken, rows = view.rows_taken(results)
    if rows:
        lines.append(f"moves: {taken} of {rows} rows of the state machines taken")
    if rows and verbose:
        pairs = [machine["pairs"] for machine in results["transitions"].values()]
        refused = sum(len(each["refused"]) for each in pairs)
        successive = sum(each["successive"] for each in pairs)
        judged = [row["moves"] for row in results["cases"] if row["moves"] is not None]
        agreed = judged.count(Verdict.PASS)
        lines.append(
            f"states: {plural(refused, 'pair')} of state and event refused,"
            f" {plural(successive, 'pair')} of moves in succession,"
            f" moves as on the wire in {agreed} of {plural(len(judged), 'run')}"
        )
    if results["table_error"]:
        lines.append(f"moves: no table, {one_line(results['table_error'])}")
    return lines
