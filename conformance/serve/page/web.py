"""The HTTP server of the page: one HTML page, server-sent events, and the transcript of a session.

It runs in a thread of its own, so that a slow browser never holds up the mail servers.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import socket
import threading
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiohttp import web

from conformance.report import case_page
from conformance.report.rendering import TEMPLATES, environment, style
from conformance.report.text import one_line
from conformance.serve.page.feed import Browser, Feed
from conformance.serve.sessions import Session, Sessions
from conformance.serve.text import judgement_lines, worst_difference
from conformance.serve.turn import Address

MOST_BROWSERS = 16
BEAT_S = 15.0
"""After this long without news a browser gets a sign, which shows whether it is still there."""
SLOW_S = 5.0
"""A browser that does not take its news for so long is dropped. It comes again and gets all."""
END_S = 5.0
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self';"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Web:
    """The page, while the block lasts."""

    def __init__(
        self, sessions: Sessions, addresses: Sequence[Address], listening: socket.socket
    ) -> None:
        self._sessions = sessions
        self._addresses = addresses
        self._listening = listening
        self._loop = asyncio.new_event_loop()
        self._feed = Feed(self._loop)
        self._ended = asyncio.Event()
        self._forget = sessions.listen(self._feed)
        self._thread = threading.Thread(target=self._run, name="page", daemon=True)

    def __enter__(self) -> Web:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._forget()
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join(END_S)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        app = web.Application(middlewares=[_guarded])
        app.router.add_get("/", self._page)
        app.router.add_get("/style.css", self._style)
        app.router.add_get("/live.js", self._script)
        app.router.add_get("/events", self._events, allow_head=False)
        app.router.add_get(r"/sessions/{number:\d{1,12}}", self._session)
        runner = web.AppRunner(app, access_log=None, handle_signals=False)
        await runner.setup()
        await web.SockSite(runner, self._listening, shutdown_timeout=1.0).start()
        await self._ended.wait()
        for browser in self._feed.browsers:
            browser.woken.set()
        await runner.cleanup()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:  # browsers that do not read
            task.cancel()
        if left:
            await asyncio.wait(left, timeout=1.0)

    async def _page(self, _: web.Request) -> web.Response:
        text = environment().get_template("live.html.j2").render(addresses=self._addresses)
        return web.Response(text=text, content_type="text/html")

    async def _style(self, _: web.Request) -> web.Response:
        return web.Response(text=style(), content_type="text/css")

    async def _script(self, _: web.Request) -> web.Response:
        text = (TEMPLATES / "live.js").read_text("utf-8")
        return web.Response(text=text, content_type="text/javascript")

    async def _session(self, request: web.Request) -> web.Response:
        session = self._sessions.get(int(request.match_info["number"]))
        if session is None:
            raise web.HTTPNotFound(text="This session is forgotten, or never was.")
        text = await asyncio.to_thread(_transcript, session)
        return web.Response(text=text, content_type="text/html")

    async def _events(self, request: web.Request) -> web.StreamResponse:
        if len(self._feed.browsers) >= MOST_BROWSERS:
            raise web.HTTPServiceUnavailable(text=f"{MOST_BROWSERS} browsers are here already.")
        response = web.StreamResponse(headers={**_HEADERS, "Content-Type": "text/event-stream"})
        browser = Browser()
        browser.changed |= {session.number for session in self._sessions.all()}
        self._feed.browsers.add(browser)
        try:
            await response.prepare(request)
            await response.write(b"retry: 1000\nevent: again\ndata: {}\n\n")
            while not self._ended.is_set():
                await asyncio.wait_for(response.write(self._news(browser)), SLOW_S)
                browser.woken.clear()
                if not browser.changed:
                    await _wait(browser.woken)
        except (asyncio.TimeoutError, ConnectionError):
            if request.transport is not None:
                request.transport.abort()
        finally:
            self._feed.browsers.discard(browser)
        return response

    def _news(self, browser: Browser) -> bytes:
        """An event with the sessions that have changed, or a comment, which a browser skips."""
        changed, browser.changed = browser.changed, set()
        known = self._sessions.all()
        found = [_summary(session) for session in known if session.number in changed]
        if not found:
            return b": still here\n\n"
        news = {"known": [session.number for session in known], "sessions": found}
        return f"event: sessions\ndata: {json.dumps(news)}\n\n".encode()


async def _wait(woken: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(woken.wait(), BEAT_S)
    except asyncio.TimeoutError:
        pass


def _summary(session: Session) -> dict[str, Any]:
    """What the list of sessions shows of one."""
    judged = session.judgement
    return {
        "number": session.number,
        "name": one_line(session.name),
        "peer": one_line(session.peer),
        "began": session.began.isoformat(timespec="seconds"),
        "seconds": session.seconds,
        "verdict": None if judged is None else judged.verdict.value,
    }


def _transcript(session: Session) -> str:
    """The verdict and the conversation of a session, as a part of the page."""
    lines = judgement_lines(session)
    judged = session.judgement
    row = {"difference": worst_difference(session)}
    steps = session.steps()
    tab = case_page.Tab((row,), steps, case_page.failing(steps, row))
    return (
        environment()
        .get_template("session.html.j2")
        .render(
            session=session,
            name=one_line(session.name),
            peer=one_line(session.peer),
            verdict=None if judged is None else judged.verdict,
            reasons=lines[1:],
            tab=tab,
        )
    )


@web.middleware
async def _guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answers only to a browser that asked for this machine by its number, or for localhost.

    A page of another site whose name leads here (DNS rebinding) asks by that name.
    """
    if not _is_own(request.host):
        response: web.StreamResponse = web.Response(
            status=403, text="Ask for this page by a numeric address or as localhost.\n"
        )
    else:
        try:
            response = await handler(request)
        except web.HTTPException as error:
            response = web.Response(status=error.status, text=error.text, headers=_allowed(error))
    if not response.prepared:
        response.headers.update(_HEADERS)
    return response


def _allowed(error: web.HTTPException) -> dict[str, str]:
    return {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}


def _is_own(host: str) -> bool:
    name, colon, port = host.rpartition(":")
    if not (colon and port.isascii() and port.isdecimal()):
        name = host
    if name == "localhost":
        return True
    try:
        ipaddress.ip_address(name.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True
