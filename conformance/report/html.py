"""index.html and a page for each case: one static folder without any network.

The pages are templates (templates/*.j2) over results.json and the event logs that it
names; whatever comes from there is escaped.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformance.report import transcript, view
from conformance.report.terminal import difference_lines
from conformance.report.text import location, one_line, printable, section_name
from conformance.verdict import FAILURES, SEVERITY, Verdict

if TYPE_CHECKING:
    import jinja2

_TEMPLATES = Path(__file__).parent / "templates"
PAGES = "cases"


def write(out_dir: Path, results: Mapping[str, Any]) -> None:
    """Writes index.html, style.css and cases/ID.html into the reports folder."""
    pages = out_dir / PAGES
    pages.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(_TEMPLATES / "style.css", out_dir / "style.css")
    cases = view.cases(results)
    shared = {"suite": results["suite"], "subject": results["subject"]}
    page = _environment().get_template("case.html.j2")
    known = view.requirements(results)
    for number, case in enumerate(cases):
        text = page.render(
            shared,
            case=case,
            row=case.worst_row,
            requirements=_requirements(case, known),
            transcripts=_transcripts(out_dir, case),
            before=cases[number - 1] if number else None,
            after=cases[number + 1] if number + 1 < len(cases) else None,
        )
        (pages / f"{case.id}.html").write_text(text, encoding="utf-8")
    _remove_old(pages, {f"{case.id}.html" for case in cases})
    text = (
        _environment()
        .get_template("index.html.j2")
        .render(
            shared,
            results=results,
            cases=sorted(cases, key=lambda case: SEVERITY.index(case.verdict)),
            good=view.good(cases),
            unexpected=sum(case.unexpected for case in cases),
            requirements_passed=view.requirements_passed(results),
            rows_taken=view.rows_taken(results),
            verdicts=[verdict for verdict in SEVERITY if results["counts"][verdict]],
        )
    )
    (out_dir / "index.html").write_text(text, encoding="utf-8")


def _remove_old(pages: Path, current: set[str]) -> None:
    """Pages of an earlier run into the same folder would look like results of this one."""
    for path in pages.glob("*.html"):
        if path.name not in current:
            path.unlink()


@cache
def _environment() -> jinja2.Environment:
    import jinja2  # here, so that a command without reports starts fast

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        one_line=one_line,
        printable=printable,
        css=lambda verdict: str(verdict).lower(),
        talk_rows=_talk_rows,
        difference=difference_lines,
    )
    environment.globals.update(location=location, section_name=section_name)
    return environment


def _talk_rows(steps: Iterable[transcript.Step], here: int) -> Any:
    """The rows of a transcript, marked where they stand at the trace line `here`.

    Most of a page is this, and put together here it takes a third of a template's time.
    """
    from markupsafe import Markup, escape

    rows = []
    for step in steps:
        mark = " here" if here and step.line == here else ""
        text = escape("\n".join(step.text))
        if step.note:
            text += Markup('{}<span class="soft">{}</span>').format(" " * bool(text), step.note)
        rows.append(
            f'<tr class="{step.who}{mark}"><td class="when">{step.ms:.2f} ms</td>'
            f'<td class="who">{step.who}</td><td>{text}</td></tr>\n'
        )
    return Markup("".join(rows))


def _requirements(case: view.Case, known: Mapping[str, Any]) -> list[Any]:
    names = sorted({name for row in case.rows for name in row["requirements"]})
    return [known[name] for name in names]


def _transcripts(out_dir: Path, case: view.Case) -> list[tuple[str, list[transcript.Step]]]:
    """The transcript of each variant that went wrong, or of the first one that has a log."""
    bad = [r for r in case.rows if Verdict(r["verdict"]) in FAILURES | {Verdict.ERROR}]
    found = []
    for row in bad or case.rows[-1:]:
        if row["log"] is None:
            continue
        try:
            found.append((row["variant"], transcript.load(out_dir / row["log"])))
        except (OSError, ValueError, KeyError) as error:
            note = transcript.Step("link", 0.0, 0, [], f"the log cannot be read: {error}")
            found.append((row["variant"], [note]))
    return found
