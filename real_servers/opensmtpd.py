"""OpenSMTPD: SMTP in the clear; it hands the mail that it takes to a program that drops it.

Its package conflicts with Postfix, so it is only unpacked. Its folders are compiled in, and it
insists on two users of its own: it finds all of them in a mount namespace.

It offers AUTH under TLS alone, and the TLS of OpenSMTPD 6.8, which Debian 12 has, fails with
OpenSSL 3 in every handshake, whatever the key. So there is neither here.
"""

from __future__ import annotations

from collections.abc import Sequence

from real_servers import namespace
from real_servers.server import HOST, PACKAGES, RealServer

USERS = (("opensmtpd", 64970), ("opensmtpq", 64971))
_FOLDER = PACKAGES / "opensmtpd" / "usr"
PROGRAM = str(_FOLDER / "sbin/smtpd")
DELIVERY = str(_FOLDER / "libexec/opensmtpd/mail.mda")

_CONFIGURATION = """\
listen on {host} port {smtp} hostname localhost
smtp max-message-size 100M
table users {{ "@" = "mail" }}
action drop mda "cat >/dev/null" virtual <users>
match from any for any action drop
"""


class OpenSMTPD(RealServer):
    """SMTP (`smtp`), without logins and TLS."""

    name = "OpenSMTPD"
    programs = (PROGRAM, DELIVERY)
    services = ("smtp",)
    needs_root = True

    def check(self) -> None:
        super().check()
        namespace.check(self.name)

    def command(self) -> Sequence[str]:
        mounts = namespace.accounts(self.folder, *USERS)
        mounts |= {self.folder / each: f"/{each}" for each in ("run", "var/lib", "var/spool")}
        mounts[_FOLDER / "libexec"] = "/usr/libexec"
        configuration = str(self.folder / "smtpd.conf")
        return namespace.inside(mounts, (PROGRAM, "-d", "-f", configuration))

    def configure(self) -> None:
        for name in ("run", "var/lib/opensmtpd/empty", "var/spool/smtpd"):
            (self.folder / name).mkdir(parents=True)
        (self.folder / "var/spool/smtpd").chmod(0o711)
        self.write("smtpd.conf", _CONFIGURATION.format(host=HOST, **self.ports))
