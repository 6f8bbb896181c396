"""The parameters of smtp(8) and lmtp(8) for one goal: postconf(5)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from conformance.drivers.relay.lines import Mail, Unsupported

MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/spool
data_directory = {folder}
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
shlib_directory = /usr/lib/postfix
myhostname = client.example
disable_dns_lookups = yes
ipc_timeout = 600
"""
FOLDERS = ("active", "private", "public", "pid")
STEPS = (
    "connect",
    "mail",
    "rcpt",
    "data_init",
    "data_xfer",
    "data_done",
    "quit",
    "starttls",
)
"""Each of them has a timeout of its own."""


def make(folder: Path) -> None:
    """Write main.cf, make the queue and go there: a long path is none for a socket."""
    for name in FOLDERS:
        (folder / "spool" / name).mkdir(parents=True, exist_ok=True)
    (folder / "main.cf").write_text(MAIN.format(folder=folder))
    (folder / "master.cf").write_text("")
    os.chdir(folder / "spool")


@contextmanager
def words(kind: str, mail: Mail, nexthop: str, folder: Path) -> Iterator[list[str]]:
    """The options of the program; raises Unsupported for what they cannot hold.

    kind    smtp or lmtp, which begins the name of each parameter
    folder  where the file of names and passwords is, as long as it is needed
    """
    hello = "helo" if kind == "smtp" else "lhlo"
    found = {f"{step}_timeout": f"{mail.wait_s}s" for step in (hello, *STEPS)}
    found |= {"connection_cache_on_demand": "no", "tls_CAfile": mail.ca}
    found["tls_security_level"] = "none" if mail.tls == "none" else "secure"
    found["tls_secure_cert_match"] = mail.certified
    if mail.tls == "implicit":
        found["tls_wrappermode"] = "yes"
    if mail.name is not None:
        found[f"{hello}_name"] = _text(mail.name)
    secrets = folder / "secrets"
    if mail.login:
        found |= _login(mail, nexthop, secrets)
    options = []
    for name, value in found.items():
        options += ["-o", f"{kind}_{name}={value.replace('$', '$$')}"]
    try:
        yield options
    finally:
        secrets.unlink(missing_ok=True)


def _login(mail: Mail, nexthop: str, path: Path) -> dict[str, str]:
    user, secret = _text(mail.user), _text(mail.secret)
    if ":" in user:
        raise Unsupported("a colon in a name")
    path.touch(mode=0o600)
    path.write_text(f"{nexthop} {user}:{secret}\n", "utf-8", "surrogateescape")
    os.utime(
        path, (0, 0)
    )  # of a file that has just changed, Postfix waits for the end of the change
    found = {
        "sasl_auth_enable": "yes",
        "sasl_password_maps": f"texthash:{path}",
        "sasl_tls_security_options": "noanonymous",
        "sasl_mechanism_filter": "" if mail.login == "own" else mail.login,
    }
    if not mail.own_policy:  # Postfix sends no password in the clear of its own accord
        found["sasl_security_options"] = "noanonymous"
    return found


def _text(octets: bytes) -> str:
    """A value; raises Unsupported for what a line with blanks around its words cannot hold."""
    text = octets.decode("utf-8", "surrogateescape")
    if not text or text != text.strip() or any(sign in text for sign in "\0\r\n"):
        raise Unsupported("a value that no parameter can have")
    return text
