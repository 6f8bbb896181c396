"""results.sarif: only the failures, in the format that code hosts show next to a file.

SARIF 2.1.0. A rule is a requirement of the register, a result is a case that failed, and its
location is the line of the trace.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from conformance.excerpt import shorten, window
from conformance.report import view
from conformance.report.text import location, obligation, one_line, plain_json
from conformance.verdict import Verdict

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def render(results: Mapping[str, Any]) -> str:
    """The text of results.sarif."""
    failed = view.failures(view.cases(results))
    known = view.requirements(results)
    used = sorted({name for case in failed for name in case.worst_row["requirements"]})
    driver = {
        "name": "mailspec",
        "version": results["suite"]["version"],
        "rules": [_rule(known[name]) for name in used],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(case, used) for case in failed],
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return plain_json(json.dumps(log, indent=1, sort_keys=True, ensure_ascii=False)) + "\n"


def _rule(requirement: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": requirement["id"],
        "shortDescription": {"text": requirement["text"]},
        "fullDescription": {"text": f"{obligation(requirement)}: {requirement['text']}"},
    }


def _result(case: view.Case, rules: list[str]) -> dict[str, Any]:
    row = case.worst_row
    difference = row["difference"]
    text = f"{case.label} {case.id}: {shorten(one_line(row['reason'] or case.title))}"
    if difference is not None:
        shown = window(difference["expected"], difference["actual"], difference["octet"])
        text += f"; expected {one_line(shown.expected)}, got {one_line(shown.actual)}"
        if difference.get("row"):
            text += f"; row at line {difference['row']}"
    result: dict[str, Any] = {
        "level": "warning" if case.verdict is Verdict.NON_STRICT else "error",
        "message": {"text": text},
        "partialFingerprints": {"mailspecCase/v1": case.id},
    }
    if row["requirements"]:
        result["ruleId"] = row["requirements"][0]
        result["ruleIndex"] = rules.index(row["requirements"][0])
    file = difference["file"] if difference is not None else case.file
    if file:
        line = difference["line"] if difference is not None else 1
        place = {
            "artifactLocation": {"uri": location(file, 0)},
            "region": {"startLine": max(line, 1)},
        }
        result["locations"] = [{"physicalLocation": place}]
    return result
