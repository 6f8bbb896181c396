"""Real mail servers on free ports of the loopback interface, for the tests of a clone.

They show that the suite's own servers and traces are true: real servers answer the same
conversations, and mail goes through them unchanged. Each runs in a folder of its own, which is
removed with it, and changes nothing else on the machine:

    with Dovecot([Account("tim", "tanstaaf", (b"Subject: one\\r\\n\\r\\ntext\\r\\n",))]) as dovecot:
        client.connect(dovecot.host, dovecot.ports["pop3"], ca=dovecot.ca)

`./mailspec setup servers` installs them, `/usr/bin/python3 -m real_servers` runs the tests. A server
that cannot run here raises Unavailable, whose message is one sentence for the user.
"""

from real_servers.account import Account
from real_servers.dovecot import Dovecot
from real_servers.error import CannotStart, NeedsRoot, NotInstalled, Unavailable
from real_servers.exim import Exim
from real_servers.mailutils import Mailutils
from real_servers.opensmtpd import OpenSMTPD
from real_servers.postfix import Postfix
from real_servers.server import RealServer

SERVERS: tuple[type[RealServer], ...] = (Dovecot, Exim, Mailutils, OpenSMTPD, Postfix)
"""All of them."""

__all__ = [
    "SERVERS",
    "Account",
    "CannotStart",
    "Dovecot",
    "Exim",
    "Mailutils",
    "NeedsRoot",
    "NotInstalled",
    "OpenSMTPD",
    "Postfix",
    "RealServer",
    "Unavailable",
]
