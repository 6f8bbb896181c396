"""A client that writes header fields of its own is judged by the body."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from conformance.cli import main
from conformance.message_body import as_meant, body_of
from conformance.subject import UnknownSubject, placing, spec
from conformance.subject.spec import GoalSpec

MUA = """
import quopri, smtplib, sys, time
host, port, sender, to, kind, name, timeout = sys.argv[1:]
body = sys.stdin.buffer.read().replace(b"\\r\\n", b"\\n").replace(b"\\n", b"\\r\\n")
header = b"Date: %d\\r\\nSubject: mine\\r\\n" % time.time_ns()
if kind == "encodes":
    header += b"Content-Transfer-Encoding: quoted-printable\\r\\n"
    body = quopri.encodestring(body.replace(b"\\r\\n", b"\\n")).replace(b"t", b"=74")
    body += b"" if body.endswith(b"\\n") else b"=\\n"
    body = body.replace(b"\\n", b"\\r\\n")
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
argv = ["{python}", "mua.py", "{{host}}", "{{port}}", "{{from}}", "{{to}}", "{kind}", "{{hello}}", "{{timeout_s}}"]
hello = {{ name = "{{name}}", own = "" }}
{goal}
[exit]
0 = "ok"
other = "failed"
"""

OWN = 'headers = "own"'
BODY = 'stdin = "body"\nline_ends = "lf"'


def verdicts(folder: Path, top: str, goal: str, kind: str, *cases: str) -> dict[str, str]:
    """The verdict of each case on the small client."""
    (folder / "mua.py").write_text(MUA, "utf-8")
    path = folder / "mua.toml"
    path.write_text(SUBJECT.format(top=top, goal=goal, kind=kind, python=sys.executable), "utf-8")
    main(
        ["run", *cases, "--subject", str(path), "--variant", "whole", "--out", str(folder / "out")]
    )
    results = json.loads((folder / "out" / "results.json").read_text("utf-8"))
    return {row["id"]: row["verdict"] for row in results["cases"]}


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
    assert verdicts(tmp_path, top, goal, kind, "smtp.goal.send") == {"smtp.goal.send": verdict}


@pytest.mark.parametrize(("kind", "verdict"), [("encodes", "PASS"), ("shouts", "FAIL")])
def test_an_encoding_may_keep_a_last_line_without_an_end(
    kind: str, verdict: str, tmp_path: Path
) -> None:
    case = "smtp.goal.send/message/no-line-end"
    assert verdicts(tmp_path, OWN, BODY, kind, case) == {case: verdict}


@pytest.mark.parametrize(
    ("case", "kind", "verdict"),
    [
        ("smtp.goal.send/message/8bit-not-offered", "encodes", "PASS"),
        ("smtp.goal.send/message/8bit-not-offered", "plain", "FAIL"),
        ("smtp.goal.send/message/line-5000", "encodes", "PASS"),
        ("smtp.goal.send/message/line-5000", "plain", "NON-STRICT"),
        ("smtp.goal.size-fits", "plain", "UNSUPPORTED"),
    ],
)
def test_what_an_encoding_makes_fit_may_be_sent(
    case: str, kind: str, verdict: str, tmp_path: Path
) -> None:
    assert verdicts(tmp_path, OWN, BODY, kind, case) == {case: verdict}


def test_a_message_without_header_is_not_asked_of_a_client_that_adds_to_it(tmp_path: Path) -> None:
    case = "smtp.goal.send-one-dot"
    assert verdicts(tmp_path, OWN, 'stdin = "message"', "plain", case) == {case: "UNSUPPORTED"}


def test_a_bare_line_end_is_not_asked_of_a_client_that_takes_lines_of_the_system() -> None:
    takes_lf = GoalSpec(("x",), stdin="message", stores_lf=True)
    args = {"message": b"one\r\ntwo\n", "timeout_ms": 400}
    assert "a bare CR or LF" in placing.hindrance(takes_lf, args)
    assert placing.hindrance(takes_lf, args | {"message": b"one\r\ntwo\r\n"}) == ""


def test_a_body_alone_needs_the_key(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text(SUBJECT.format(top="", goal=BODY, kind="plain", python="python3"), "utf-8")
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
