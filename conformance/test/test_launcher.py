"""The launcher, with stand-ins for the programs that would change the machine."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

LAUNCHER = Path(__file__).parents[2] / "mailspec"
REAL_PROGRAMS = ("sh", "dirname", "readlink", "tr", "env")
pytestmark = pytest.mark.skipif(not LAUNCHER.is_file(), reason="the launcher is not installed")


@dataclass(frozen=True)
class Machine:
    """A folder of programs that is all that the launcher finds on its PATH."""

    bin: Path

    def program(self, name: str, script: str) -> None:
        path = self.bin / name
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    def run(self, *args: str, launcher: Path = LAUNCHER) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(launcher), *args],
            env={"PATH": str(self.bin), "HOME": "/nonexistent"},
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )


@pytest.fixture(name="machine")
def _machine(tmp_path: Path) -> Machine:
    """A machine of an ordinary user that has Python and its modules, and no compiler."""
    machine = Machine(tmp_path / "bin")
    machine.bin.mkdir()
    for name in REAL_PROGRAMS:
        found = shutil.which(name)
        assert found is not None
        (machine.bin / name).symlink_to(found)
    machine.program("id", "echo 1000")
    machine.program("apt-get", f'echo "$@" >>"{tmp_path}/apt"')
    return machine


def told_apt(machine: Machine) -> str:
    return (machine.bin.parent / "apt").read_text("utf-8")


def test_it_runs_from_anywhere_through_links_with_blanks(tmp_path: Path) -> None:
    middle = tmp_path / "a place"
    middle.mkdir()
    (middle / "second").symlink_to(LAUNCHER)
    (middle / "first link").symlink_to("second")
    done = subprocess.run(
        [str(middle / "first link"), "--version"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("mailspec ")


def test_what_a_command_does_not_need_is_not_asked_for(machine: Machine) -> None:
    assert machine.run("setup", "run").returncode == 0


def test_an_unknown_kind_of_setup_is_a_usage_error(machine: Machine) -> None:
    done = machine.run("setup", "everything")
    assert done.returncode == 2
    assert done.stderr == "mailspec: setup knows run, mailc, mbedtls, test and ci, not everything\n"


MBEDTLS_RUN = ("run", "--subject", "mailc-mbedtls")


@pytest.mark.parametrize(
    "args", [("run",), ("run", "pop3.*"), ("test",), ("setup", "mailc"), MBEDTLS_RUN]
)
def test_without_root_and_sudo_it_prints_the_command(
    machine: Machine, args: tuple[str, ...]
) -> None:
    done = machine.run(*args)
    assert done.returncode == 3
    (line,) = done.stderr.splitlines()
    assert "cmake" in line and "libjansson-dev" in line
    assert ("lcov" in line) == (args == ("test",))
    assert ("libmbedtls-dev" in line) == (args in (("test",), MBEDTLS_RUN))


def test_without_a_terminal_sudo_is_not_asked_for(machine: Machine) -> None:
    machine.program("sudo", "exit 1")
    done = machine.run("run")
    assert done.returncode == 3
    assert "as root, run: " in done.stderr or "package manager" in done.stderr


def on_debian() -> bool:
    return Path("/etc/debian_version").is_file() and os.access("/usr/bin/apt-get", os.X_OK)


@pytest.mark.skipif(not on_debian(), reason="apt-get is Debian's and Ubuntu's")
@pytest.mark.parametrize("as_root", [True, False])
def test_root_installs_at_once_and_sudo_after_yes(machine: Machine, as_root: bool) -> None:
    machine.program("id", "echo 0" if as_root else "echo 1000")
    machine.program("sudo", 'exec "$@"')
    done = machine.run("setup", "mailc", *([] if as_root else ["--yes"]))
    assert done.returncode == 3
    assert "still missing after the installation: " in done.stderr
    install = told_apt(machine).splitlines()[-1]
    assert install.startswith("install -y -qq --no-install-recommends build-essential cmake")


@pytest.mark.skipif(not on_debian(), reason="apt-get is Debian's and Ubuntu's")
def test_a_failed_installation_is_tried_once_more_with_new_lists(machine: Machine) -> None:
    machine.program("id", "echo 0")
    log = machine.bin.parent / "apt"
    machine.program("apt-get", f'echo "$1" >>"{log}"; [ "$1" = update ]')
    done = machine.run("run")
    assert done.returncode == 3
    assert "the packages could not be installed: build-essential" in done.stderr
    assert log.read_text("utf-8").split()[-3:] == ["install", "update", "install"]
