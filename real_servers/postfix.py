"""Postfix: SMTP with AUTH by Cyrus SASL, STARTTLS and TLS; it delivers by LMTP or drops the mail.

It needs root, because its processes run as different users.
"""

from __future__ import annotations

import grp
import os
import pwd
import subprocess
from collections.abc import Sequence
from pathlib import Path

from real_servers.account import TIM, Account
from real_servers.server import HOST, RealServer

MECHANISMS = ("PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256")
OLD = 1_000_000_000
"""A time long ago: Postfix waits until its configuration is two seconds old."""
SASL_S = 10.0

_MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/spool
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
shlib_directory = /usr/lib/postfix
mail_owner = postfix
setgid_group = postdrop
maillog_file_prefixes = {folder}
maillog_file = {folder}/log
myhostname = localhost
mydestination =
mynetworks = {networks}
inet_interfaces = {host}
inet_protocols = ipv4
alias_maps =
alias_database =
local_recipient_maps =
local_header_rewrite_clients =
disable_mime_output_conversion = yes
message_size_limit = 100000000
mailbox_size_limit = 0
virtual_mailbox_limit = 0
smtpd_client_connection_count_limit = 0
smtpd_error_sleep_time = 0
smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, reject
in_flow_delay = 0
allow_min_user = yes
default_transport = {transport}
smtpd_sasl_auth_enable = yes
smtpd_sasl_path = smtpd
smtpd_sasl_local_domain = localhost
smtpd_sasl_security_options = noanonymous
smtpd_tls_security_level = may
smtpd_tls_chain_files = {certificate}
"""

_MASTER = """\
{host}:{smtp} inet n - n - - smtpd
{host}:{smtps} inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
lmtp unix - - n - - lmtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""

_SASL = """\
pwcheck_method: auxprop
auxprop_plugin: sasldb
sasldb_path: {folder}/sasl/sasldb2
mech_list: {mechanisms}
"""

_PRIVATE = ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming")
"""Folders of the queue that only Postfix itself uses. It would make them in two seconds."""


class Postfix(RealServer):
    """SMTP (`smtp`, with STARTTLS) and SMTP over TLS (`smtps`).

    accounts    who may log in, by each of MECHANISMS
    lmtp_port   where it delivers mail by LMTP, to this host; 0: it drops what it took
    needs_login whether it takes mail only after a login
    """

    name = "Postfix"
    programs = ("/usr/lib/postfix/sbin/master", "/usr/sbin/saslpasswd2")
    services = ("smtp", "smtps")
    needs_root = True

    def __init__(
        self,
        accounts: Sequence[Account] = (TIM,),
        lmtp_port: int = 0,
        needs_login: bool = False,
    ) -> None:
        super().__init__()
        self._accounts = tuple(accounts)
        self._transport = f"lmtp:inet:{HOST}:{lmtp_port}" if lmtp_port else "discard:"
        self._networks = "" if needs_login else f"{HOST}/32"

    def command(self) -> Sequence[str]:
        return ("/usr/lib/postfix/sbin/master", "-s", "-c", str(self.folder / "etc"))

    def configure(self) -> None:
        values = {
            "folder": self.folder,
            "host": HOST,
            "networks": self._networks,
            "transport": self._transport,
            "certificate": self.certificate(),
            **self.ports,
        }
        main = self.write("etc/main.cf", _MAIN.format(**values))
        master = self.write("etc/master.cf", _MASTER.format(**values))
        for path in (main, master):
            os.utime(path, (OLD, OLD))
        self.write(
            "etc/sasl/smtpd.conf",
            _SASL.format(folder=self.folder, mechanisms=" ".join(MECHANISMS)),
        )
        _make_queue(self.folder)
        for account in self._accounts:
            self.add_account(account)

    def add_account(self, account: Account) -> None:
        """Let somebody log in, or change the secret."""
        path = self.folder / "sasl" / "sasldb2"
        path.parent.mkdir(exist_ok=True)
        subprocess.run(
            ["saslpasswd2", "-p", "-c", "-f", str(path), "-u", "localhost", account.user],
            input=account.secret.encode("utf-8"),
            stdout=subprocess.DEVNULL,
            timeout=SASL_S,
            check=True,
        )
        os.chown(path, pwd.getpwnam("postfix").pw_uid, -1)


def _make_queue(folder: Path) -> None:
    postfix = pwd.getpwnam("postfix")
    for name in (*_PRIVATE, "private", "saved", "trace"):
        _make(folder / "spool" / name, 0o700, postfix.pw_uid, -1)
    group = grp.getgrnam("postdrop").gr_gid
    _make(folder / "spool" / "maildrop", 0o730, postfix.pw_uid, group)
    _make(folder / "spool" / "public", 0o710, postfix.pw_uid, group)
    _make(folder / "spool" / "pid", 0o755, 0, -1)
    _make(folder / "data", 0o700, postfix.pw_uid, -1)


def _make(path: Path, mode: int, user: int, group: int) -> None:
    path.mkdir(parents=True)
    path.chmod(mode)
    os.chown(path, user, group)
