"""What the pages of one run have in common: the subject, and links to cases."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from conformance.excerpt import shorten
from conformance.report import view
from conformance.report.rendering import environment, page_of
from conformance.report.text import breakable, one_line
from conformance.verdict import SEVERITY, Verdict

_LINKS_SHOWN = 6
Write = Callable[[str, str], None]


class Site:
    """The pages of one run, and what they share.

    write  takes the name of each page, below the folder of the reports, and its text
    """

    def __init__(
        self, write: Write, results: Mapping[str, Any], cases: Mapping[str, view.Case]
    ) -> None:
        self._write = write
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
        self._write(name, environment().get_template(template).render(self._shared, **given))

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
            name = breakable(case.id)
            css = case.verdict.lower()
            made = f'<a class="mono {css}" href="{up}{html.escape(page_of(case.id))}">{name}</a>'
            if case.verdict is Verdict.UNSUPPORTED:  # it has no page: nothing happened
                made = f'<span class="mono {css}">{name}</span>'
            self._made[case.id, up] = made
        return made
