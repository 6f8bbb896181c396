"""Octets behind the reply to STLS and STARTTLS: to drop them is right, to believe them is not."""

from __future__ import annotations

import io
import poplib
import smtplib
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from conformance.run.case import Runner
from conformance.run.select import by_id
from conformance.subject import Subject
from conformance.subject.answer import Answer
from conformance.verdict import CaseRun, Verdict


class Kept(io.RawIOBase):
    """What had been read before TLS, and then what comes under TLS."""

    def __init__(self, before: bytes, after: Any) -> None:
        self.before = io.BytesIO(before)
        self.after = after

    def readline(self, size: int | None = -1) -> bytes:
        line = self.before.readline() or self.after.readline(size)
        return bytes(line)


class Sender(Subject):
    """Plays goals by poplib and smtplib, under TLS where it is given an authority to trust; it may
    keep what came in clear.
    """

    level = 1

    def __init__(self, believes: bool) -> None:
        super().__init__("sender")
        self.features = frozenset({"goals", "pop3", "pop3.user", "smtp", "tls.starttls"})
        self.believes = believes

    def start(self) -> None:
        """Nothing to start."""

    def stop(self) -> str:
        """Nothing to stop."""
        return ""

    def call(self, op: str, args: Mapping[str, Any], limit_s: float) -> Answer:
        return Answer("unsupported")

    def goal(self, name: str, args: Mapping[str, Any], limit_s: float, folder: Path) -> Answer:
        play = self.fetch if name == "pop3.fetch" else self.send
        try:
            return play(args)
        except (OSError, poplib.error_proto, smtplib.SMTPException):
            return Answer("failed")

    def upgrade(self, client: Any, args: Mapping[str, Any]) -> None:
        """Begin TLS as the libraries do, but for what they have read already."""
        before = client.file.peek()
        context = ssl.create_default_context(cafile=args["ca"])
        client.sock = context.wrap_socket(client.sock, server_hostname=args["host"])
        after = client.sock.makefile("rb")
        client.file = Kept(before, after) if self.believes else after

    def send(self, args: Mapping[str, Any]) -> Answer:
        with smtplib.SMTP(args["host"], args["port"], args["name"], timeout=2) as client:
            client.ehlo()
            if "ca" in args:
                client.docmd("STARTTLS")
                self.upgrade(client, args)
                client.ehlo()
            client.sendmail(args["from"], args["to"], args["message"])
        return Answer("ok")

    def fetch(self, args: Mapping[str, Any]) -> Answer:
        client: Any = poplib.POP3(args["host"], args["port"], timeout=2)
        try:
            client.capa()
            if "ca" in args:
                client._shortcmd("STLS")
                self.upgrade(client, args)
            client.user(args["user"])
            client.pass_(args["secret"])
            message = b"".join(line + b"\r\n" for line in client.retr(1)[1])
            client.quit()
        finally:
            client.close()
        return Answer("ok", {"messages": [[1, message]]})


def run(case: str, believes: bool) -> CaseRun:
    """One goal case of the suite, played by a Sender."""
    trace = by_id(case)
    return Runner(Sender(believes), seed=1).run_case(trace, "whole")


@pytest.mark.parametrize("case", ["pop3.goal.stls-surplus", "smtp.goal.starttls-surplus"])
def test_who_drops_them_passes_and_who_believes_them_fails(case: str) -> None:
    dropped = run(case, believes=False)
    assert dropped.verdict is Verdict.PASS, dropped.reason
    believed = run(case, believes=True)
    assert believed.verdict is Verdict.FAIL, believed.reason
