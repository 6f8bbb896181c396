"""Several runs side by side: the matrix of requirements by subjects, and each run's own pages."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from conformance.out_folder import write as write_file
from conformance.report import headline, html, register_pages, render, results, view
from conformance.report.text import section_name
from conformance.verdict import Verdict

_TEMPLATES = Path(__file__).parent / "templates"


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
    def differs(self) -> bool:
        """Whether the subjects do not all have the same verdict."""
        return len(set(self.verdicts)) > 1


def write(out_dir: Path, runs: Sequence[tuple[Path, Mapping[str, Any]]]) -> None:
    """Writes index.html with the matrix, and a folder for each run with all of its reports.

    runs  the folder in which each results.json lies, and its content, which the schema holds for
    """
    columns = _columns(found for _, found in runs)
    for column, (source, found) in zip(columns, runs, strict=True):
        folder = out_dir / column.folder
        folder.mkdir(parents=True, exist_ok=True)
        _copy_logs(source, folder, found)
        write_file(folder / "results.json", results.dumps(found))
        render(folder, dict(found))
    write_file(out_dir / "style.css", (_TEMPLATES / "style.css").read_bytes())
    page = html.environment().get_template("matrix.html.j2")
    sections = _sections(columns)
    text = page.render(
        columns=columns,
        sections=_part(sections, is_supported=True),
        unsupported=_part(sections, is_supported=False),
    )
    write_file(out_dir / "index.html", text)


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
