"""The sessions of `serve` as a live page in a browser."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec

from conformance.serve.place import CannotListen, Place, listen
from conformance.serve.sessions import Sessions
from conformance.serve.turn import Address

LIBRARY = "aiohttp"
PACKAGE = "python3-aiohttp"


@contextmanager
def open_page(sessions: Sessions, addresses: Sequence[Address], place: Place) -> Iterator[str]:
    """Serves the page until the end of the block; gives its address for a browser.

    Raises CannotListen, also if its library is not installed.
    """
    if find_spec(LIBRARY) is None:
        raise CannotListen(
            f"cannot show a page without {LIBRARY}: install the package {PACKAGE},"
            " or leave out --http"
        )
    from conformance.serve.page.web import Web  # slow to import, and only this needs the library

    with listen(place) as listening:
        host, port = listening.getsockname()[:2]
        with Web(sessions, addresses, listening):
            yield f"http://{f'[{host}]' if ':' in host else host}:{port}/"
