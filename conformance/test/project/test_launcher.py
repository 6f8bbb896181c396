"""The launcher, with stand-ins for the programs that would change the machine."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from conformance.cli.own import SETUPS

LAUNCHER = Path(__file__).parents[3] / "mailspec"
COMMANDS = LAUNCHER.parent / "conformance/cli/commands.txt"
REAL_PROGRAMS = ("sh", "dirname", "readlink", "tr", "env", "date")
pytestmark = pytest.mark.skipif(not LAUNCHER.is_file(), reason="the launcher is not installed")


@dataclass(frozen=True)
class Machine:
    """A folder of programs that is all that the launcher finds on its PATH."""

    bin: Path

    def program(self, name: str, script: str) -> None:
        path = self.bin / name
        path.unlink(missing_ok=True)  # never through a link to the machine's own program
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


def apt_calls(machine: Machine) -> str:
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


@pytest.fixture(name="bare")
def _bare(tmp_path: Path) -> Path:
    """The launcher of a clone on a machine that has no Python."""
    clone = tmp_path / "clone"
    (clone / "conformance/cli").mkdir(parents=True)
    shutil.copy(COMMANDS, clone / "conformance/cli")
    shutil.copy(LAUNCHER.parent / "pyproject.toml", clone)
    text = LAUNCHER.read_text("utf-8").replace("/usr/bin/python3", "/nonexistent/python3")
    launcher = clone / "mailspec"
    launcher.write_text(text, "utf-8")
    launcher.chmod(0o755)
    return launcher


PRINTING = [
    ("--help",),
    ("test", "--help"),
    ("run", "-h"),
    ("setup", "--help"),
    ("setup", "ci", "--help"),
    ("strength", "--version"),
    ("run", "--subject", "mailc-mbedtls", "--help"),
    ("--version",),
    ("completion", "bash"),
]


@pytest.mark.parametrize("args", PRINTING)
def test_what_only_prints_installs_nothing(machine: Machine, args: tuple[str, ...]) -> None:
    machine.program("id", "echo 0")
    done = machine.run(*args)
    assert (done.returncode, done.stderr) == (0, "")
    assert "mailspec" in done.stdout
    assert not (machine.bin.parent / "apt").exists()


@pytest.mark.parametrize("args", [(), ("rnu",), ("--bogus",)])
def test_what_cannot_be_followed_installs_nothing(machine: Machine, args: tuple[str, ...]) -> None:
    machine.program("id", "echo 0")
    done = machine.run(*args)
    assert done.returncode == 2
    assert not (machine.bin.parent / "apt").exists()


@pytest.mark.parametrize("args", [*PRINTING, (), ("rnu",), ("--bogus",)])
def test_without_python_nothing_is_installed_either(
    machine: Machine, bare: Path, args: tuple[str, ...]
) -> None:
    machine.program("id", "echo 0")
    done = machine.run(*args, launcher=bare)
    helped = any(word in ("-h", "--help", "--version") for word in args)
    assert done.returncode == (0 if helped else 3 if "completion" in args else 2)
    assert "mailspec" in done.stdout + done.stderr
    assert not (machine.bin.parent / "apt").exists()


def test_without_python_the_help_is_short_and_useful(machine: Machine, bare: Path) -> None:
    rows = [line.split(maxsplit=1) for line in COMMANDS.read_text("utf-8").splitlines()]
    printed = machine.run("--help", launcher=bare).stdout
    for name, text in rows:
        assert f"  {name:<12} {text}\n" in printed
        one = machine.run(name, "--help", launcher=bare).stdout
        assert one.startswith(f"usage: mailspec {name} [ARGUMENT ...]\n\n{text}\n")
        assert "'./mailspec setup run' installs one" in one
    assert machine.run(launcher=bare).stdout == printed
    assert machine.run("rnu", launcher=bare).stderr.startswith("mailspec: unknown command 'rnu'")
    version = machine.run("run", "--version", launcher=bare).stdout
    assert version == machine.run("--version").stdout


def test_what_a_command_does_not_need_is_not_asked_for(machine: Machine) -> None:
    assert machine.run("setup", "run").returncode == 0


def test_an_unknown_kind_of_setup_is_a_usage_error(machine: Machine) -> None:
    done = machine.run("setup", "everything")
    assert done.returncode == 2
    assert (
        done.stderr
        == "mailspec: setup knows run, page, mailc, mbedtls, board, test, ci, clients and servers, not everything\n"
    )


def test_the_kinds_of_setup_in_the_help_are_those_that_the_launcher_knows() -> None:
    known = re.search(r"setup knows (.+), not \$needs", LAUNCHER.read_text("utf-8"))
    assert known is not None
    assert tuple(re.split(", | and ", known[1])) == SETUPS


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
    install = apt_calls(machine).splitlines()[-1]
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
    assert "that failed; trying once more with new lists of packages" in done.stderr


APT = """\
case $1 in update) exit 0 ;; esac
echo "Setting up" # what nobody wants to read
for percent in 0.0 10 26.5 49 74 75 100.0; do
    echo "dlstatus:1:$percent:Retrieving file 1 of 7" >&3
done
echo "pmstatus:make:50.0:Unpacking make (amd64)" >&3
echo "pmstatus:dpkg-exec:50.0:Running dpkg" >&3
{exit}
"""


@pytest.mark.skipif(not on_debian(), reason="apt-get is Debian's and Ubuntu's")
def test_an_installation_says_what_it_does_and_how_far_it_is(machine: Machine) -> None:
    machine.program("id", "echo 0")
    compiler = "; ".join(f"echo >'{machine.bin}/{name}'" for name in ("cc", "make"))
    machine.program("apt-get", APT.format(exit=compiler))
    done = machine.run("setup", "mailc")
    assert done.stdout == ""
    first, *steps, last, _ = done.stderr.splitlines()
    assert first.startswith("mailspec: installing ")
    assert "build-essential cmake" in first and "which can take some minutes" in first
    assert steps == [
        f"mailspec: {step}"
        for step in (
            "downloading, 25%",
            "downloading, 50%",
            "downloading, 75%",
            "downloading, 100%",
            "installing, 50%",
        )
    ]
    assert last.startswith("mailspec: installed in ") and last.endswith(" s")


@pytest.mark.skipif(not on_debian(), reason="apt-get is Debian's and Ubuntu's")
def test_the_status_of_the_installation_is_not_lost(machine: Machine) -> None:
    machine.program("id", "echo 0")
    machine.program("apt-get", APT.format(exit="exit 100"))
    done = machine.run("setup", "mailc")
    assert done.returncode == 3
    assert "the packages could not be installed: build-essential" in done.stderr
    assert "installed in" not in done.stderr


@pytest.mark.skipif(not on_debian(), reason="apt-get is Debian's and Ubuntu's")
def test_ci_has_the_languages_of_the_templates(machine: Machine) -> None:
    machine.program("id", "echo 0")
    machine.run("setup", "ci")
    install = apt_calls(machine).splitlines()[-1].split()
    assert {"build-essential", "golang-go", "nodejs", "perl", "curl"} <= set(install)


CLIENT = 'name = "{name}"\npackage = "{package}"\n'


@pytest.fixture(name="clone")
def _clone(bare: Path) -> Path:
    """A launcher with two subjects: of one an installed and a missing package, of one to unpack."""
    folder = bare.parent / "conformance/subjects"
    folder.mkdir()
    (folder / "one.toml").write_text(CLIENT.format(name="one", package="perl getmail6"))
    text = CLIENT.format(name="two", package="dma getmail6") + 'unpack = "dma"\n'
    (folder / "two.toml").write_text(text)
    bare.write_text(LAUNCHER.read_text("utf-8"), "utf-8")
    return bare


QUERY = """\
for package; do :; done
[ "$package" != perl ] || echo install ok installed"""


@pytest.mark.skipif(not on_debian(), reason="apt-get is Debian's and Ubuntu's")
def test_clients_that_conflict_are_unpacked_and_the_rest_installed(
    machine: Machine, clone: Path
) -> None:
    machine.program("id", "echo 0")
    for name in ("mkdir", "mv", "rm", "touch"):
        machine.program(name, f'exec {shutil.which(name)} "$@"')
    log = machine.bin.parent / "apt"
    machine.program("apt-get", f'echo "$@" >>"{log}"; [ "$1" != download ] || touch dma_1.deb')
    machine.program("apt-cache", "echo Package: x")
    machine.program("dpkg-query", f'[ ! -e "{log}" ] || echo install ok installed\n{QUERY}')
    machine.program("dpkg", '/bin/mkdir -p "$3/usr/sbin"; echo "$1" >"$3/usr/sbin/dma"')
    done = machine.run("setup", "clients", launcher=clone)
    assert done.returncode == 0, done.stderr
    assert log.read_text("utf-8").splitlines()[-2:] == [
        "install -y -qq --no-install-recommends getmail6 -o APT::Status-Fd=3",
        "download -qq dma",
    ]
    assert (clone.parent / "build/packages/dma/usr/sbin/dma").is_file()
    assert not (clone.parent / "build/packages/.new").exists()
    assert machine.run("setup", "clients", launcher=clone).stderr == ""  # all is there


@pytest.fixture(name="serverless")
def _serverless(machine: Machine, tmp_path: Path) -> Path:
    """The launcher of a clone for root, which takes no file of the machine for a server."""
    (tmp_path / "clone/conformance/cli").mkdir(parents=True)
    shutil.copy(COMMANDS, tmp_path / "clone/conformance/cli")
    text = LAUNCHER.read_text("utf-8")
    text = text.replace("/usr/sbin/", f"{tmp_path}/sbin/").replace("/usr/lib/", f"{tmp_path}/lib/")
    (tmp_path / "sbin").mkdir()
    launcher = tmp_path / "clone/mailspec"
    launcher.write_text(text, "utf-8")
    launcher.chmod(0o755)
    machine.program("id", "echo 0")
    for name in ("cat", "chmod", "grep", "rm"):
        machine.program(name, f'exec {shutil.which(name)} "$@"')
    for name in ("update-rc.d", "debconf-set-selections"):
        machine.program(name, f'echo "{name} $* $([ -t 0 ] || cat)" >>"{tmp_path}/apt"')
    return launcher


@pytest.mark.skipif(not on_debian(), reason="apt-get is Debian's and Ubuntu's")
@pytest.mark.parametrize("status", [0, 1])
def test_servers_are_installed_and_never_started(
    machine: Machine, serverless: Path, status: int
) -> None:
    folder = machine.bin.parent
    machine.program(
        "apt-get", f'echo "$*; $(cat "{folder}/sbin/policy-rc.d")" >>"{folder}/apt"; exit {status}'
    )
    done = machine.run("setup", "servers", launcher=serverless)
    assert done.returncode == 3
    said = "another mail server" if status else "still missing after the installation: "
    assert said in done.stderr
    calls = apt_calls(machine)
    assert "debconf-set-selections  postfix postfix/main_mailer_type select No config" in calls
    assert "-y -qq --no-install-recommends --no-remove " in calls
    assert "dovecot-pop3d dovecot-lmtpd postfix sasl2-bin libsasl2-modules" in calls
    assert "#!/bin/sh\nexit 101" in calls, "invoke-rc.d starts nothing"
    for name in ("postfix", "dovecot", "saslauthd"):
        assert f"update-rc.d {name} disable" in calls
    assert not (folder / "sbin/policy-rc.d").exists()


@pytest.mark.skipif(not on_debian(), reason="apt-get is Debian's and Ubuntu's")
def test_servers_that_are_there_stay_as_they_are(machine: Machine, serverless: Path) -> None:
    folder = machine.bin.parent
    for name in ("postfix", "dovecot", "policy-rc.d"):
        (folder / "sbin" / name).write_text("the user's own", "utf-8")
    machine.run("setup", "servers", launcher=serverless)
    calls = apt_calls(machine)
    assert "postfix disable" not in calls and "dovecot disable" not in calls
    assert "debconf" not in calls
    assert (folder / "sbin/policy-rc.d").read_text("utf-8") == "the user's own"


@pytest.mark.skipif(not on_debian(), reason="apt-get is Debian's and Ubuntu's")
@pytest.mark.parametrize("other", [False, True])
def test_a_client_that_is_part_of_a_server_does_not_start_it(
    machine: Machine, serverless: Path, other: bool
) -> None:
    subjects = serverless.parent / "conformance/subjects"
    subjects.mkdir()
    (subjects / "one.toml").write_text(CLIENT.format(name="one", package="postfix swaks"))
    if other:
        (machine.bin.parent / "sbin/sendmail").touch()
    machine.program("apt-cache", "echo Package: x")
    machine.program("dpkg-query", "")
    done = machine.run("setup", "clients", launcher=serverless)
    calls = apt_calls(machine)
    assert ("postfix conflicts with the mail server of this system" in done.stderr) is other
    assert ("--no-remove postfix swaks" in calls) is not other
    assert ("update-rc.d postfix disable" in calls) is not other
    assert not (machine.bin.parent / "sbin/policy-rc.d").exists()
