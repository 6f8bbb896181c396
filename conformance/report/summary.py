"""summary.md: the run on one page, for a pull request or a build's summary."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from conformance.excerpt import shorten
from conformance.report import headline, view
from conformance.report.terminal import difference_lines
from conformance.report.text import obligation, one_line, place_of, plural
from conformance.verdict import SEVERITY, Verdict

_SPECIAL = re.compile(r"([\\`*_\[\]<>|#~&])")
_MAX_FAILURES = 50


def render(results: Mapping[str, Any]) -> str:
    """The text of summary.md."""
    cases = view.supported(view.cases(results))
    failed = view.failures(cases)
    subject = results["subject"]
    lines = [
        f"# {escape(subject['name'])} {escape(subject['version'])}".rstrip(),
        "",
        *_verdict_lines(results, cases),
        "",
        "| verdict | cases |",
        "|---|---:|",
    ]
    counts = {**results["counts"], Verdict.UNSUPPORTED: 0}
    lines += [f"| {v} | {counts[v]} |" for v in SEVERITY if counts[v]]
    lines += [f"| all | {len(cases)} |", ""]
    lines += _not_claimed(results)
    lines += _sections(cases)
    lines += _groups(results)
    if failed:
        known = view.requirements(results)
        lines += ["", "## Failures", ""]
        for case in failed[:_MAX_FAILURES]:
            lines += _failure(case, known)
        if len(failed) > _MAX_FAILURES:
            lines.append(f"and {len(failed) - _MAX_FAILURES} more in results.json")
    return "\n".join(lines).rstrip() + "\n"


def escape(text: str) -> str:
    """The text on one line, with everything escaped that means something in Markdown or HTML."""
    return _SPECIAL.sub(r"\\\1", one_line(text))


def _verdict_lines(results: Mapping[str, Any], cases: list[view.Case]) -> list[str]:
    suite = results["suite"]
    runs = sum(len(case.rows) for case in cases)
    text = (
        f"{plural(len(cases), 'case')} in {plural(runs, 'run')}, variants"
        f" {', '.join(suite['variants'])}; seed {suite['seed']}, mailspec {suite['version']};"
        f" median {view.median_ms(results):.1f} ms a case and variant"
    )
    taken, rows = view.rows_taken(results)
    text += f"; {taken} of {rows} moves taken." if rows else "."
    return [f"**{headline.of(results).text}**", "", text]


def _not_claimed(results: Mapping[str, Any]) -> list[str]:
    """The features that the subject does not claim, folded away."""
    lacking = headline.unlocks(results)
    if not lacking:
        return []
    title = f"{plural(results['counts'][Verdict.UNSUPPORTED], 'case')} not supported, by feature"
    rows = [f"| {escape(each.feature)} | {each.alone} | {each.needed} |" for each in lacking]
    return [
        f"<details><summary>{title}</summary>",
        "",
        "| feature | it alone would add | cases that need it |",
        "|---|---:|---:|",
        *rows,
        "",
        "</details>",
        "",
    ]


def _sections(cases: list[view.Case]) -> list[str]:
    lines = ["| section | good | cases |", "|---|---:|---:|"]
    for section, found in view.by_section(cases).items():
        lines.append(f"| {escape(section)} | {view.good(found)} | {len(found)} |")
    return lines


def _groups(results: Mapping[str, Any]) -> list[str]:
    """The failures by first cause, a row each."""
    groups = results["groups"]
    if not groups:
        return []
    lines = ["", "## Failures by first cause", "", "| cause | first | cases |", "|---|---|---:|"]
    for group in groups[:_MAX_FAILURES]:
        cause = escape(shorten(group["cause"]))
        lines.append(f"| {cause} | {escape(group['first'])} | {len(group['cases'])} |")
    if len(groups) > _MAX_FAILURES:
        lines += ["", f"and {len(groups) - _MAX_FAILURES} more in results.json"]
    return lines


def _failure(case: view.Case, known: Mapping[str, Any]) -> list[str]:
    row = case.worst_row
    lines = [
        f"### {case.label}: {escape(case.id)}",
        "",
        escape(shorten(row["reason"] or case.title)),
        "",
    ]
    if row["difference"] is not None:
        difference = row["difference"]
        lines += [escape(place_of(difference)), ""]
        lines += ["    " + line for line in difference_lines(difference)] + [""]
    for name in row["requirements"]:
        entry = known[name]
        lines.append(f"- {escape(name)} ({escape(obligation(entry))}): {escape(entry['text'])}")
    lines += ["", "    " + one_line(row["rerun"]), ""]
    return lines
