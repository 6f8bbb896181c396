"""The reports of a run: one results.json, and everything else rendered from it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from conformance import out_folder
from conformance.out_folder import cannot_write
from conformance.report.context import RunContext
from conformance.verdict import CaseRun

# The formats are imported where they are written: most processes of a run write none.


def write(
    out_dir: Path, runs: Iterable[CaseRun], context: RunContext, one_file: bool = False
) -> dict[str, Any]:
    """Writes every report of a run into a folder and returns the content of results.json.

    one_file  the pages are one HTML file

    The event logs that the runs name must be in that folder already. Raises FolderError, which has
    the content, if the reports cannot be written.
    """
    from conformance.report import results

    found = results.build(runs, context)
    try:
        out_dir.mkdir(parents=True, exist_ok=True)
        out_folder.write(out_dir / "results.json", results.dumps(found))
        render(out_dir, found, one_file)
    except OSError as error:
        failed = cannot_write(out_dir, error)
        failed.results = found
        raise failed from None
    return found


def render(out_dir: Path, found: dict[str, Any], one_file: bool = False) -> None:
    """Writes the reports of a results.json and of the event logs in its folder."""
    from conformance.report import html

    render_data(out_dir, found)
    html.write(out_dir, found, one_file=one_file)


def render_data(out_dir: Path, found: dict[str, Any]) -> None:
    """Writes the reports that are no pages."""
    from conformance.report import junit, sarif, summary

    out_folder.write(out_dir / "junit.xml", junit.render(found))
    out_folder.write(out_dir / "summary.md", summary.render(found))
    out_folder.write(out_dir / "results.sarif", sarif.render(found))
