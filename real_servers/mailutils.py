"""The POP3 server of GNU Mailutils: USER, APOP and STLS, written by other people than Dovecot.

It serves the accounts of the system, so it runs in a mount namespace that has some more. A user
with a secret for APOP cannot log in by USER: `apop` says which way the accounts have.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from real_servers import namespace
from real_servers.account import TIM, Account
from real_servers.server import HOST, PACKAGES, RealServer

FIRST_USER = 64900
TOOL_S = 10.0
_FOLDER = PACKAGES / "mailutils-pop3d" / "usr"
PROGRAM = str(_FOLDER / "sbin/pop3d")
POPAUTH = str(_FOLDER / "bin/popauth")

_CONFIGURATION = """\
mode daemon;
foreground yes;
max-children 50;
timeout 60;
apop-database-file "{folder}/apop.db";
apop-database-owner root;
apop-database-safety none;
auth {{ authentication "generic:system"; authorization "system"; }};
logging {{ syslog no; }};
tls {{ ssl-certificate-file "{certificate}"; ssl-key-file "{key}"; }};
tls-mode ondemand;
server {host}:{pop3} {{ }};
"""


class Mailutils(RealServer):
    """POP3 (`pop3`, with STLS); login by USER or, with `apop`, by APOP."""

    name = "Mailutils"
    programs = (PROGRAM, POPAUTH)
    services = ("pop3",)
    needs_root = True

    def __init__(self, accounts: Sequence[Account] = (TIM,), apop: bool = False) -> None:
        super().__init__()
        self._accounts = tuple(accounts)
        self._apop = apop

    def check(self) -> None:
        super().check()
        namespace.check(self.name)

    def command(self) -> Sequence[str]:
        users = [(account.user, FIRST_USER + n) for n, account in enumerate(self._accounts)]
        mounts = namespace.accounts(self.folder, *users)
        mounts |= {self.folder / "shadow": "/etc/shadow", self.folder / "mail": "/var/mail"}
        configuration = f"--config-file={self.folder / 'pop3d.conf'}"
        return namespace.inside(mounts, (PROGRAM, configuration))

    def configure(self) -> None:
        certificate = self.certificate()
        text = _CONFIGURATION.format(
            folder=self.folder, host=HOST, certificate=certificate, key=certificate, **self.ports
        )
        self.write("pop3d.conf", text)
        hashes = [
            f"{each.user}:{_hash(each.secret)}:19000:0:99999:7:::\n" for each in self._accounts
        ]
        self.write("shadow", Path("/etc/shadow").read_text("utf-8") + "".join(hashes), 0o600)
        if self._apop:
            lines = [f"{account.user} {account.secret}\n" for account in self._accounts]
            source = self.write("apop.txt", "".join(lines), 0o600)
            words = ["-c", "-f", str(source), "-o", str(self.folder / "apop.db"), "-P", "600"]
            subprocess.run([POPAUTH, *words], capture_output=True, timeout=TOOL_S, check=True)
        (self.folder / "mail").mkdir()
        for account in self._accounts:
            self.fill(account.user, account.messages)

    def fill(self, user: str, messages: Sequence[bytes]) -> None:
        """Replace the mail of a user, between sessions; no line may begin with `From `."""
        number = [account.user for account in self._accounts].index(user)
        path = self.folder / "mail" / user
        lines = (each.replace(b"\r\n", b"\n") for each in messages)
        from_line = b"From sender@example.org Thu Jan  1 00:00:00 2026\n"
        path.write_bytes(b"".join(from_line + each + b"\n" for each in lines))
        path.chmod(0o600)
        os.chown(path, FIRST_USER + number, FIRST_USER + number)


def _hash(secret: str) -> str:
    """The form of /etc/shadow; every Debian has Perl."""
    words = ["perl", "-e", "print crypt($ARGV[0], q($6$mailspec$))", secret]
    done = subprocess.run(words, capture_output=True, text=True, timeout=TOOL_S, check=True)
    return done.stdout
