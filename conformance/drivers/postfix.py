#!/usr/bin/env python3
"""The level 1 driver of Postfix's clients, smtp(8) and lmtp(8).

Postfix's queue manager speaks no SMTP itself: it asks a process of smtp(8) to deliver a message of
the queue to a next hop, and is told what became of each recipient. Here the driver is the queue
manager, and each goal gets a process of its own with the settings of that goal. So nothing is tried
a second time, and nothing else of Postfix runs. The message is that of the caller, as it would be
in the queue.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from conformance.drivers.relay import (
    lines,
    postfix_attributes,
    postfix_outcome,
    postfix_queue,
    postfix_request,
    postfix_settings,
)
from conformance.drivers.relay.lines import Answer, Mail, Unsupported
from conformance.drivers.relay.postfix_services import Services

PROGRAMS = Path("/usr/lib/postfix/sbin")
GREETING = {b"protocol": b"delivery_request_protocol"}
MOST_LOG = 4096
FEATURES = (
    "goals ipv6 policy tls.starttls tls.implicit smtp smtp.multi-rcpt smtp.size smtp.8bitmime"
    " smtp.smtputf8 smtp.pipelining smtp.enhanced smtp.lmtp smtp.auth.plain smtp.auth.login"
    " smtp.auth.cram-md5 smtp.auth.scram-sha-1 smtp.auth.scram-sha-256"
)


class Agent:
    """Asks one program to deliver, from a queue below `folder` that nobody else uses."""

    def __init__(self, version: str, folder: Path) -> None:
        self.folder = folder
        postfix_settings.make(folder)
        self.services = Services()
        self.has_sendopts = tuple(map(int, re.findall(r"\d+", version)[:2])) >= (3, 10)

    def send(self, mail: Mail) -> Answer:
        """Play the goal."""
        if not mail.to or not all(mail.to) or (mail.lmtp and mail.tls == "implicit"):
            raise Unsupported("nobody to send to, or LMTP that begins with TLS")
        kind = "lmtp" if mail.lmtp else "smtp"
        nexthop = f"[{mail.host}]:{mail.port}"
        queued = postfix_queue.write(mail)
        asked = postfix_request.request(mail, queued, nexthop, has_sendopts=self.has_sendopts)
        reports = self.services.reports
        reports.clear()
        with postfix_settings.words(kind, mail, nexthop, self.folder) as words:
            self._deliver(kind, asked, words)
        rows = []
        for octets, place in zip(mail.to, queued.recipients):
            done = postfix_queue.is_done(place)
            rows.append(postfix_outcome.row(octets, reports.get(place), done=done))
        return postfix_outcome.answer(rows, list(reports.values()))

    def _deliver(self, kind: str, asked: bytes, words: list[str]) -> None:
        ours, theirs = socket.socketpair()
        with ours, open(self.folder / "log", "w+b") as log:
            with theirs:
                process = subprocess.Popen(
                    [str(PROGRAMS / kind), "-n", kind, "-S", "-V", *words],
                    stdin=theirs.fileno(),
                    stdout=theirs.fileno(),
                    stderr=log,
                    env={"MAIL_CONFIG": str(self.folder), "PATH": os.defpath, "LC_ALL": "C"},
                )
            with ours.makefile("rb") as stream:
                said = dict(postfix_attributes.read(stream))
                if said == GREETING:
                    ours.sendall(asked)
                    said = dict(postfix_attributes.read(stream))
            ours.shutdown(socket.SHUT_RDWR)
            if process.wait() < 0:
                os.kill(os.getpid(), -process.returncode)  # a crash of it is one of the driver
            if b"status" not in said:
                log.seek(0)
                raise RuntimeError(log.read(MOST_LOG).decode("utf-8", "replace"))


def main() -> int:
    """Answer the lines of the suite; 127 if Postfix is not installed."""
    try:
        ask = ["postconf", "-d", "-h", "mail_version"]
        version = subprocess.run(ask, capture_output=True, text=True, check=True).stdout.strip()
        for program in ("smtp", "lmtp"):
            os.stat(PROGRAMS / program)
    except (OSError, subprocess.CalledProcessError):
        print("Postfix is not installed (package postfix)", file=sys.stderr)
        return 127
    return lines.serve(
        "postfix",
        f"Postfix {version}",
        FEATURES.split(),
        lambda folder: Agent(version, folder).send,
    )


if __name__ == "__main__":
    sys.exit(main())
