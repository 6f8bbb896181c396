#!/usr/bin/env python3
"""The level 1 driver of Python's own clients, poplib and smtplib.

It reads JSON lines on stdin and answers on stdout. It adds nothing to the libraries and fixes
nothing: an op is one call of theirs, a goal is the session that their manual shows, and each
exception becomes an outcome. Where the libraries leave the judgement to the caller, the driver
judges: smtplib's methods return a reply's code, whose first digit decides (RFC 5321 section
4.3.2), and poplib returns the lines of LIST and UIDL, which must have a number and a value (RFC
1939 sections 5 and 7).
"""

from __future__ import annotations

import json
import platform
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from conformance.drivers.python.call import called
from conformance.drivers.python.goals import Goals
from conformance.drivers.python.outcome import Answer, outcome_of
from conformance.drivers.python.pop3 import Pop3
from conformance.drivers.python.smtp import Smtp
from conformance.drivers.python.value import arguments

MAX_LINE = 16 * 1024 * 1024
FEATURES = (
    "steps goals ipv6 tls.implicit tls.starttls"
    " pop3 pop3.user pop3.user-alone pop3.apop pop3.capa pop3.list pop3.uidl pop3.top pop3.dele"
    " pop3.rset pop3.noop"
    " smtp smtp.helo smtp.rset smtp.noop smtp.vrfy smtp.expn smtp.multi-rcpt smtp.multi-mail"
    " smtp.mail-auth smtp.auth.plain smtp.auth.login smtp.auth.cram-md5 smtp.auth.raw"
    " smtp.auth.initial"
).split()
GOALS = frozenset(("pop3.fetch", "pop3.list", "smtp.send"))
OPS = frozenset(
    [f"pop3.{verb}" for verb in vars(Pop3) if verb != "pop" and not verb.startswith("_")]
    + [f"smtp.{verb}" for verb in vars(Smtp) if verb != "smtp" and not verb.startswith("_")]
)


class Driver:
    """Finds the function for a request and calls it."""

    def __init__(self) -> None:
        self.sessions: dict[str, Any] = {"pop3": Pop3(), "smtp": Smtp()}
        self.goals = Goals(self.sessions["pop3"])

    def answer(self, row: dict[str, Any]) -> Answer:
        name = str(row.get("op") or row.get("goal"))
        if name not in (GOALS if "goal" in row else OPS):
            return "unsupported", {}
        protocol, _, verb = name.partition(".")
        holder = self.goals if "goal" in row else self.sessions[protocol]
        try:
            return called(getattr(holder, verb), arguments(row))
        except Exception as error:  # mapped, or raised again
            return outcome_of(error)


def hello() -> dict[str, Any]:
    """The name of the driver, and what it can do."""
    return {
        "name": "python-stdlib",
        "version": f"Python {platform.python_version()}",
        "features": FEATURES,
        "limits": {},
    }


def say(row: dict[str, Any]) -> None:
    """One answer: one line of JSON."""
    print(json.dumps(row), flush=True)


def main() -> int:
    """Answer line by line until bye or the end of stdin; 2 if a line is not a request."""
    driver = Driver()
    while line := sys.stdin.buffer.readline(MAX_LINE + 1):
        try:
            row = json.loads(line)
        except ValueError as error:
            print(f"this line is not JSON: {error}", file=sys.stderr)
            return 2
        if not isinstance(row, dict):
            print("this line is not a JSON object", file=sys.stderr)
            return 2
        command = row.get("cmd")
        if command == "bye":
            break
        if command == "hello":
            say(hello())
        elif command is None:
            outcome, value = driver.answer(row)
            say({"seq": row.get("seq"), "outcome": outcome, "value": value})
    return 0


if __name__ == "__main__":
    sys.exit(main())
