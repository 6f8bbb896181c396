"""A client that writes header fields of its own is judged by the body."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance import catalogue
from conformance.message_body import as_meant, body_of
from conformance.run import unsupported
from conformance.run.case import Runner
from conformance.subject import Subject, UnknownSubject, load, placing, spec
from conformance.subject.spec import GoalSpec

MUA = """
import smtplib, sys, time
host, port, sender, to, kind, name, timeout = sys.argv[1:]
body = sys.stdin.buffer.read().replace(b"\\r\\n", b"\\n").replace(b"\\n", b"\\r\\n")
header = b"Date: %d\\r\\nSubject: mine\\r\\n" % time.time_ns()
if kind == "encodes":
    header += b"Content-Transfer-Encoding: quoted-printable\\r\\n"
    body = body.replace(b"=", b"=3D").replace(b"t", b"=74")
if kind == "shouts":
    body = body.upper()
with smtplib.SMTP(host, int(port), name or None, timeout=float(timeout)) as smtp:
    smtp.sendmail(sender, [to], header + b"\\r\\n" + body)
"""

SUBJECT = """
name = "mua"
{top}
features = ["goals", "smtp"]
[goal."smtp.send"]
argv = ["python3", "mua.py", "{{host}}", "{{port}}", "{{from}}", "{{to}}", "{kind}", "{{hello}}", "{{timeout_s}}"]
hello = {{ name = "{{name}}", own = "" }}
{goal}
[exit]
0 = "ok"
other = "failed"
"""

OWN = 'headers = "own"'
BODY = 'stdin = "body"\nline_ends = "lf"'


def mua(folder: Path, top: str, goal: str, kind: str) -> Subject:
    """The small client by its file."""
    (folder / "mua.py").write_text(MUA, "utf-8")
    path = folder / "mua.toml"
    path.write_text(SUBJECT.format(top=top, goal=goal, kind=kind), "utf-8")
    return load(str(path))


def verdict_of(subject: Subject, case: str) -> str:
    """The verdict of one case on it."""
    trace = catalogue.find(case)
    assert trace is not None
    subject.start()
    try:
        return str(Runner(subject, 1, None).run_case(trace, "whole").verdict)
    finally:
        subject.stop()


@pytest.mark.parametrize(
    ("top", "goal", "kind", "verdict"),
    [
        (OWN, BODY, "plain", "PASS"),
        (OWN, BODY, "encodes", "PASS"),
        (OWN, BODY, "shouts", "FAIL"),
        ("", 'stdin = "message"', "plain", "FAIL"),
    ],
)
def test_the_body_is_compared_and_the_header_is_not(
    top: str, goal: str, kind: str, verdict: str, tmp_path: Path
) -> None:
    assert verdict_of(mua(tmp_path, top, goal, kind), "smtp.goal.send") == verdict


def test_a_message_without_header_is_not_asked_of_a_client_that_adds_to_it(tmp_path: Path) -> None:
    subject = mua(tmp_path, OWN, 'stdin = "message"', "plain")
    assert verdict_of(subject, "smtp.goal.send-one-dot") == "UNSUPPORTED"


def test_a_size_that_a_header_of_its_own_exceeds_is_not_asked_for(tmp_path: Path) -> None:
    trace = catalogue.find("smtp.goal.size-fits")
    assert trace is not None
    subject = mua(tmp_path, OWN, BODY, "plain")
    found = unsupported.why(subject, trace, "whole")
    assert found is not None and "the size of the message matters" in found.reason
    subject.own_header = False
    assert unsupported.why(subject, trace, "whole") is None


def test_a_bare_line_end_is_not_asked_of_a_client_that_takes_lines_of_the_system() -> None:
    takes_lf = GoalSpec(("x",), stdin="message", stores_lf=True)
    args = {"message": b"one\r\ntwo\n", "timeout_ms": 400}
    assert "a bare CR or LF" in placing.hindrance(takes_lf, args)
    assert placing.hindrance(takes_lf, args | {"message": b"one\r\ntwo\r\n"}) == ""


def test_a_body_alone_needs_the_key(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text(SUBJECT.format(top="", goal=BODY, kind="plain"), "utf-8")
    with pytest.raises(UnknownSubject, match='needs headers = "own"'):
        spec(str(path))


@pytest.mark.parametrize(
    ("message", "body"),
    [
        (b"A: b\r\n\r\nc\r\n\r\nd", b"c\r\n\r\nd"),
        (b"\r\nc", b"c"),
        (b"no header", b"no header"),
        (b"A: b\n\nc\n", b"c\n"),
        (b"", b""),
    ],
)
def test_the_body_is_what_follows_the_first_empty_line(message: bytes, body: bytes) -> None:
    assert body_of(message) == as_meant(message) == body


def test_an_encoding_is_undone() -> None:
    header = b"Content-Transfer-Encoding: BASE64\r\n\r\n"
    assert as_meant(header + b"YQ0K\r\n") == b"a\r\n"
    assert as_meant(header.replace(b"BASE64", b"Quoted-Printable") + b"a=0D=\r\nb") == b"a\rb"
