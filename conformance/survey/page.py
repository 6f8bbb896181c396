"""The public page of a survey: what each client does, in a table, then by cause."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformance import paths
from conformance.report import rendering
from conformance.report.text import brief_version, one_line
from conformance.survey.clients import LeftOut
from conformance.survey.standing import Standing
from conformance.verdict import Verdict

if TYPE_CHECKING:
    import jinja2

_HERE = Path(__file__).parent
_COLUMNS = (Verdict.PASS, Verdict.NON_STRICT, Verdict.FAIL, Verdict.HANG, Verdict.CRASH)


def withdrawn() -> list[Mapping[str, str]]:
    """The accusations that did not hold: each with its `id`, `date` and `reason`."""
    document = tomllib.loads((_HERE / "withdrawn.toml").read_text("utf-8"))
    found: list[Mapping[str, str]] = document.get("case", [])
    return found


def upstream_pages() -> list[tuple[str, str]]:
    """File and heading of each bug report in docs/upstream, which only a clone has."""
    folder = paths.PACKAGE.parent / "docs" / "upstream"
    found = []
    for path in sorted(folder.glob("*.md")):
        first = path.read_text("utf-8").splitlines()[:1]
        if path.name != "README.md":
            found.append((path.name, "".join(first).removeprefix("# ")))
    return found


def render(
    kind: str, clients: Sequence[Standing], left_out: Sequence[LeftOut], suite: Mapping[str, Any]
) -> str:
    """The page, as `md` or as `html`.

    suite  of results.json: version, variants; with `cases`, the number of all cases
    """
    template = _environment().get_template(f"clients.{kind}.j2")
    text: str = template.render(
        clients=sorted(clients, key=attrgetter("name")),
        left_out=left_out,
        suite=suite,
        date=date.today().isoformat(),
        columns=_COLUMNS,
        withdrawn=withdrawn(),
        upstream=upstream_pages(),
        style=rendering.style(),
    )
    return text


@cache
def _environment() -> jinja2.Environment:
    import jinja2

    found = jinja2.Environment(
        loader=jinja2.FileSystemLoader([_HERE / "templates", rendering.TEMPLATES]),
        autoescape=lambda name: (name or "").endswith(".html.j2"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    found.filters |= rendering.environment().filters
    found.filters["cell"] = lambda text: brief_version(one_line(str(text))).replace("|", "\\|")
    return found
