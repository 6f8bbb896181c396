"""A site of pages as one HTML file.

The first page stays as it is. The others are inside it, compressed, and a script (single_file.js)
shows one of them in its place when a link leads to it.
"""

from __future__ import annotations

import base64
import html
import json
import re
import zlib
from collections.abc import Mapping

from conformance.report.rendering import TEMPLATES, style

_BODY = re.compile(r"<body[^>]*>(.*)</body>", re.DOTALL)
_TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
_STYLE = re.compile(r'<link rel="stylesheet" href="[^"]*">')
_END = "</body>"
_NO_SCRIPT = "<noscript><p>The pages behind the links of this file need JavaScript.</p></noscript>"


def join(index: str, pages: Mapping[str, str]) -> str:
    """The first page with the style, the other pages and the script inside.

    pages  the text of each other page by its name, as links name it from the first page
    """
    packed = {name: [_title(text), _body(text)] for name, text in pages.items()}
    octets = zlib.compress(json.dumps(packed, ensure_ascii=False).encode("utf-8", "replace"), 9)
    inside = (
        f"{_NO_SCRIPT}\n"
        f'<script type="text/plain" id="pages">{base64.b64encode(octets).decode("ascii")}</script>\n'
        f"<script>\n{(TEMPLATES / 'single_file.js').read_text('utf-8')}</script>\n"
    )
    styled = _STYLE.sub(lambda _: f"<style>\n{style()}</style>", index, count=1)
    before, end, after = styled.rpartition(_END)
    return before + inside + end + after


def _title(page: str) -> str:
    found = _TITLE.search(page)
    assert found, "a page has a title"
    return html.unescape(found[1])


def _body(page: str) -> str:
    found = _BODY.search(page)
    assert found, "a page has a body"
    return found[1]
