"""mailc as its users have it: installed, found in three ways, its examples run against servers."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fake_servers import tls
from fake_servers.delivery import VARIANTS
from fake_servers.log import EventLog
from fake_servers.reactive import open_server
from fake_servers.reactive.server import ReactiveServer
from fake_servers.trace.parser import parse_text
from fake_servers.trace.template import Bindings

ROOT = Path(__file__).parents[2]
CLIENT = ROOT / "client"
EXAMPLES = ("list_mailbox", "fetch_all", "send_message", "event_loop")
LIMIT_S = 240
QUIET = ("-DMAILC_TOOLS=OFF", "-DMAILC_TESTS=OFF", "-DMAILC_EXAMPLES=OFF")

pytestmark = [
    pytest.mark.skipif(not CLIENT.is_dir(), reason="mailc is in the clone only"),
    pytest.mark.skipif(shutil.which("cmake") is None, reason="CMake is not installed"),
    pytest.mark.timeout(2 * LIMIT_S),
    pytest.mark.xdist_group("mailc-package"),
]


def _run(*command: str | Path, **env: str) -> str:
    done = subprocess.run(
        [str(word) for word in command],
        env=os.environ | env,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return done.stdout


def _cmake(source: Path, build: Path, *options: str) -> None:
    _run("cmake", "-S", source, "-B", build, "-DCMAKE_BUILD_TYPE=Release", *options)
    _run("cmake", "--build", build, "--parallel", "2")


def _install(folder: Path, *options: str) -> Path:
    prefix = folder / "prefix"
    _cmake(ROOT, folder / "build", f"-DCMAKE_INSTALL_PREFIX={prefix}", *QUIET, *options)
    _run("cmake", "--install", folder / "build")
    return prefix


@pytest.fixture(scope="module")
def static(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A prefix with static libraries."""
    return _install(tmp_path_factory.mktemp("static"))


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A prefix with shared libraries."""
    folder = tmp_path_factory.mktemp("shared")
    return _install(folder, "-DBUILD_SHARED_LIBS=ON", "-DCMAKE_INSTALL_LIBDIR=lib")


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
def _server(protocol: str, begin: str, cert: str = "good") -> Iterator[ReactiveServer]:
    lines = f"id: {protocol}.goal.example\ntitle: An example\n{GOALS[protocol]}\n"
    lines += SERVER.format("USER" if protocol == "pop3" else "", begin, cert)
    trace = parse_text(f"{lines}\n\n{DATA[protocol]}R: ok\n", Path("example.trace"))
    server = open_server(trace, EventLog(), VARIANTS["whole"], Bindings(1, trace.id))
    with server:
        yield server
    assert server.failure is None


def _start(program: Path, *words: object, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(program), *map(str, words)],
        env=os.environ | {"MAIL_SECRET": "tanstaaf", "SSL_CERT_FILE": str(tls.ca_file())},
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def _example(program: Path, *words: object, stdin: str = "") -> str:
    done = _start(program, *words, stdin=stdin)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _play_all(folder: Path, maildir: Path) -> None:
    """Every example, by each of its ways to TLS, and against a server of another name."""
    _play_pop3(folder, maildir)
    for mode, begin in (("tls", "implicit"), ("starttls", "starttls")):
        with _server("smtp", begin) as server:
            words = (mode, "127.0.0.1", server.port, "mrose", "a@b.example")
            to = ("c@d.example", "e@f.example")
            _example(folder / "send_message", *words, *to, stdin="Subject: hi\n\n.\nlast")
            (delivered,) = server.delivered
        assert delivered.octets == b"Subject: hi\r\n\r\n.\r\nlast\r\n"
        assert list(delivered.rcpt_to) == [each.encode() for each in to]
    _play_wrong_name(folder)


def _play_pop3(folder: Path, maildir: Path) -> None:
    for name in ("tmp", "new", "cur"):
        (maildir / name).mkdir(parents=True)
    for mode, begin in (("tls", "implicit"), ("stls", "starttls")):
        with _server("pop3", begin) as server:
            words = (mode, "127.0.0.1", server.port, "mrose")
            listed = _example(folder / "list_mailbox", *words).splitlines()
        assert [line.split()[0] for line in listed] == ["1", "2"]
        with _server("pop3", begin) as server:
            _example(folder / "fetch_all", mode, "127.0.0.1", server.port, "mrose", maildir)
        fetched = sorted(path.read_bytes() for path in (maildir / "new").iterdir())
        assert fetched == [b"Subject: one\n\n.dot\n", b"Subject: two\n"]
        assert list((maildir / "tmp").iterdir()) == []
        for path in (maildir / "new").iterdir():
            path.unlink()
    with _server("pop3", "implicit") as server:
        assert _example(folder / "event_loop", "127.0.0.1", server.port, "mrose") == "2 messages\n"


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
        with _server(protocol, begin, "wrong-name") as server:
            words = (*mode, "127.0.0.1", server.port, "mrose", *behind)
            done = _start(folder / name, *words)
        assert done.returncode == 1
        assert "certificate is not trusted or not for this host" in done.stderr


@pytest.fixture(params=["static", "shared"])
def prefix(request: pytest.FixtureRequest) -> Path:
    """Each kind of library."""
    made: Path = request.getfixturevalue(request.param)
    return made


def test_find_package_gives_the_targets(prefix: Path, tmp_path: Path) -> None:
    """The examples as a project of their own, every one run."""
    source = tmp_path / "source"
    shutil.copytree(CLIENT / "examples", source)
    _cmake(source, tmp_path / "build", f"-DCMAKE_PREFIX_PATH={prefix}", "-DCMAKE_C_FLAGS=-Werror")
    _play_all(tmp_path / "build", tmp_path / "maildir")


def test_pkg_config_gives_the_flags(prefix: Path, tmp_path: Path) -> None:
    """The examples compiled by hand, every one run."""
    if shutil.which("pkg-config") is None:
        pytest.skip("pkg-config is not installed")
    (libraries,) = prefix.glob("lib*/**/pkgconfig")
    is_shared = (libraries.parent / "libmailc-core.so").exists()
    kind = () if is_shared else ("--static",)
    modules = ("mailc-pump", "mailc-tcp", "mailc-openssl")
    path = {"PKG_CONFIG_PATH": str(libraries)}
    flags = _run("pkg-config", "--cflags", "--libs", *kind, *modules, **path).split()
    for name in EXAMPLES:
        sources = [CLIENT / "examples" / f"{each}.c" for each in (name, "connection")]
        rpath = f"-Wl,-rpath,{libraries.parent}"
        _run(
            "cc", "-std=c11", "-D_POSIX_C_SOURCE=200809L", "-Wall", "-Werror", *sources, *flags,
            rpath, "-o", tmp_path / name,
        )  # fmt: skip
    _play_all(tmp_path, tmp_path / "maildir")


@pytest.mark.parametrize("kind", ["static", "shared"])
def test_a_subdirectory_gives_the_same_targets(kind: str, tmp_path: Path) -> None:
    """add_subdirectory() of the whole project: libraries only, the examples, the README's."""
    block = re.search(r"```c\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    assert block is not None
    shutil.copytree(CLIENT / "examples", tmp_path / "examples")
    (tmp_path / "main.c").write_text(block[1], "utf-8")
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.25)\nproject(user LANGUAGES C)\n"
        f"add_subdirectory({ROOT} mailc)\nadd_subdirectory(examples)\n"
        "add_executable(example main.c)\n"
        "target_compile_options(example PRIVATE -std=c11 -Wall -Wextra -Werror)\n"
        "target_link_libraries(example PRIVATE mailc::pump mailc::tcp mailc::openssl)\n",
        "ascii",
    )
    is_shared = "ON" if kind == "shared" else "OFF"
    _cmake(tmp_path, tmp_path / "build", f"-DBUILD_SHARED_LIBS={is_shared}")
    assert not (tmp_path / "build/mailc/client/mailc-driver").exists()
    with _server("pop3", "implicit") as server:
        told = _example(tmp_path / "build/example", "127.0.0.1", server.port, "mrose")
    assert told == "2 messages\n"
    _play_all(tmp_path / "build/examples", tmp_path / "maildir")


@pytest.mark.parametrize("name", [*EXAMPLES, "connection"])
def test_an_example_is_read_at_a_glance(name: str) -> None:
    """At most 100 lines."""
    assert len((CLIENT / "examples" / f"{name}.c").read_text("utf-8").splitlines()) <= 100


def test_a_shared_library_shows_the_api_only(shared: Path) -> None:
    """What is not declared in a public header has no version, or that of our own libraries."""
    public = set()
    for header in (shared / "include/mailc").glob("*.h"):
        public |= set(re.findall(r"\bmailc_\w+", header.read_text("utf-8")))
    for library in ("core", "pump", "tcp", "openssl"):
        file = shared / f"lib/libmailc-{library}.so"
        rows = [line.split() for line in _run("nm", "-D", "--defined-only", file).splitlines()]
        names = [row[2].split("@@") for row in rows if row[1] != "A"]
        assert names and all(len(name) == 2 for name in names)
        shown = [name for name, version in names if version == "MAILC_0"]
        assert [name for name in shown if name not in public] == []
        private = [version for _, version in names if version != "MAILC_0"]
        assert all(version.startswith("MAILC_PRIVATE_") for version in private)


def test_a_c_project_runs_the_suite_from_its_own_ctest(static: Path, tmp_path: Path) -> None:
    """mailspec_add_conformance() makes a test of a driver; a bad driver fails it."""
    (tmp_path / "driver.c").write_text("int main(void) { return 3; }\n", "ascii")
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.25)\nproject(user LANGUAGES C)\nenable_testing()\n"
        "find_package(mailc REQUIRED)\nadd_executable(driver driver.c)\n"
        "add_executable(mailc-driver IMPORTED)\n"
        f"set_target_properties(mailc-driver PROPERTIES IMPORTED_LOCATION {_driver()})\n"
        "mailspec_add_conformance(NAME good DRIVER mailc-driver ARGS pop3.noop.*)\n"
        "mailspec_add_conformance(NAME bad DRIVER driver ARGS pop3.noop.*)\n",
        "ascii",
    )
    options = (f"-DCMAKE_PREFIX_PATH={static}", f"-DMAILSPEC_COMMAND={ROOT / 'mailspec'}")
    _cmake(tmp_path, tmp_path / "build", *options)
    _run("ctest", "--test-dir", tmp_path / "build", "-R", "good", "--no-tests=error")
    assert (tmp_path / "build/good/results.json").is_file()
    done = subprocess.run(["ctest", "--test-dir", tmp_path / "build", "-R", "bad"], check=False)
    assert done.returncode != 0


def _driver() -> Path:
    from conformance.subject import load

    subject = load("mailc")
    subject.start()
    subject.stop()
    return ROOT / "build/mailc/client/mailc-driver"
