"""junit.xml: a suite for each RFC section, a test for each case and variant.

The common schemas of JUnit's XML accept it: no attributes on the root, every attribute
and element that one of them demands on a suite, at most one result in a test.
"""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from conformance.excerpt import shorten
from conformance.report import view
from conformance.report.terminal import failure
from conformance.report.text import one_line, printable
from conformance.verdict import FAILURES, UNDECIDED, Verdict


def render(results: Mapping[str, Any]) -> str:
    """The text of junit.xml, in UTF-8 when encoded."""
    root = ElementTree.Element("testsuites")
    now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
    known = view.requirements(results)
    for number, (section, cases) in enumerate(view.by_section(view.cases(results)).items()):
        rows = [row for case in cases for row in case.rows]
        suite = ElementTree.SubElement(root, "testsuite", _suite(number, section, rows, now))
        properties = ElementTree.SubElement(suite, "properties")
        _property(properties, "subject", results["subject"]["name"])
        _property(properties, "subject.version", results["subject"]["version"])
        _property(properties, "seed", str(results["suite"]["seed"]))
        for row in rows:
            _test(suite, section, row, known)
        ElementTree.SubElement(suite, "system-out")
        ElementTree.SubElement(suite, "system-err")
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, "unicode") + "\n"


def outcome(row: Mapping[str, Any]) -> str:
    """`passed`, `failure`, `error` or `skipped`, the same as in pytest."""
    verdict = Verdict(row["verdict"])
    if verdict is Verdict.ERROR:
        return "error"
    if row["unexpected"]:
        return "failure"
    if verdict in UNDECIDED or verdict in FAILURES:
        return "skipped"
    return "passed"


def _suite(number: int, section: str, rows: list[Mapping[str, Any]], now: str) -> dict[str, str]:
    outcomes = [outcome(row) for row in rows]
    return {
        "id": str(number),
        "package": "mailspec",
        "name": one_line(section),
        "timestamp": now,
        "hostname": "localhost",
        "tests": str(len(rows)),
        "failures": str(outcomes.count("failure")),
        "errors": str(outcomes.count("error")),
        "skipped": str(outcomes.count("skipped")),
        "time": f"{sum(row['seconds'] for row in rows):.3f}",
    }


def _property(parent: ElementTree.Element, name: str, value: str) -> None:
    ElementTree.SubElement(parent, "property", name=name, value=one_line(value))


def _test(
    suite: ElementTree.Element,
    section: str,
    row: Mapping[str, Any],
    known: Mapping[str, Any],
) -> None:
    """One test; a failure that the subject's expectations name is skipped, as pytest's xfail."""
    test = ElementTree.SubElement(
        suite,
        "testcase",
        classname="mailspec." + one_line(section).replace(".", "_").replace(" ", "-"),
        name=f"{row['id']}[{row['variant']}]",
        time=f"{row['seconds']:.3f}",
    )
    kind = outcome(row)
    if kind == "passed":
        return
    message = f"{row['verdict']}: {shorten(one_line(row['reason']))}"
    result = ElementTree.SubElement(test, kind, message=message)
    if kind != "skipped":
        result.set("type", row["verdict"])
        result.text = printable(failure(row, known))
