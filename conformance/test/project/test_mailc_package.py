"""mailc as its users have it: installed under another prefix, moved, and found in three ways.

The page of README.md and the examples are built by each way and run against servers.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from conformance.test.project.mailc_examples import example, play_all, serving

ROOT = Path(__file__).parents[3]
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
    """Configured for /usr, installed under another prefix, and moved from there."""
    _cmake(ROOT, folder / "build", "-DCMAKE_INSTALL_PREFIX=/usr", *QUIET, *options)
    _run("cmake", "--install", folder / "build", "--prefix", folder / "first")
    return (folder / "first").rename(folder / "moved here")


@pytest.fixture(scope="module")
def static(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A prefix with static libraries."""
    return _install(tmp_path_factory.mktemp("static"))


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A prefix with shared libraries."""
    folder = tmp_path_factory.mktemp("shared")
    return _install(folder, "-DBUILD_SHARED_LIBS=ON", "-DCMAKE_INSTALL_LIBDIR=lib")


def _libdir(prefix: Path) -> Path:
    (modules,) = prefix.rglob("pkgconfig")
    return modules.parent


def _pkg_config(prefix: Path, *words: str) -> str:
    if shutil.which("pkg-config") is None:
        pytest.skip("pkg-config is not installed")
    return _run("pkg-config", *words, PKG_CONFIG_PATH=str(_libdir(prefix) / "pkgconfig"))


def _flags(prefix: Path, *modules: str) -> list[str]:
    """What the compiler needs: as pkg-config gives it, and never asked for with --static."""
    flags = shlex.split(_pkg_config(prefix, "--cflags", "--libs", *modules))
    return [*flags, f"-Wl,-rpath,{_libdir(prefix)}"]


def _page(folder: Path) -> Path:
    """The program of README.md."""
    block = re.search(r"```c\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    assert block is not None
    source = folder / "page.c"
    source.write_text(block[1], "utf-8")
    return source


def _play_page(program: Path) -> None:
    with serving("pop3", "implicit") as server:
        assert example(program, "127.0.0.1", server.port, "mrose") == "2 messages\n"


@pytest.fixture(params=["static", "shared"])
def prefix(request: pytest.FixtureRequest) -> Path:
    """Each kind of library."""
    made: Path = request.getfixturevalue(request.param)
    return made


def _project(folder: Path, how: str) -> Path:
    """The page of README.md and the examples as a project that has mailc in this way."""
    shutil.copytree(CLIENT / "examples", folder / "examples")
    page = _page(folder)
    (folder / "CMakeLists.txt").write_text(
        f"cmake_minimum_required(VERSION 3.25)\nproject(user LANGUAGES C)\n{how}\n"
        f"add_subdirectory(examples)\nadd_executable(page {page.name})\n"
        "target_compile_options(page PRIVATE -std=c11 -Wall -Wextra -Werror)\n"
        "target_link_libraries(page PRIVATE mailc::pump mailc::tcp mailc::openssl)\n",
        "ascii",
    )
    return folder


def test_find_package_gives_the_targets(prefix: Path, tmp_path: Path) -> None:
    """Every part that was built is a component, and one that was not is missed."""
    source = _project(
        tmp_path, "find_package(mailc REQUIRED COMPONENTS core pump tcp openssl netx)"
    )
    found = f"-DCMAKE_PREFIX_PATH={prefix}"
    _cmake(source, tmp_path / "build", found, "-DCMAKE_C_FLAGS=-Werror")
    _play_page(tmp_path / "build/page")
    play_all(tmp_path / "build/examples", tmp_path / "maildir")
    lists = source / "CMakeLists.txt"
    lists.write_text(lists.read_text("ascii").replace("openssl netx", "gnutls"), "ascii")
    done = subprocess.run(["cmake", "-S", source, "-B", tmp_path / "build"], capture_output=True)
    assert done.returncode != 0 and b"gnutls" in done.stderr


def test_pkg_config_gives_the_flags(prefix: Path, tmp_path: Path) -> None:
    """The page of README.md and the examples, compiled by hand as README.md says."""
    modules = re.search(r"pkg-config --cflags --libs ([\w -]+)", (ROOT / "README.md").read_text())
    assert modules is not None
    flags = _flags(prefix, *modules[1].split())
    common = ("cc", "-std=c11", "-D_POSIX_C_SOURCE=200809L", "-Wall", "-Werror")
    _run(*common, _page(tmp_path), *flags, "-o", tmp_path / "page")
    _play_page(tmp_path / "page")
    for name in EXAMPLES:
        sources = [CLIENT / "examples" / f"{each}.c" for each in (name, "connection")]
        _run(*common, *sources, *flags, "-o", tmp_path / name)
    play_all(tmp_path, tmp_path / "maildir")


USES = {
    "core": ("pop3.h", "return !mailc_pop3_init(NULL, 0, NULL)"),
    "pump": ("pop3_pump.h", "return !mailc_pop3_pump_quit(NULL)"),
    "tcp": ("posix_tcp.h", "struct mailc_posix_tcp tcp; mailc_posix_tcp_init(&tcp)"),
    "openssl": ("tls_openssl.h", "return !mailc_tls_openssl_init(NULL, NULL, NULL)"),
    "mbedtls": ("tls_mbedtls.h", "return !mailc_tls_mbedtls_init(NULL, NULL, NULL)"),
}
"""A header of each module of pkg-config and what a program does with it."""


@pytest.mark.parametrize("name", USES)
def test_a_module_alone_links_what_it_has(name: str, prefix: Path, tmp_path: Path) -> None:
    if not (_libdir(prefix) / f"pkgconfig/mailc-{name}.pc").is_file():
        pytest.skip(f"mailc-{name} is not built here")
    header, body = USES[name]
    source = tmp_path / "main.c"
    source.write_text(
        f"#include <mailc/{header}>\n#include <stddef.h>\n" f"int main(void) {{ {body}; }}\n",
        "ascii",
    )
    program = tmp_path / "main"
    _run("cc", "-std=c11", "-Werror", source, *_flags(prefix, f"mailc-{name}"), "-o", program)
    _run(program)


def test_an_application_of_netx_needs_one_module(prefix: Path, tmp_path: Path) -> None:
    """Its program is linked whole; test_netx.py runs it."""
    source = CLIENT / "netx/test/application.c"
    ports = ("-DPOP3_PORT=1", "-DSMTP_PORT=1")
    _run("cc", *ports, source, *_flags(prefix, "mailc-netx"), "-o", tmp_path / "application")
    assert "not found" not in _run("ldd", tmp_path / "application")


def test_each_module_describes_itself(prefix: Path) -> None:
    """No two descriptions are the same, and no path of the build stands in a module."""
    modules = sorted((_libdir(prefix) / "pkgconfig").glob("*.pc"))
    assert {"mailc-core", "mailc-pump", "mailc-tcp"} <= {path.stem for path in modules}
    described = []
    for path in modules:
        text = path.read_text("utf-8")
        assert str(prefix.parent) not in text and "/usr/include" not in text
        _pkg_config(prefix, "--validate", path.stem)
        (place,) = shlex.split(_pkg_config(prefix, "--variable=prefix", path.stem))
        assert Path(place).samefile(prefix)
        described += re.findall(r"^Description: (.+)$", text, re.MULTILINE)
    assert len(set(described)) == len(modules)


def test_no_header_lies_where_it_would_hide_another(prefix: Path) -> None:
    """The headers of NetX have names that a target's own have, too."""
    names = {path.name for path in (prefix / "include").iterdir()}
    assert names == {"mailc", "mailc-netx"}
    assert (prefix / "include/mailc-netx/nx_api.h").is_file()


@pytest.mark.parametrize("kind", ["static", "shared"])
def test_a_subdirectory_gives_the_same_targets(kind: str, tmp_path: Path) -> None:
    """add_subdirectory() of the whole project: libraries only, and none of its own programs."""
    source = _project(tmp_path, f"add_subdirectory({ROOT} mailc)")
    is_shared = "ON" if kind == "shared" else "OFF"
    _cmake(source, tmp_path / "build", f"-DBUILD_SHARED_LIBS={is_shared}")
    assert not (tmp_path / "build/mailc/client/mailc-driver").exists()
    _play_page(tmp_path / "build/page")
    play_all(tmp_path / "build/examples", tmp_path / "maildir")


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
