"""The NetX services, installed: programs of theirs against the fake servers.

What each service does is tested in client/netx/test, in C.
"""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from conformance import paths
from conformance.catalogue import everything
from conformance.run import goal
from conformance.run.context import CaseContext
from conformance.subject import Subject, build, load, spec
from conformance.verdict import Verdict
from fake_servers.log import EventLog
from fake_servers.reactive import open_server
from fake_servers.reactive.server import ReactiveServer
from fake_servers.trace.parser import parse_text
from fake_servers.trace.template import Bindings
from fake_servers.wire.delivery import VARIANTS

NETX = Path(__file__).resolve().parents[3] / "client" / "netx"
LIMIT_S = 30
GCC = ("-Wall", "-Wextra", "-Werror")
LIBRARIES = ("netx", "pump", "tcp", "openssl", "core")

BUILD_S = 600
"""The first test builds and installs mailc, which takes long on a busy machine."""
pytestmark = [
    pytest.mark.skipif(not NETX.is_dir(), reason="client/netx is not installed"),
    pytest.mark.timeout(BUILD_S),
]

POP3 = """id: pop3.goal.x
title: x
goal: pop3.fetch login=apop user={user} secret=tanstaaf n=all
server: users=[[{user}, tanstaaf]] caps=[USER] sasl=[]

M: 1
D: Subject: one
D:
D: .a line that begins with a dot
M: 2
D: the second
R: ok
"""

SMTP = """id: smtp.goal.x
title: x
goal: smtp.send login=auth user={user} secret={secret} from=a@b.example to=[c@d.example]
server: users=[[{user}, {secret}]] caps=[] sasl=[PLAIN, LOGIN]

R: ok
"""

HEADER = (
    b"To: %s\r\nFrom: %s\r\nSubject: %s\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: text/plain; charset="utf-8"\r\nContent-Transfer-Encoding: 8bit\r\n\r\n'
)


@dataclass(frozen=True, slots=True)
class Installed:
    """Where the programs were built and what was installed from there."""

    build: Path
    prefix: Path


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    cmake = spec("netx").cmake
    assert cmake is not None
    build.ensure(cmake, "netx")
    prefix = tmp_path_factory.mktemp("prefix")
    run("cmake", "--install", str(cmake.build), "--prefix", str(prefix))
    return Installed(cmake.build, prefix)


@contextmanager
def serving(text: str) -> Iterator[ReactiveServer]:
    trace = parse_text(text, Path("x.trace"))
    bindings = Bindings(1, trace.id)
    with open_server(trace, EventLog(), VARIANTS["whole"], bindings) as server:
        yield server


def run(*argv: str, cwd: Path | None = None) -> str:
    """What the program prints; it has to end well, and by itself."""
    done = subprocess.run(
        argv, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LIMIT_S
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_demo_receives_all_mail_by_apop(installed: Installed) -> None:
    with serving(POP3.format(user="mrose@example.com")) as server:
        port = server.port
        printed = run(str(installed.build / "client/netx-receive-mail"), str(port))
        assert server.logins == [("APOP", b"mrose@example.com")]
    assert printed.replace("\r", "") == (
        "2 messages, 60 octets\n"
        "--- message 1, 48 octets\nSubject: one\n\n.a line that begins with a dot\n"
        "--- message 2, 12 octets\nthe second\n"
        "--- all received\n"
    )
    assert server.maildrop.messages == []


def test_the_demo_sends_a_mail_after_plain(installed: Installed) -> None:
    with serving(SMTP.format(user="test", secret="1234")) as server:
        printed = run(str(installed.build / "client/netx-send-mail"), str(server.port))
        assert server.logins == [("PLAIN", b"test")]
    assert printed == "create: status 0x00\nsend: status 0x00\n"
    (mail,) = server.delivered
    assert (mail.mail_from, mail.rcpt_to) == (b"test@example.com", (b"mrose@example.com",))
    header = HEADER % (b"mrose@example.com", b"test@example.com", b"Temperature")
    assert mail.octets == header + (
        b"The temperature of tank 4 is 21.5 degrees.\r\n.5 degrees more than yesterday.\r\n"
    )


@pytest.mark.parametrize("name", ["netx-receive-mail", "netx-send-mail"])
def test_a_demo_tells_that_nobody_is_there(name: str, installed: Installed) -> None:
    with serving(SMTP.format(user="test", secret="1234")) as server:
        port = server.port
    assert "status 0x38\n" in run(str(installed.build / "client" / name), str(port))


def test_an_application_sees_the_installed_headers_alone(
    installed: Installed, tmp_path: Path
) -> None:
    """Its source is compiled where nothing but them can be found, and it runs."""
    assert shutil.which("cc")
    shutil.copy(NETX / "test" / "application.c", tmp_path)
    with (
        serving(POP3.format(user="mrose")) as pop3,
        serving(SMTP.format(user="mrose", secret="tanstaaf")) as smtp,
    ):
        ports = (f"-DPOP3_PORT={pop3.port}", f"-DSMTP_PORT={smtp.port}")
        compile_application(installed.prefix, ports, tmp_path)
        printed = run(str(tmp_path / "application"))
        assert smtp.logins == [("LOGIN", b"mrose")]
    assert printed == "2 items, 60 octets\n48 octets forwarded\n"
    (mail,) = smtp.delivered
    body = b"Subject: one\r\n\r\n.a line that begins with a dot\r\n"
    assert mail.octets == HEADER % (b"green@example.com", b"mrose@example.com", b"Forwarded") + body
    assert len(pop3.maildrop.messages) == 1


def compile_application(prefix: Path, options: Sequence[str], folder: Path) -> None:
    include = prefix / "include"
    libraries = {path.parent for path in prefix.rglob("libmailc-core.*")}
    where = ["-I", str(include), "-I", str(include / "mailc-netx")]
    where += [f"-L{each}" for each in libraries]
    run(
        *("cc", *GCC, *options, "application.c", "-o", "application", *where),
        *(f"-lmailc-{name}" for name in LIBRARIES),
        *("-lssl", "-lcrypto", "-lpthread"),
        cwd=folder,
    )


STATUS = {
    "pop3.goal.retr-silence-in-body": 0x01,
    "pop3.goal.retr-closed": 0x38,
    "pop3.goal.fetch-missing-message": 0xB2,
    "pop3.goal.stat-refused": 0xB4,
    "pop3.goal.stat-unreadable": 0xB4,
    "pop3.goal.greeting-too-long": 0xB5,
    "smtp.goal.greeting-silence": 0x01,
    "smtp.goal.rcpt-closed": 0x38,
    "smtp.goal.send-8bit-not-offered": 0x4B,
    "smtp.goal.auth-not-offered": 0xA0,
    "smtp.goal.message-above-size": 0xA1,
    "smtp.goal.greeting-of-another-protocol": 0xA2,
    "smtp.goal.ehlo-then-421": 0xA4,
    "smtp.goal.greeting-refused": 0xA7,
    "smtp.goal.helo-refused-too": 0xA8,
    "smtp.goal.mail-refused": 0xA9,
    "smtp.goal.rcpt-refused": 0xAA,
    "smtp.goal.message-refused": 0xAB,
    "smtp.goal.data-refused": 0xAC,
    "smtp.goal.auth-refused-for-now": 0xAD,
    "smtp.goal.ehlo-then-surplus": 0xAE,
    "smtp.goal.message-closed": 0xAF,
    "smtp.goal.auth-challenge-not-base64": 0xB0,
    "smtp.goal.mail-reply-too-long": 0xB1,
}
"""Each status that a server can cause, and a goal case in which it does."""

STRICT = {"pop3.goal.apop-impossible-password-kept": 0xB3}


@pytest.fixture(scope="module", params=["netx", "netx-strict"])
def subject(request: pytest.FixtureRequest) -> Iterator[Subject]:
    one = load(request.param)
    one.start()
    yield one
    one.stop()


def test_a_goal_case_gives_each_status_that_a_server_can_cause(
    subject: Subject, tmp_path: Path
) -> None:
    wanted = STATUS | (STRICT if subject.name == "netx-strict" else {})
    traces = {trace.id: trace for trace in everything() if trace.goal is not None}
    given = {}
    for name in wanted:
        context = CaseContext(traces[name], subject, VARIANTS["whole"], 1, Verdict.FAIL)
        context.folder = tmp_path
        goal.play(context)
        given[name] = reported_status(subject)
    assert given == wanted


def reported_status(subject: Subject) -> int:
    """What the driver has told on stderr, which is read beside its answers."""
    stderr, end = "", time.monotonic() + LIMIT_S
    while "\n" not in stderr and time.monotonic() < end:
        stderr += subject.take_stderr()
    return int(stderr.split("status ")[1], 16)


def test_a_size_beyond_the_signed_numbers_is_told_by_its_digits(
    subject: Subject, tmp_path: Path
) -> None:
    sizes = (2**63 - 1, 2**63, 2**64 - 1)
    lists = [f"{number} {size}" for number, size in enumerate(sizes, 1)]
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as pool:
        replies = ["ready", "name", "in", "3 100", *lists, "bye"]
        answering = pool.submit(answer_each, listener, replies)
        args = {"host": "127.0.0.1", "port": listener.getsockname()[1], "timeout_ms": 5000}
        args |= {"login": "user", "user": "mrose", "secret": "tanstaaf"}
        answer = subject.goal("pop3.list", args, LIMIT_S, tmp_path)
        answering.result(LIMIT_S)
    assert answer.outcome == "ok"
    assert [int(size) for _, size in answer.value["items"]] == list(sizes)


def answer_each(listener: socket.socket, replies: Sequence[str]) -> None:
    """Answers each line of one client by the next reply; the first is the greeting."""
    listener.settimeout(LIMIT_S)
    connection, _ = listener.accept()
    connection.settimeout(LIMIT_S)
    with connection, connection.makefile("rb") as lines:
        for reply in replies:
            connection.sendall(f"+OK {reply}\r\n".encode())
            lines.readline()


def codes() -> list[str]:
    """The names of the status codes in the headers."""
    texts = [path.read_text("utf-8") for path in sorted((NETX / "include").rglob("nx*.h"))]
    found = re.findall(r"^#define (NX_\w+) 0x[0-9A-F]{2}\b", "\n".join(texts), re.MULTILINE)
    return [name for name in found if name != "NX_SUCCESS"]


@pytest.mark.parametrize("code", codes())
def test_each_status_code_has_a_test_of_its_name(code: str) -> None:
    tests = [path.read_text("utf-8") for path in (NETX / "test").glob("test_*.c")]
    assert re.search(rf"^ *TEST\({code}_[a-z]\w*\),?$", "\n".join(tests), re.MULTILINE)


def test_the_codes_are_those_of_the_guides() -> None:
    assert len(codes()) == 8 + 8 + 19
    assert (paths.SUBJECTS / "netx-strict.toml").is_file()
