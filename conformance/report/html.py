"""index.html and a page for each case, RFC and state machine: a static folder or one file, no network.

The pages are templates (templates/*.j2) over results.json and the event logs that it
names; whatever comes from there is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from conformance import out_folder
from conformance.report import case_page, headline, machine, register_pages, single_file, view
from conformance.report.rendering import PAGES, machine_page, page_of, style
from conformance.report.site import Site, Write
from conformance.verdict import FAILURES, SEVERITY, Verdict

INDEX = "index.html"
_BAD = FAILURES | {Verdict.ERROR}


def write(
    out_dir: Path, results: Mapping[str, Any], logs: Path | None = None, one_file: bool = False
) -> None:
    """Writes index.html, style.css, the machines, requirements/RFC.html and cases/ID.html.

    logs      the folder below which results.json names the event logs, out_dir by default
    one_file  index.html alone, with all the others inside
    """
    pages: dict[str, str] = {}
    names: set[str] = set()

    def write_page(name: str, text: str) -> None:
        names.add(name)
        path = out_dir / name
        path.parent.mkdir(exist_ok=True)
        out_folder.write(path, text)

    out_dir.mkdir(parents=True, exist_ok=True)
    if one_file:
        make(results, logs or out_dir, pages.__setitem__)
        write_page(INDEX, single_file.join(pages.pop(INDEX), pages))
    else:
        write_page("style.css", style())
        make(results, logs or out_dir, write_page)
    _remove_old(out_dir, names)


def _remove_old(out_dir: Path, names: set[str]) -> None:
    """Removes the pages of an earlier run, which would look like results of this one."""
    for pattern in (f"{PAGES}/*.html", f"{register_pages.FOLDER}/*.html", machine_page("*")):
        for path in out_dir.glob(pattern):
            if str(path.relative_to(out_dir)) not in names:
                path.unlink()


def make(results: Mapping[str, Any], logs: Path, write_page: Write) -> None:
    """Makes every page of a run; `write_page` gets its name and its text."""
    every = view.cases(results)
    cases = view.supported(every)
    by_id = {case.id: case for case in every}
    found = {name: machine.moves(each, by_id) for name, each in results["transitions"].items()}
    site = Site(write_page, results, by_id)
    _make_cases(site, cases, logs)
    sources = register_pages.sources(results["requirements"])
    for source in sources:
        site.page(source.file, "requirements.html.j2", source=source)
    for protocol, each in found.items():
        _make_machine(site, protocol, each)
    failing = {name: sum(move.verdict in _BAD for move in each) for name, each in found.items()}
    site.page(
        INDEX,
        "index.html.j2",
        results=results,
        groups=results["groups"],
        cases=sorted(cases, key=lambda case: SEVERITY.index(case.verdict)),
        headline=headline.of(results),
        unsupported=[case for case in every if case.verdict is Verdict.UNSUPPORTED],
        unlocks=headline.unlocks(results),
        requirements_passed=view.requirements_passed(results),
        rows_taken=view.rows_taken(results),
        verdicts=[v for v in SEVERITY if results["counts"][v] and v is not Verdict.UNSUPPORTED],
        sources=sources,
        worst_moves=failing,
    )


def _make_cases(site: Site, cases: list[view.Case], logs: Path) -> None:
    for number, case in enumerate(cases):
        site.page(
            page_of(case.id),
            "case.html.j2",
            case=case,
            row=case.worst_row,
            requirements=_requirements(case, site.known),
            tabs=case_page.tabs(logs, case),
            before=cases[number - 1] if number else None,
            after=cases[number + 1] if number + 1 < len(cases) else None,
        )


def _make_machine(site: Site, protocol: str, moves: list[machine.Move]) -> None:
    svg, remark = machine.picture(protocol, moves)
    site.page(
        machine_page(protocol),
        "machine.html.j2",
        protocol=protocol,
        moves=moves,
        taken=sum(move.verdict is not None for move in moves),
        drawing=svg,
        remark=remark,
    )


def _requirements(case: view.Case, known: Mapping[str, Any]) -> list[Any]:
    names = sorted({name for row in case.rows for name in row["requirements"]})
    return [known[name] for name in names]
