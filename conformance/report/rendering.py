"""The templates of the pages, and what they can call; whatever they are given is escaped."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from conformance import out_folder
from conformance.excerpt import shorten
from conformance.report import case_page, register_pages, view
from conformance.report.terminal import difference_lines
from conformance.report.text import (
    IMPLIED,
    IMPLIED_MEANS,
    breakable,
    brief_version,
    location,
    one_line,
    place_of,
    printable,
    section_name,
)

if TYPE_CHECKING:
    import jinja2

TEMPLATES = Path(__file__).parent / "templates"
PAGES = "cases"
_AXES = ("wire", "api", "moves")


def style() -> str:
    """The style sheet of every page."""
    return (TEMPLATES / "style.css").read_text("utf-8")


def page_of(case_id: str) -> str:
    """The page of a case, below the reports folder."""
    return f"{PAGES}/{out_folder.file_name(case_id)}.html"


def machine_page(protocol: str) -> str:
    """The page of a state machine, below the reports folder."""
    return f"moves-{protocol}.html"


@cache
def environment() -> jinja2.Environment:
    """The templates; they escape everything that they get."""
    import jinja2  # here, so that a command without reports starts fast

    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
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
        talk_rows=case_page.talk_rows,
        breakable=breakable,
        level=_level,
        brief_version=brief_version,
        variant_rows=_variant_rows,
        unsupported_rows=_unsupported_rows,
        difference=difference_lines,
    )
    made.globals.update(
        location=location,
        place_of=place_of,
        section_name=section_name,
        implied_means=IMPLIED_MEANS,
        page_of=register_pages.page_of,
        page_of_case=page_of,
        machine_page=machine_page,
    )
    return made


def _level(level: str) -> Any:
    """MUST and so on; the word that no RFC has comes with its meaning."""
    from markupsafe import Markup

    text = Markup('<abbr title="{}">{}</abbr>').format(IMPLIED_MEANS, level)
    return text if level == IMPLIED else level


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
            f'<tr><td><span class="mono">{breakable(case.id)}</span>{title}</td>'
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
