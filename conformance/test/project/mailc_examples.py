"""The examples of mailc, run against the fake servers."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fake_servers.log import EventLog
from fake_servers.reactive import open_server
from fake_servers.reactive.server import ReactiveServer
from fake_servers.trace.parser import parse_text
from fake_servers.trace.template import Bindings
from fake_servers.wire import certificates
from fake_servers.wire.delivery import VARIANTS

GOALS = {
    "pop3": "goal: pop3.fetch login=user user=mrose secret=tanstaaf n=all",
    "smtp": "goal: smtp.send login=auth mech=PLAIN user=mrose secret=tanstaaf from=a@b.example"
    " to=[c@d.example]",
}
DATA = {
    "pop3": "M: 1\nD: Subject: one\nD:\nD: .dot\nM: 2\nD: Subject: two\n",
    "smtp": "D: any\n",
}
SERVER = "server: users=[[mrose, tanstaaf]] sasl_tls=[PLAIN] sasl=[PLAIN] caps=[{}] tls={} cert={}"


@contextmanager
def serving(protocol: str, begin: str, cert: str = "good") -> Iterator[ReactiveServer]:
    lines = f"id: {protocol}.goal.example\ntitle: An example\n{GOALS[protocol]}\n"
    lines += SERVER.format("USER" if protocol == "pop3" else "", begin, cert)
    trace = parse_text(f"{lines}\n\n{DATA[protocol]}R: ok\n", Path("example.trace"))
    server = open_server(trace, EventLog(), VARIANTS["whole"], Bindings(1, trace.id))
    with server:
        yield server
    assert server.failure is None


def start(program: Path, *words: object, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(program), *map(str, words)],
        env=os.environ | {"MAIL_SECRET": "tanstaaf", "SSL_CERT_FILE": str(certificates.ca_file())},
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def example(program: Path, *words: object, stdin: str = "") -> str:
    done = start(program, *words, stdin=stdin)
    assert done.returncode == 0, done.stderr
    return done.stdout


def play_all(folder: Path, maildir: Path) -> None:
    """Every example, by each of its ways to TLS, and against a server of another name."""
    _play_pop3(folder, maildir)
    for mode, begin in (("tls", "implicit"), ("starttls", "starttls")):
        with serving("smtp", begin) as server:
            words = (mode, "127.0.0.1", server.port, "mrose", "a@b.example")
            to = ("c@d.example", "e@f.example")
            example(folder / "send_message", *words, *to, stdin="Subject: hi\n\n.\nlast")
            (delivered,) = server.delivered
        assert delivered.octets == b"Subject: hi\r\n\r\n.\r\nlast\r\n"
        assert list(delivered.rcpt_to) == [each.encode() for each in to]
    _play_wrong_name(folder)


def _play_pop3(folder: Path, maildir: Path) -> None:
    for name in ("tmp", "new", "cur"):
        (maildir / name).mkdir(parents=True)
    for mode, begin in (("tls", "implicit"), ("stls", "starttls")):
        with serving("pop3", begin) as server:
            words = (mode, "127.0.0.1", server.port, "mrose")
            listed = example(folder / "list_mailbox", *words).splitlines()
        assert [line.split()[0] for line in listed] == ["1", "2"]
        with serving("pop3", begin) as server:
            example(folder / "fetch_all", mode, "127.0.0.1", server.port, "mrose", maildir)
        fetched = sorted(path.read_bytes() for path in (maildir / "new").iterdir())
        assert fetched == [b"Subject: one\n\n.dot\n", b"Subject: two\n"]
        assert list((maildir / "tmp").iterdir()) == []
        for path in (maildir / "new").iterdir():
            path.unlink()
    with serving("pop3", "implicit") as server:
        assert example(folder / "event_loop", "127.0.0.1", server.port, "mrose") == "2 messages\n"


def _play_wrong_name(folder: Path) -> None:
    """No example says a secret to a server whose certificate is valid for another host."""
    programs: tuple[tuple[str, str, tuple[str, ...], tuple[str, ...]], ...] = (
        ("list_mailbox", "pop3", ("stls",), ()),
        ("fetch_all", "pop3", ("tls",), ("/nowhere",)),
        ("event_loop", "pop3", (), ()),
        ("send_message", "smtp", ("starttls",), ("a@b.example", "c@d.example")),
    )
    for name, protocol, mode, behind in programs:
        begin = "starttls" if mode and mode[0].startswith("st") else "implicit"
        with serving(protocol, begin, "wrong-name") as server:
            words = (*mode, "127.0.0.1", server.port, "mrose", *behind)
            done = start(folder / name, *words)
        assert done.returncode == 1
        assert "certificate is not trusted or not for this host" in done.stderr
