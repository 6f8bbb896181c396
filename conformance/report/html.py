"""index.html and a page for each case, RFC and state machine: one static folder, no network.

The pages are templates (templates/*.j2) over results.json and the event logs that it
names; whatever comes from there is escaped.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from conformance import out_folder
from conformance.excerpt import shorten
from conformance.report import headline, machine, register_pages, transcript, view
from conformance.report.terminal import difference_lines
from conformance.report.text import location, one_line, place_of, printable, section_name
from conformance.verdict import FAILURES, SEVERITY, Verdict

if TYPE_CHECKING:
    import jinja2

_TEMPLATES = Path(__file__).parent / "templates"
PAGES = "cases"
_LINKS_SHOWN = 6
_AXES = ("wire", "api", "moves")


def write(out_dir: Path, results: Mapping[str, Any], logs: Path | None = None) -> None:
    """Writes index.html, style.css, the machines, requirements/RFC.html and cases/ID.html.

    logs  the folder below which results.json names the event logs, out_dir by default
    """
    every = view.cases(results)
    cases = view.supported(every)
    by_id = {case.id: case for case in every}
    found = {name: machine.moves(each, by_id) for name, each in results["transitions"].items()}
    drawings = {name: machine.Drawing(each) for name, each in found.items()}
    site = _Site(out_dir, results, by_id)
    out_dir.mkdir(parents=True, exist_ok=True)
    out_folder.write(out_dir / "style.css", (_TEMPLATES / "style.css").read_bytes())
    _write_cases(site, cases, logs or out_dir)
    sources = register_pages.sources(results["requirements"])
    _write_requirements(site, sources)
    for protocol, each in found.items():
        _write_machine(site, protocol, each, drawings[protocol])
    failing = {name: sum(move.verdict in _BAD for move in each) for name, each in found.items()}
    site.page(
        "index.html",
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


_BAD = FAILURES | {Verdict.ERROR}


class _Site:
    """The folder of one run's pages, and what they share."""

    def __init__(
        self, out_dir: Path, results: Mapping[str, Any], cases: Mapping[str, view.Case]
    ) -> None:
        self.out_dir = out_dir
        self._cases = cases
        self._made: dict[tuple[str, str], str] = {}
        self.known = view.requirements(results)
        self._shared = {
            "suite": results["suite"],
            "subject": {
                **results["subject"],
                **{
                    name: shorten(one_line(results["subject"][name]))
                    for name in ("name", "version")
                },
            },
            "links": self._links,
        }

    def page(self, name: str, template: str, **given: Any) -> None:
        """Write one page."""
        text = environment().get_template(template).render(self._shared, **given)
        out_folder.write(self.out_dir / name, text)

    def _links(self, names: Iterable[str], up: str = "") -> Any:
        """Links to cases, the worst first, all but a few folded away."""
        from markupsafe import Markup

        cases = [self._cases[name] for name in names if name in self._cases]
        cases.sort(key=lambda case: (SEVERITY.index(case.verdict), case.id))
        links = [self._link(case, up) for case in cases]
        shown = ", ".join(links[:_LINKS_SHOWN]) or '<span class="soft">none</span>'
        if len(links) > _LINKS_SHOWN:
            label = f"and {len(links) - _LINKS_SHOWN} more"
            remaining = ", ".join(links[_LINKS_SHOWN:])
            shown += f'<details><summary class="more">{label}</summary>{remaining}</details>'
        return Markup(shown)

    def _link(self, case: view.Case, up: str) -> str:
        """One link, made once because some cases are linked from hundreds of moves."""
        made = self._made.get((case.id, up))
        if made is None:
            name = html.escape(case.id)
            css = case.verdict.lower()
            made = f'<a class="mono {css}" href="{up}{html.escape(page_of(case.id))}">{name}</a>'
            if case.verdict is Verdict.UNSUPPORTED:  # it has no page: nothing happened
                made = f'<span class="mono {css}">{name}</span>'
            self._made[case.id, up] = made
        return made


def _write_cases(site: _Site, cases: list[view.Case], logs: Path) -> None:
    pages = site.out_dir / PAGES
    pages.mkdir(exist_ok=True)
    for number, case in enumerate(cases):
        site.page(
            page_of(case.id),
            "case.html.j2",
            case=case,
            row=case.worst_row,
            requirements=_requirements(case, site.known),
            transcripts=_transcripts(logs, case),
            before=cases[number - 1] if number else None,
            after=cases[number + 1] if number + 1 < len(cases) else None,
        )
    _remove_old(pages, {Path(page_of(case.id)).name for case in cases})


def _write_requirements(site: _Site, sources: Iterable[register_pages.Source]) -> None:
    pages = site.out_dir / register_pages.FOLDER
    pages.mkdir(exist_ok=True)
    written = set()
    for source in sources:
        site.page(source.file, "requirements.html.j2", source=source)
        written.add(Path(source.file).name)
    _remove_old(pages, written)


def _write_machine(
    site: _Site, protocol: str, moves: list[machine.Move], drawing: machine.Drawing
) -> None:
    svg, reason = drawing.take()
    site.page(
        machine_page(protocol),
        "machine.html.j2",
        protocol=protocol,
        moves=moves,
        taken=sum(move.verdict is not None for move in moves),
        drawing=svg,
        reason=reason,
    )


def page_of(case_id: str) -> str:
    """The page of a case, below the reports folder."""
    return f"{PAGES}/{out_folder.file_name(case_id)}.html"


def machine_page(protocol: str) -> str:
    """The page of a state machine, below the reports folder."""
    return f"moves-{protocol}.html"


def _remove_old(pages: Path, current: set[str]) -> None:
    """Removes the pages of an earlier run, which would look like results of this one."""
    for path in pages.glob("*.html"):
        if path.name not in current:
            path.unlink()


@cache
def environment() -> jinja2.Environment:
    """The templates; they escape everything that they get."""
    import jinja2  # here, so that a command without reports starts fast

    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        one_line=lambda text: shorten(one_line(text)),
        line=one_line,
        printable=printable,
        css=lambda verdict: str(verdict).lower(),
        talk_rows=_talk_rows,
        variant_rows=_variant_rows,
        unsupported_rows=_unsupported_rows,
        difference=difference_lines,
    )
    made.globals.update(
        location=location,
        place_of=place_of,
        section_name=section_name,
        page_of=register_pages.page_of,
        page_of_case=page_of,
        machine_page=machine_page,
    )
    return made


def _talk_rows(steps: Iterable[transcript.Step], here: int) -> Any:
    """The rows of a transcript, with a mark at the trace line `here`.

    This is most of a page, and takes a third of the time that a template takes.
    """
    from markupsafe import Markup, escape

    rows = []
    for step in steps:
        mark = " here" if here and step.line == here else ""
        text = str(escape("\n".join(step.text)))
        if step.note:
            text += f'{" " * bool(text)}<span class="soft">{escape(step.note)}</span>'
        rows.append(
            f'<tr class="{step.who}{mark}"><td class="when">{step.ms:.2f} ms</td>'
            f'<td class="who">{step.who}</td><td>{text}</td></tr>\n'
        )
    return Markup("".join(rows))


def _variant_rows(rows: Iterable[Mapping[str, Any]]) -> Any:
    """The row of each variant of a case, without a template because there are thousands."""
    from markupsafe import Markup, escape

    made = []
    for row in rows:
        cells = [f"<td>{escape(row['variant'])}</td>", f"<td>{_badge(row['verdict'])}</td>"]
        cells += [f'<td data-label="{name}">{_axis(row[name])}</td>' for name in _AXES]
        cells.append(f'<td class="number" data-label="seconds">{row["seconds"]:.3f}</td>')
        log = f'<a href="../{escape(quote(row["log"]))}">log</a>' if row["log"] else ""
        made.append(f"<tr>\n{''.join(cells)}\n<td>{log}</td>\n</tr>\n")
    return Markup("".join(made))


def _unsupported_rows(cases: Iterable[view.Case]) -> Any:
    """A row for each case, likewise."""
    from markupsafe import Markup, escape

    made = []
    for case in cases:
        title = f"<br>{escape(one_line(case.title))}" if case.title else ""
        reason = escape(shorten(one_line(case.rows[0]["reason"])))
        made.append(
            f'<tr><td><span class="mono">{escape(case.id)}</span>{title}</td>'
            f'<td class="soft">{reason}</td></tr>\n'
        )
    return Markup("".join(made))


@cache
def _badge(verdict: str) -> str:
    return f'<span class="verdict {verdict.lower()}">{html.escape(verdict)}</span>'


@cache
def _axis(verdict: str | None) -> str:
    if verdict is None:
        return '<span class="soft">not judged</span>'
    return f'<span class="{verdict.lower()}">{html.escape(verdict)}</span>'


def _requirements(case: view.Case, known: Mapping[str, Any]) -> list[Any]:
    names = sorted({name for row in case.rows for name in row["requirements"]})
    return [known[name] for name in names]


def _transcripts(logs: Path, case: view.Case) -> list[tuple[str, list[transcript.Step]]]:
    """The transcript of each variant that went wrong, or of the first one that has a log."""
    bad = [r for r in case.rows if Verdict(r["verdict"]) in _BAD]
    found = []
    for row in bad or case.rows[-1:]:
        if row["log"] is None:
            continue
        try:
            found.append((row["variant"], transcript.load(logs / row["log"])))
        except (OSError, ValueError) as error:
            note = transcript.Step("link", 0.0, 0, [], f"the log cannot be read: {error}")
            found.append((row["variant"], [note]))
    return found
