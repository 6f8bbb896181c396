"""Exim: SMTP with AUTH, STARTTLS and TLS; it drops the mail that it takes.

Its package conflicts with Postfix, so it is only unpacked. It insists on a user of its own, which
it finds in a mount namespace.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from real_servers import namespace
from real_servers.account import TIM, Account
from real_servers.server import HOST, PACKAGES, RealServer

MECHANISMS = ("PLAIN", "LOGIN", "CRAM-MD5")
USER = ("Debian-exim", 64990)
PROGRAM = str(PACKAGES / "exim4-daemon-light" / "usr/sbin/exim4")

_CONFIGURATION = """\
exim_path = {program}
exim_user = Debian-exim
exim_group = Debian-exim
spool_directory = {folder}/spool
log_file_path = {folder}/spool/%slog
pid_file_path = {folder}/spool/pid
primary_hostname = localhost
daemon_smtp_ports = {smtp} : {smtps}
tls_on_connect_ports = {smtps}
local_interfaces = {host}
tls_advertise_hosts = *
tls_certificate = {folder}/spool/tls.pem
tls_privatekey = {folder}/spool/tls.pem
host_lookup =
rfc1413_query_timeout = 0s
recipient_unqualified_hosts = *
smtp_max_synprot_errors = 100
smtp_max_unknown_commands = 100
smtp_accept_max_nonmail = 1000
message_size_limit = 100M
acl_smtp_rcpt = takes_all
acl_smtp_vrfy = takes_all
acl_smtp_data = drops_all
keep_environment =
begin acl
takes_all:
  accept
drops_all:
  discard
begin routers
all:
  driver = accept
  transport = drop
begin transports
drop:
  driver = appendfile
  file = /dev/null
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if eq{{$auth3}}{{${{lookup{{$auth2}}lsearch{{{folder}/users}}}}}}}}
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = ${{if eq{{$auth2}}{{${{lookup{{$auth1}}lsearch{{{folder}/users}}}}}}}}
cram:
  driver = cram_md5
  public_name = CRAM-MD5
  server_secret = ${{lookup{{$auth1}}lsearch{{{folder}/users}}{{$value}}fail}}
"""


class Exim(RealServer):
    """SMTP (`smtp`, with STARTTLS) and SMTP over TLS (`smtps`); login by each of MECHANISMS.

    A name or a secret must not have a blank or a colon.
    """

    name = "Exim"
    programs = (PROGRAM,)
    services = ("smtp", "smtps")
    needs_root = True

    def __init__(self, accounts: Sequence[Account] = (TIM,)) -> None:
        super().__init__()
        self._accounts = tuple(accounts)

    def check(self) -> None:
        super().check()
        namespace.check(self.name)

    def command(self) -> Sequence[str]:
        mounts = namespace.accounts(self.folder, USER)
        configuration = str(self.folder / "exim.conf")
        return namespace.inside(mounts, (PROGRAM, "-C", configuration, "-bdf"))

    def configure(self) -> None:
        spool = self.folder / "spool"
        spool.mkdir()
        certificate = self.certificate().rename(spool / "tls.pem")
        for path in (spool, certificate):
            os.chown(path, USER[1], USER[1])
        users = [f"{account.user}: {account.secret}\n" for account in self._accounts]
        self.write("users", "".join(users))
        text = _CONFIGURATION.format(program=PROGRAM, folder=self.folder, host=HOST, **self.ports)
        self.write("exim.conf", text)
