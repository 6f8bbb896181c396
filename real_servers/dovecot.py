"""Dovecot: POP3 with every login that it knows, STLS and TLS, and LMTP to put mail in.

It runs as root, or as any other user with all its processes under that user.
"""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from real_servers.account import TIM, Account
from real_servers.error import CannotStart, NeedsRoot
from real_servers.server import HOST, RealServer

MECHANISMS = ("PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256")
"""What AUTH is offered; APOP and USER are there as well."""
SWAPS = 100
"""How often the mail of a user is put in place if a session puts its own there meanwhile."""

_CONFIGURATION = """\
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = pop3 lmtp
listen = {host}
hostname = localhost
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:%h/Maildir
mail_privileged_group =
mail_fsync = never
disable_plaintext_auth = no
auth_mechanisms = apop {mechanisms}
auth_failure_delay = 0
auth_username_chars =
auth_username_format = %u
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{certificate}
ssl_dh =
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {folder}/users
}}
userdb {{
  driver = passwd-file
  args = username_format=%u {folder}/users
}}
service pop3-login {{
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = {pop3s}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    port = {lmtp}
  }}
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
protocol lmtp {{
  auth_username_format = %n
}}
protocol pop3 {{
  mail_max_userip_connections = 200
}}
"""

_OF_ONE_USER = """\
default_internal_user = {user}
default_login_user = {user}
default_internal_group = {group}
service anvil {{
  chroot =
}}
service pop3-login {{
  chroot =
}}
"""


class Dovecot(RealServer):
    """POP3 (`pop3`, with STLS), POP3 over TLS (`pop3s`) and LMTP (`lmtp`).

    Every account logs in by USER, APOP and each of MECHANISMS; LMTP takes mail for its name.
    Dovecot reads its accounts once a second at most: they are those of the start.
    """

    name = "Dovecot"
    programs = ("/usr/sbin/dovecot", "/usr/lib/dovecot/pop3", "/usr/lib/dovecot/lmtp")
    services = ("pop3", "pop3s", "lmtp")

    def __init__(self, accounts: Sequence[Account] = (TIM,)) -> None:
        super().__init__()
        self._accounts = tuple(accounts)

    def check(self) -> None:
        super().check()
        try:
            _own_names()
        except KeyError as error:
            raise NeedsRoot(
                f"{self.name} needs a user and a group that have names, and"
                f" {os.getuid()}:{os.getgid()} has none; run its tests as another user"
            ) from error

    def command(self) -> Sequence[str]:
        return ("/usr/sbin/dovecot", "-F", "-c", str(self.folder / "dovecot.conf"))

    def configure(self) -> None:
        text = _CONFIGURATION.format(
            folder=self.folder,
            host=HOST,
            mechanisms=" ".join(MECHANISMS).lower(),
            certificate=self.certificate(),
            **self.ports,
        )
        if os.geteuid() != 0:
            user, group = _own_names()
            text += _OF_ONE_USER.format(user=user, group=group)
        self.write("dovecot.conf", text)
        owner = _owner()
        lines = []
        for account in self._accounts:
            secret = account.secret.encode("utf-8").hex()
            home = self._home(account.user)
            lines.append(f"{account.user}:{{PLAIN.HEX}}{secret}:{owner[0]}:{owner[1]}::{home}::\n")
            self.fill(account.user, account.messages)
        self.write("users", "".join(lines))

    def fill(self, user: str, messages: Sequence[bytes]) -> None:
        """Replace the mail of a user, between sessions."""
        home = self._home(user)
        made = Path(tempfile.mkdtemp(dir=self.folder))
        made.chmod(0o755)
        _fill(made / "Maildir", messages, _owner())
        home.parent.mkdir(exist_ok=True)
        for _ in range(SWAPS):
            if home.exists():
                # A session that has just ended may still write there.
                old = Path(tempfile.mkdtemp(dir=self.folder))
                home.rename(old / "home")
                shutil.rmtree(old, ignore_errors=True)
            try:
                made.rename(home)
            except OSError:  # and makes its folders anew where it may, as it may for an own user
                continue
            return
        raise CannotStart(f"a session of Dovecot does not end; it makes {home} again and again")

    def mail_of(self, user: str) -> list[bytes]:
        """The messages that a user has now, as they are stored: LMTP stores lines that end in LF."""
        return [path.read_bytes() for path in self._files(user)]

    def count_of(self, user: str) -> int:
        """How many messages a user has now."""
        return len(self._files(user))

    def _files(self, user: str) -> list[Path]:
        maildir = self._home(user) / "Maildir"
        folders = [maildir / name for name in ("cur", "new")]
        paths = [path for folder in folders if folder.is_dir() for path in folder.iterdir()]
        return sorted(paths, key=lambda path: path.name)

    def _home(self, user: str) -> Path:
        numbers = [n for n, account in enumerate(self._accounts) if account.user == user]
        return self.folder / "homes" / str(numbers[0])


def _own_names() -> tuple[str, str]:
    """User and group of this process; raises KeyError if one has no name."""
    return pwd.getpwuid(os.getuid()).pw_name, grp.getgrgid(os.getgid()).gr_name


def _owner() -> tuple[int, int]:
    """User and group of the mail: Dovecot does not serve mail of root."""
    if os.geteuid() != 0:
        return os.getuid(), os.getgid()
    entry = pwd.getpwnam("mail")
    return entry.pw_uid, entry.pw_gid


def _fill(maildir: Path, messages: Sequence[bytes], owner: tuple[int, int]) -> None:
    for name in ("cur", "new", "tmp"):
        (maildir / name).mkdir(parents=True)
    for number, message in enumerate(messages, 1):
        path = maildir / "new" / f"{number:09}.mailspec.localhost"
        path.write_bytes(message)
    if os.geteuid() == 0:
        for path in (maildir.parent, maildir, *maildir.rglob("*")):
            os.chown(path, *owner)
