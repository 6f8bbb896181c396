"""The page of `serve --http`, asked as a browser or as something worse would."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from conformance import cli
from conformance.finding import Axis, JudgedFinding
from conformance.run import exit_status
from conformance.serve.page import open_page
from conformance.serve.place import CannotListen, Place
from conformance.serve.sessions import Judgement, Session, Sessions
from conformance.serve.turn import Address
from conformance.verdict import Verdict
from fake_servers.log import Kind
from fake_servers.trace.notation import show

pytest.importorskip("aiohttp", reason="python3-aiohttp is not installed: ./mailspec setup page")
from conformance.serve.page import web  # noqa: E402  # needs aiohttp

LOOPBACK = Place("127.0.0.1", 0)
EVIL = b"USER <script>alert(1)</script>\x00\r\n"
WAIT_S = 30.0


@pytest.fixture(name="sessions")
def _sessions() -> Sessions:
    return Sessions()


@pytest.fixture(name="port")
def _port(sessions: Sessions) -> Iterator[int]:
    address = Address("pop3", "pop3", "127.0.0.1", 1110, False)
    with open_page(sessions, [address], LOOPBACK) as url:
        yield int(url.rstrip("/").rpartition(":")[2])


def session(sessions: Sessions, ended: bool = True) -> Session:
    """One in which a client sends markup."""
    found = sessions.begin("pop3", "pop3", "", "127.0.0.1:5")
    found.log.append(Kind.TX, connection=1, octets=b"+OK\r\n")
    found.log.append(Kind.RX, connection=1, octets=EVIL)
    if ended:
        sessions.end(found, Judgement(Verdict.FAIL, note="a <b> note"))
    return found


def ask(port: int, path: str, method: str = "GET", **headers: str) -> tuple[Any, str]:
    """The answer and its text."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=WAIT_S)
    try:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        return answer, answer.read().decode()
    finally:
        connection.close()


class Events:
    """A browser that follows the sessions."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=WAIT_S)
        self._connection.request("GET", "/events")
        self.answer = self._connection.getresponse()

    def verdict_of(self, number: int) -> str | None:
        """Reads until there is news of this session."""
        while True:
            line = self.answer.readline()
            assert line, "the stream has ended"
            if line.startswith(b"data: {") and b"sessions" in line:
                for each in json.loads(line.removeprefix(b"data: "))["sessions"]:
                    if each["number"] == number:
                        verdict: str | None = each["verdict"]
                        return verdict

    def close(self) -> None:
        self.answer.close()
        self._connection.close()


def test_the_page_names_the_servers_and_asks_nobody_else(port: int) -> None:
    answer, text = ask(port, "/")
    assert answer.status == 200 and "pop3 on" in text and "127.0.0.1 port 1110" in text
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'") and "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "https:" not in text and "<script>" not in text
    for path in ("/style.css", "/live.js"):
        assert ask(port, path)[0].status == 200


def test_a_session_is_told_while_it_lasts_and_when_it_ends(sessions: Sessions, port: int) -> None:
    events = Events(port)
    live = session(sessions, ended=False)
    assert events.verdict_of(1) is None
    assert "live" in ask(port, "/sessions/1")[1]
    sessions.end(live, Judgement(Verdict.PASS))
    while (verdict := events.verdict_of(1)) is None:
        pass
    assert verdict == "PASS"
    events.close()


def test_a_browser_that_comes_later_gets_all(sessions: Sessions, port: int) -> None:
    session(sessions)
    events = Events(port)
    assert events.verdict_of(1) == "FAIL"
    events.close()


def test_nothing_that_a_client_sent_becomes_markup(sessions: Sessions, port: int) -> None:
    session(sessions)
    answer, text = ask(port, "/sessions/1")
    assert answer.status == 200 and "FAIL" in text
    assert (
        "<script>" not in text and "&lt;script&gt;alert(1)" in text and "a &lt;b&gt; note" in text
    )


def test_the_step_that_failed_is_marked(sessions: Sessions, port: int) -> None:
    failed = session(sessions, ended=False)
    mild = JudgedFinding("mild", actual="+OK", axis=Axis.WIRE, verdict=Verdict.NON_STRICT)
    worst = JudgedFinding(
        "a NUL", expected="none", actual=show(EVIL), axis=Axis.WIRE, verdict=Verdict.FAIL
    )
    sessions.end(failed, Judgement(Verdict.FAIL, (mild, worst), ("", "")))
    _, text = ask(port, "/sessions/1")
    assert text.count('<tr class="client here"') == text.count('<tr class="differs"') == 1
    assert "<mark>USER &lt;script&gt;" in text and "expected  none" in text


def test_no_step_is_marked_where_no_octets_show_it(sessions: Sessions, port: int) -> None:
    left = session(sessions, ended=False)
    found = JudgedFinding("it left", axis=Axis.WIRE, verdict=Verdict.INCONCLUSIVE)
    sessions.end(left, Judgement(Verdict.INCONCLUSIVE, (found,), ("",)))
    assert " here" not in ask(port, "/sessions/1")[1]


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", 200),
        ("localhost:99", 200),
        ("[::1]:99", 200),
        ("evil.example", 403),
        ("evil.example:80", 403),
        ("127.0.0.1.evil.example", 403),
        ("localhost.evil.example", 403),
        ("", 403),
    ],
)
def test_a_name_that_leads_here_is_refused(port: int, host: str, status: int) -> None:
    for path in ("/", "/events" if status == 403 else "/live.js", "/nothing"):
        answer, _ = ask(port, path, Host=host)
        assert answer.status == (404 if (path, status) == ("/nothing", 200) else status), path


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "BREW"])
def test_it_only_shows(port: int, method: str) -> None:
    assert ask(port, "/", method)[0].status in (400, 405)


@pytest.mark.parametrize(
    "path", ["/sessions/7", "/sessions/x", "/sessions/" + "9" * 400, "/../etc/passwd", "/live.js/"]
)
def test_what_is_not_there_is_404(port: int, path: str) -> None:
    assert ask(port, path)[0].status == 404


def test_browsers_are_counted_and_one_that_left_makes_room(
    sessions: Sessions, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "MOST_BROWSERS", 2)
    monkeypatch.setattr(web, "BEAT_S", 0.1)
    browsers = [Events(port), Events(port)]
    third = Events(port)
    assert third.answer.status == 503
    third.close()
    browsers[0].close()
    deadline = time.monotonic() + WAIT_S
    while (again := Events(port)).answer.status == 503 and time.monotonic() < deadline:
        again.close()
        time.sleep(0.05)
    assert again.answer.status == 200
    for each in (again, browsers[1]):
        each.close()


def test_a_browser_that_reads_nothing_holds_no_server_up(
    sessions: Sessions, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "SLOW_S", 1.0)
    with socket.create_connection(("127.0.0.1", port)) as slow:
        slow.sendall(b"GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        for _ in range(300):
            session(sessions)
        events = Events(port)
        assert events.verdict_of(300) == "FAIL"
        events.close()


def test_garbage_and_half_a_request_do_not_stop_it(sessions: Sessions, port: int) -> None:
    for octets in (b"\x00\xff\r\n\r\n", b"GET / HTTP/1.1\r\nHost: ", b"A" * 100_000):
        with socket.create_connection(("127.0.0.1", port)) as raw:
            raw.sendall(octets)
    assert ask(port, "/")[0].status == 200


def test_nothing_is_left_at_its_end(sessions: Sessions) -> None:
    with open_page(sessions, [], LOOPBACK) as url:
        events = Events(int(url.rstrip("/").rpartition(":")[2]))
    assert "page" not in {thread.name for thread in threading.enumerate()}
    events.close()
    session(sessions)


def test_a_port_in_use_is_one_sentence(sessions: Sessions) -> None:
    with open_page(sessions, [], LOOPBACK) as url:
        port = int(url.rstrip("/").rpartition(":")[2])
        with pytest.raises(CannotListen, match=f"127.0.0.1 port {port}"):
            with open_page(sessions, [], Place("127.0.0.1", port)):
                pass


def test_without_the_library_only_the_page_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("conformance.serve.page.find_spec", lambda name: None)
    assert cli.main(["serve", "--pop3", "--http", "0"]) == exit_status.CANNOT_RUN
    (line,) = capsys.readouterr().err.splitlines()
    assert "python3-aiohttp" in line and "--http" in line


@pytest.mark.parametrize("value", ["x", "70000", "::1:8080"])
def test_a_wrong_port_is_wrong_usage(value: str) -> None:
    assert cli.main(["serve", "--pop3", "--http", value]) == exit_status.USAGE
