#!/usr/bin/env python3
"""The level 1 driver of Dovecot's LMTP proxy, which is a client of LMTP and SMTP.

Each goal gets a process of lmtp, which is handed the message by LMTP on its stdin and hands it to the
server of the case by LMTP or SMTP. Where that server is, it asks Dovecot's auth process, in whose place the driver
answers. So nothing else of Dovecot runs. Its replies to each recipient are those of the server, or
tell that the proxy failed. It waits for minutes and cannot be told otherwise, so it is the
driver that gives up, as a mail server that hands over mail does.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from conformance.drivers.relay import lines
from conformance.drivers.relay.dovecot_auth import Auth
from conformance.drivers.relay.dovecot_session import LOCAL, Reply, Session
from conformance.drivers.relay.lines import Answer, Mail, Unsupported

PROGRAM = "/usr/lib/dovecot/lmtp"
FEATURES = (
    "goals ipv6 policy tls.starttls tls.implicit smtp smtp.lmtp smtp.multi-rcpt smtp.enhanced"
)
CONFIGURATION = """\
base_dir = {folder}
state_dir = {folder}
log_path = {folder}/log
hostname = {name}
protocols = lmtp
lmtp_proxy = yes
lmtp_add_received_header = no
auth_socket_path = {folder}/auth
ssl_client_ca_file = {ca}
ssl_client_require_valid_cert = yes
"""
FAILED = (
    (b"timed out", "timeout"),
    (b"bad reply", "protocol-error"),
    (b"connection lost", "io-error"),
)
"""What the proxy says in brackets when it failed itself."""

Row = tuple[str, str, int | None, str | None]


class Proxy:
    """Hands messages to processes of lmtp that work in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        os.chdir(folder)
        self.auth = Auth(Path("auth"))

    def send(self, mail: Mail) -> Answer:
        """Play the goal."""
        texts = (mail.sender, *mail.to, mail.name or b"-")
        if mail.login or mail.params or not mail.to or (mail.lmtp and mail.tls == "implicit"):
            raise Unsupported("a login, parameters or nobody to send to")
        if not all(re.fullmatch(rb"[^\r\n\0<>]*", text) for text in texts):
            raise Unsupported("an address that no command can have")
        if re.search(rb"\r(?!\n)|(?<!\r)\n", mail.message):
            raise Unsupported("a bare CR or a bare LF")
        self.auth.server = mail
        name = (mail.name or b"client.example").decode("utf-8", "surrogateescape")
        text = CONFIGURATION.format(folder=self.folder, name=name, ca=mail.ca)
        (self.folder / "lmtp.conf").write_text(text, "utf-8", "surrogateescape")
        try:
            replies = self._replies(mail)
        except TimeoutError:
            return {"outcome": "timeout", "value": {"delivery": "unknown"}}
        return _answer(mail, replies)

    def _replies(self, mail: Mail) -> list[Reply]:
        """The last reply to each recipient."""
        ours, theirs = socket.socketpair()
        ours.settimeout(mail.timeout_ms / 1000)
        with ours, theirs:
            process = subprocess.Popen(
                [PROGRAM, "-c", str(self.folder / "lmtp.conf")],
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                stderr=subprocess.DEVNULL,
            )
            theirs.close()
            try:
                return Session(ours, self.auth).deliver(mail)
            finally:
                if sys.exc_info()[0] is TimeoutError:
                    process.kill()
                ours.shutdown(socket.SHUT_RDWR)
                status = process.wait()
                if status < 0 and status != -signal.SIGKILL:
                    os.kill(os.getpid(), -status)  # a crash of it is one of the driver


def _answer(mail: Mail, replies: list[Reply]) -> Answer:
    rows = [_row(address, said) for address, said in zip(mail.to, replies)]
    told = next((row for row in rows if row[1] == "ok"), rows[0])
    value: Answer = {"rcpt": [list(row) for row in rows]}
    known = {"ok": "sent", "refused": "not-sent", "rejected-locally": "not-sent"}
    value |= {"delivery": known.get(told[1], "unknown"), "code": told[2], "enhanced": told[3]}
    return {"outcome": told[1], "value": value}


def _row(address: bytes, said: Reply) -> Row:
    name = address.decode("utf-8", "replace")
    if said.startswith(b"2"):
        return name, "ok", None, None
    if said == LOCAL:
        return name, "rejected-locally", None, None
    if b"Proxy failed" in said:
        return name, next((out for sign, out in FAILED if sign in said), "failed"), None, None
    return name, "refused", int(said[:3]), None


def main() -> int:
    """Answer the lines of the suite; 127 if Dovecot's lmtp is not installed."""
    try:
        done = subprocess.run(["dovecot", "--version"], capture_output=True, text=True, check=True)
        os.stat(PROGRAM)
    except (OSError, subprocess.CalledProcessError):
        print("Dovecot's lmtp is not installed (package dovecot-lmtpd)", file=sys.stderr)
        return 127
    version = f"Dovecot {done.stdout.split()[0]}"
    return lines.serve("dovecot", version, FEATURES.split(), lambda folder: Proxy(folder).send)


if __name__ == "__main__":
    sys.exit(main())
