"""Servers start, serve, and leave nothing behind."""

from __future__ import annotations

import os
import poplib
import shutil
import signal
import smtplib
import ssl
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from conformance.paths import PACKAGE
from real_servers import (
    SERVERS,
    Account,
    CannotStart,
    Dovecot,
    NeedsRoot,
    NotInstalled,
    Postfix,
    RealServer,
    namespace,
)
from real_servers.test.conftest import SECRET, started

WAIT_S = 15.0
MESSAGES = (b"Subject: one\r\n\r\n.\r\n..x\r\n", b"Subject: two\r\n\r\nno line ending")


def test_dovecot_serves_what_it_was_given(dovecot: Dovecot) -> None:
    dovecot.fill("tim", MESSAGES)
    client = poplib.POP3(dovecot.host, dovecot.ports["pop3"], timeout=WAIT_S)
    client.stls(ssl.create_default_context(cafile=str(dovecot.ca)))
    client.user("tim")
    client.pass_(SECRET)
    assert [b"\r\n".join(client.retr(n)[1]) for n in (1, 2)] == [
        MESSAGES[0].removesuffix(b"\r\n"),
        MESSAGES[1],
    ]
    client.quit()
    assert dovecot.mail_of("tim") == list(MESSAGES)


def test_postfix_delivers_to_dovecot(dovecot: Dovecot) -> None:
    dovecot.fill("mrose", ())
    with ExitStack() as stack:
        accounts = [Account("tim", SECRET)]
        postfix = started(stack, Postfix(accounts, dovecot.ports["lmtp"], needs_login=True))
        context = ssl.create_default_context(cafile=str(postfix.ca))
        with smtplib.SMTP(postfix.host, postfix.ports["smtp"], timeout=WAIT_S) as client:
            with pytest.raises(smtplib.SMTPRecipientsRefused):
                client.sendmail("a@b.example", ["mrose@c.example"], b"\r\n")
            client.starttls(context=context)
            client.login("tim", SECRET)
            client.sendmail("a@b.example", ["mrose@c.example"], b"X-One: 1\r\n\r\n..\r\n")
        deadline = time.monotonic() + WAIT_S
        while not (mail := dovecot.mail_of("mrose")) and time.monotonic() < deadline:
            time.sleep(0.02)
        folder = postfix.folder
    assert mail[0].endswith(b"\nX-One: 1\n\n..\n")
    assert not folder.exists()


def test_a_server_that_is_not_installed_is_one_sentence() -> None:
    class Missing(Dovecot):
        """One of whose programs is not there."""

        programs = ("/nonexistent/dovecot", "", "")

    with pytest.raises(NotInstalled) as caught:
        Missing().start()
    assert str(caught.value) == (
        "Dovecot is not installed (/nonexistent/dovecot is missing); run ./mailspec setup servers"
    )


def test_without_root_postfix_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(Postfix, "programs", ("/bin/sh",))
    with pytest.raises(NeedsRoot) as caught:
        Postfix().start()
    assert str(caught.value) == "Postfix needs the rights of root, so its tests need them, too"


def test_a_user_without_a_name_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, dovecot: Dovecot
) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000_000)
    with pytest.raises(NeedsRoot, match="^Dovecot needs a user and a group that have names"):
        Dovecot().start()
    assert dovecot.ports


def test_a_session_that_has_just_ended_may_make_its_folders_anew(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A session of the same user as the tests can do that."""
    server = Dovecot([Account("tim", SECRET)])
    server.folder = tmp_path
    server.fill("tim", MESSAGES[:1])
    (home,) = (tmp_path / "homes").iterdir()
    remove = shutil.rmtree

    def removed(path: Path, ignore_errors: bool) -> None:
        remove(path, ignore_errors)
        monkeypatch.setattr(shutil, "rmtree", remove)
        (home / "Maildir/cur").mkdir(parents=True)

    monkeypatch.setattr(shutil, "rmtree", removed)
    server.fill("tim", MESSAGES)
    assert server.mail_of("tim") == list(MESSAGES)


def test_a_server_that_ends_is_reported_with_its_log(dovecot: Dovecot) -> None:
    class Broken(Dovecot):
        """Its configuration is wrong."""

        def configure(self) -> None:
            super().configure()
            self.write("dovecot.conf", "no_such_setting = 1\n")

    broken = Broken()
    with pytest.raises(CannotStart, match="(?s)Dovecot did not start.*no_such_setting"):
        broken.start()
    assert not broken.folder.exists() and dovecot.ports


_HOLD = """\
import sys, time
from real_servers import Dovecot
with Dovecot() as server:
    print(server.folder, flush=True)
    time.sleep(60)
"""


def test_a_run_that_is_killed_leaves_no_server(dovecot: Dovecot) -> None:
    env = {"PYTHONPATH": str(PACKAGE.parent), "PATH": os.environ["PATH"]}
    run = [sys.executable, "-c", _HOLD]
    with subprocess.Popen(run, env=env, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        folder = Path(process.stdout.readline().strip())
        assert folder.is_dir() and folder != dovecot.folder
        process.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + WAIT_S
    while (folder.exists() or _processes_of(folder)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not folder.exists() and _processes_of(folder) == []


def _processes_of(folder: Path) -> list[str]:
    """Command lines that name the folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes()
        except OSError:
            continue
        if os.fsencode(folder) in words:
            found.append(words.decode("utf-8", "replace"))
    return found


def test_a_namespace_that_is_not_allowed_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(NeedsRoot, match="^Exim needs a mount namespace, which only root may make"):
        namespace.check("Exim")


def test_a_root_that_is_no_mount_point_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "unshare"
    program.write_text(
        "#!/bin/sh\n"
        "echo 'unshare: cannot change root filesystem propagation: Invalid argument' >&2\n"
        "exit 1\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(
        NeedsRoot, match="^Exim needs a mount namespace, .* no mount point; .* --bind"
    ):
        namespace.check("Exim")


def test_a_server_that_cannot_be_configured_leaves_nothing() -> None:
    class Broken(Dovecot):
        """Fails behind its folder and its first file."""

        programs = ("/bin/sh", "/bin/sh", "/bin/sh")

        def configure(self) -> None:
            self.write("dovecot.conf", "")
            raise KeyError("mail")

    server = Broken()
    with pytest.raises(KeyError):
        server.start()
    assert server.folder != Path() and not server.folder.exists()


@pytest.mark.parametrize("server", SERVERS)
def test_every_server_knows_what_it_needs(server: type[RealServer]) -> None:
    assert server.name and server.programs and server.services


def test_the_tests_of_a_server_that_is_not_installed_end_with_status_3(tmp_path: Path) -> None:
    """The packages that are only unpacked are missing in an empty folder."""
    env = {"PATH": os.environ["PATH"], "MAILSPEC_PACKAGES": str(tmp_path)}
    run = [sys.executable, "-m", "real_servers", "-q"]
    done = subprocess.run(
        run, cwd=PACKAGE.parent, env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (3, "")
    lines = done.stderr.splitlines()
    for name in ("Exim", "Mailutils", "OpenSMTPD"):
        (line,) = [line for line in lines if line.startswith(f"real_servers: {name} ")]
        assert line.endswith("is missing); run ./mailspec setup servers")
