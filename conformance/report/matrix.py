"""Several runs side by side: the matrix of requirements by subjects, and each run's own pages."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from conformance.out_folder import write as write_file
from conformance.report import (
    headline,
    html,
    register_pages,
    render,
    render_data,
    results,
    single_file,
    view,
)
from conformance.report.rendering import environment, style
from conformance.report.text import brief_version, one_line, plural, section_name
from conformance.verdict import SEVERITY, UNDECIDED, Verdict

_SIGNS = {
    Verdict.ERROR: "!",
    Verdict.CRASH: "✗",
    Verdict.HANG: "✗",
    Verdict.FAIL: "✗",
    Verdict.NON_STRICT: "~",
    Verdict.INFO: "i",
    Verdict.PASS: "✓",
    Verdict.INCONCLUSIVE: "?",
    Verdict.UNSUPPORTED: "·",
}
"""The sign of a verdict in the table: one letter wide, so that many subjects fit in a window."""


@dataclass(frozen=True, slots=True)
class Column:
    """One run.

    folder    its pages, below the folder of the matrix
    results   its results.json
    verdicts  by id of a requirement
    """

    folder: str
    results: Mapping[str, Any]
    verdicts: Mapping[str, Verdict]

    @property
    def headline(self) -> headline.Headline:
        """How the subject stands."""
        return headline.of(self.results)

    @property
    def name(self) -> str:
        """The subject's name on one line."""
        return one_line(self.results["subject"]["name"])

    @property
    def counts(self) -> dict[Verdict, int]:
        """How many of the judged cases have each verdict, the worst first."""
        counts = self.results["counts"]
        return {v: counts[v] for v in SEVERITY if counts[v] and v not in UNDECIDED}


@dataclass(frozen=True, slots=True)
class Row:
    """One requirement: its entry, and each column's verdict, None where it was not judged."""

    entry: Mapping[str, Any]
    verdicts: tuple[Verdict | None, ...]

    @property
    def page(self) -> str:
        """Its place below a column's folder."""
        return f"{register_pages.page_of(self.entry['rfc'])}#{self.entry['id']}"

    @property
    def is_supported(self) -> bool:
        """Whether any subject could be asked for it."""
        return any(verdict not in (None, Verdict.UNSUPPORTED) for verdict in self.verdicts)

    @property
    def judged(self) -> set[Verdict]:
        """The verdicts of the subjects that were judged by it."""
        return {verdict for verdict in self.verdicts if verdict is not None} - UNDECIDED

    @property
    def differs(self) -> bool:
        """Whether the subjects that were judged by it have different verdicts."""
        return len(self.judged) > 1


def write(
    out_dir: Path, runs: Sequence[tuple[Path, Mapping[str, Any]]], one_file: bool = False
) -> list[str]:
    """Writes index.html with the matrix, and a folder for each run with all of its reports.

    runs      the folder in which each results.json lies, and its content, which the schema holds for
    one_file  index.html has all pages inside, and the folders have the other reports
    Returns what a terminal shows of it: a line for each run, and one that compares them.
    """
    columns = _columns(found for _, found in runs)
    pages: dict[str, str] = {}
    for column, (source, found) in zip(columns, runs, strict=True):
        folder = out_dir / column.folder
        folder.mkdir(parents=True, exist_ok=True)
        _copy_logs(source, folder, found)
        write_file(folder / "results.json", results.dumps(found))
        if one_file:
            render_data(folder, dict(found))
            made = _Prefixed(column.folder, pages)
            html.make(found, folder, made)
        else:
            render(folder, dict(found))
    sections = _sections(columns)
    index = _index(columns, sections)
    if not one_file:
        write_file(out_dir / "style.css", style())
    write_file(out_dir / html.INDEX, single_file.join(index, pages) if one_file else index)
    return [*_lines(columns), "", _comparison(columns, sections)]


@dataclass(frozen=True, slots=True)
class _Prefixed:
    """Keeps the pages of one run, under names that begin with its folder."""

    folder: str
    pages: dict[str, str]

    def __call__(self, name: str, text: str) -> None:
        self.pages[f"{self.folder}/{name}"] = text


def _index(columns: Sequence[Column], sections: Mapping[str, list[Row]]) -> str:
    used = {v for rows in sections.values() for row in rows for v in row.verdicts if v is not None}
    return (
        environment()
        .get_template("matrix.html.j2")
        .render(
            columns=columns,
            sections=_part(sections, is_supported=True),
            unsupported=_part(sections, is_supported=False),
            signs=_SIGNS,
            verdicts=[v for v in SEVERITY if v in used],
            filters=[v for v in SEVERITY if v in used - UNDECIDED],
            comparison=_comparison(columns, sections),
        )
    )


def _lines(columns: Sequence[Column]) -> list[str]:
    """For each run the subject, its version and how it stands."""
    names = [
        f"{column.name} {brief_version(one_line(column.results['subject']['version']))}".strip()
        for column in columns
    ]
    width = min(max(map(len, names)), 40)
    return [
        f"{name:<{width}}  {column.headline.text}"
        for name, column in zip(names, columns, strict=True)
    ]


def _comparison(columns: Sequence[Column], sections: Mapping[str, list[Row]]) -> str:
    """How far the subjects agree, over the requirements that at least two were judged by."""
    rows = [row for found in sections.values() for row in found if row.judged]
    if len(columns) < 2:
        return f"1 client, {plural(len(rows), 'requirement')} judged"
    shared = [row for row in rows if sum(v not in UNDECIDED for v in row.verdicts if v) > 1]
    differing = sum(row.differs for row in shared)
    return (
        f"{len(columns)} clients, {plural(len(rows), 'requirement')} judged, {len(shared)} of them in"
        f" more than one client; the verdicts differ in {differing}"
    )


def _columns(found: Any) -> list[Column]:
    """The runs in order; two of one subject have folders of their own."""
    columns: list[Column] = []
    for one in found:
        name = register_pages.slug(one["subject"]["name"]) or "subject"
        taken = {column.folder for column in columns}
        number = 1
        folder = name
        while folder in taken:
            number += 1
            folder = f"{name}-{number}"
        verdicts = {row["id"]: Verdict(row["verdict"]) for row in one["requirements"]}
        columns.append(Column(folder, one, verdicts))
    return columns


def _sections(columns: Sequence[Column]) -> dict[str, list[Row]]:
    """Each requirement that any run judged, by section."""
    entries = {row["id"]: row for column in columns for row in column.results["requirements"]}
    found: dict[str, list[Row]] = defaultdict(list)
    for name in sorted(entries, key=view.natural):
        entry = entries[name]
        verdicts = tuple(column.verdicts.get(name) for column in columns)
        found[section_name(entry["rfc"], entry["section"])].append(Row(entry, verdicts))
    return {name: found[name] for name in sorted(found, key=view.natural)}


def _part(sections: Mapping[str, list[Row]], *, is_supported: bool) -> dict[str, list[Row]]:
    """The rows that any subject supports, or all others."""
    parts = {
        name: [row for row in rows if row.is_supported is is_supported]
        for name, rows in sections.items()
    }
    return {name: rows for name, rows in parts.items() if rows}


def _copy_logs(source: Path, folder: Path, found: Mapping[str, Any]) -> None:
    """The event logs of a run that still exist."""
    for row in found["cases"]:
        name = row["log"]
        if name is None or ".." in PurePosixPath(name).parts:
            continue
        path = source / name
        target = folder / name
        if path.is_file() and path.resolve() != target.resolve():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.unlink(missing_ok=True)
            shutil.copyfile(path, target)
