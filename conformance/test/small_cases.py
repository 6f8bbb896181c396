"""Short traces and small drivers for the tests of the player."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from conformance.run.case import Runner
from conformance.subject.driver import DriverSubject
from conformance.verdict import CaseRun
from fake_servers.trace.parser import parse_text
from fake_servers.trace.syntax import Trace

HERE = Path(__file__).parent
POP3_DRIVER = (sys.executable, str(HERE / "pop3_driver.py"))
FAKE_DRIVER = (sys.executable, str(HERE / "subject" / "fake_driver.py"))

APOP = """\
id:      pop3.apop.test
title:   APOP
proves:  RFC1939-7-APOP-02
needs:   pop3 pop3.apop
moves:   all

A: pop3.connect
T: START CONNECTED WAIT_GREETING
S: +OK POP3 server ready <1896.697170952@dbc.mtview.ca.us>
T: WAIT_GREETING GREETING_OK AUTHORIZATION
R: ok
A: pop3.apop user=mrose secret=tanstaaf
T: AUTHORIZATION CMD_APOP WAIT_APOP
C: APOP mrose c4c9334bac560ecc979e58001b3e22fb
S: +OK
T: WAIT_APOP REPLY_OK TRANSACTION
R: ok
A: pop3.stat
T: TRANSACTION CMD_STAT WAIT_STAT
C: STAT
S: +OK 2 320
T: WAIT_STAT REPLY_OK TRANSACTION
R: ok count=2 octets=320
"""

FETCH = """\
id:      pop3.goal.test
title:   A fetch
proves:  RFC1939-3-MULTI-07
needs:   pop3.apop
goal:    pop3.fetch login=apop user=mrose secret=tanstaaf n=[1]
server:  users=[[mrose, tanstaaf]] caps=[UIDL] sasl=[]

M: 1
D: Subject: one
D:
D: .dot
"""

CUT = FETCH + "on RETR#1: cut 10, close\nR: io-error|protocol-error\n"


def trace_of(text: str) -> Trace:
    """The trace of a text, as if it stood in a file."""
    return parse_text(text, Path("test.trace"))


@contextmanager
def driver(argv: tuple[str, ...], bug: str = "") -> Iterator[DriverSubject]:
    """A started driver process."""
    subject = DriverSubject("small", (*argv, bug) if bug else argv)
    subject.start()
    try:
        yield subject
    finally:
        subject.stop()


def play(text: str, bug: str = "", variant: str = "whole", out: Path | None = None) -> CaseRun:
    """Play a trace against the small POP3 client with this bug."""
    with driver(POP3_DRIVER, bug) as subject:
        return Runner(subject, 1, out).run_case(trace_of(text), variant)
