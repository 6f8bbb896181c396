"""The doctor sees clients that say ok too easily, hand over nothing, or change the message."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path

import pytest

from conformance import doctor
from conformance.cli import main
from conformance.subject import load
from conformance.subject.driver import DriverSubject
from conformance.test.small_cases import POP3_DRIVER, driver

GOALS = """
import base64, json, poplib, smtplib, sys
KIND = sys.argv[1]
FEATURES = ["goals", "pop3", "pop3.user", "pop3.list", "smtp", "smtp.multi-rcpt", "smtp.auth.plain"]
FEATURES += ["moves"] if KIND == "claims-moves" else []

def fetch(row, listing):
    pop = poplib.POP3(row["host"], row["port"], timeout=row["timeout_ms"] / 1000)
    pop.user(row["user"])
    try:
        pop.pass_(row["secret"])
    except poplib.error_proto:
        if KIND == "no-password":
            return {}
        raise
    if listing:
        items = [[int(word) for word in line.split()] for line in pop.list()[1]]
        return {} if KIND == "no-items" else {"items": items}
    lines = pop.retr(1)[1]
    pop.quit()
    if KIND == "adds-pop3":
        lines.insert(0, b"X-UIDL: 1")
    end = b"\\n" if KIND == "lf" else b"\\r\\n"
    octets = b"".join(line + end for line in lines)
    octets = b"not it" if KIND == "garbles" else octets
    return {"messages": [] if KIND == "no-messages" else [[1, base64.b64encode(octets).decode()]]}

def send(row):
    octets = base64.b64decode(row["message_b64"])
    if KIND == "adds-smtp":
        octets = b"Date: now\\r\\nMessage-ID: <1@x>\\r\\n" + octets
    timeout = row["timeout_ms"] / 1000
    with smtplib.SMTP(row["host"], row["port"], row["name"], timeout) as smtp:
        if row["login"] == "auth":
            smtp.login(row["user"], row["secret"])
        smtp.sendmail(row["from"], row["to"], octets)
    rows = [[to, "ok", 250, None] for to in row["to"]]
    return {} if KIND == "no-rows" else {"rcpt": rows}

for line in sys.stdin:
    row = json.loads(line)
    if row.get("cmd") == "bye":
        break
    reply = {"name": "made-up", "version": "1", "features": FEATURES}
    if "op" in row:
        reply = {"seq": row["seq"], "outcome": "unsupported"}
    elif "goal" in row:
        reply = {"seq": row["seq"], "outcome": "ok"}
        try:
            value = send(row) if row["goal"] == "smtp.send" else fetch(row, "list" in row["goal"])
            reply["value"] = value
        except TimeoutError:
            reply["outcome"] = "timeout"
        except (OSError, poplib.error_proto, smtplib.SMTPException):
            reply["outcome"] = "failed"
    print(json.dumps(reply), flush=True)
"""


def made_up(folder: Path, kind: str) -> tuple[str, ...]:
    """The driver of a client with one fault."""
    path = folder / "made_up.py"
    path.write_text(GOALS, "utf-8")
    return (sys.executable, str(path), kind)


def examined(folder: Path, kind: str) -> list[doctor.DoctorFinding]:
    subject = DriverSubject("made-up", made_up(folder, kind))
    subject.start()
    try:
        return doctor.examine(subject)
    finally:
        subject.stop()


def test_a_client_without_fault_is_fit(tmp_path: Path) -> None:
    assert examined(tmp_path, "good") == []


@pytest.mark.parametrize(
    ("kind", "feature", "sentence"),
    [
        (
            "no-password",
            "pop3.user",
            "answers ok for login=user although the server refuses the password",
        ),
        ("no-items", "pop3.list", "pop3.list answers ok without an item"),
        ("no-messages", "pop3.user", "pop3.fetch answers ok without a message"),
        ("no-rows", "smtp.multi-rcpt", "to two recipients answers ok without a row for each"),
        ("claims-moves", "moves", "it claims moves, but no answer of it has any"),
    ],
)
def test_what_is_claimed_and_never_shown_is_not_fit(
    kind: str, feature: str, sentence: str, tmp_path: Path
) -> None:
    found = [each for each in examined(tmp_path, kind) if feature in each.features]
    assert [each.is_note for each in found] == [False]
    assert sentence in found[0].sentence


def test_an_op_that_says_ok_to_a_refused_login_is_not_fit() -> None:
    with driver(POP3_DRIVER, "ok-for-refused-login") as subject:
        [found] = doctor.examine(subject)
    assert (found.features, found.requirement) == (("pop3.apop",), "RFC1939-3-RESP-01")
    assert "answers ok for login=apop although the server refuses the password" in found.sentence


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("lf", r"pop3.fetch: its lines end in \n; if that is how the client stores"),
        ("adds-pop3", "pop3.fetch: header fields are added (x-uidl); turn that off"),
        ("adds-smtp", "smtp.send: header fields are added (date, message-id); turn that off"),
        ("garbles", "the message of pop3.fetch differs at its octet 0; the cases judge that"),
    ],
)
def test_a_changed_message_is_a_note_and_spoils_nothing(
    kind: str, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    [found] = examined(tmp_path, kind)
    assert found.is_note and sentence in found.sentence
    subject = "cmd:" + shlex.join(made_up(tmp_path, kind))
    assert main(["doctor", "--subject", subject]) == 0
    printed = capsys.readouterr().out
    assert f"note made-up: {found.sentence}" in printed and "made-up is fit" in printed
    assert main(["doctor", "--json", "--subject", subject]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["fit"], document["findings"]) == (True, [])
    assert document["notes"][0]["sentence"] == found.sentence


def test_a_header_of_its_own_that_the_file_tells_of_is_said_and_not_blamed(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    words = json.dumps(made_up(tmp_path, "adds-smtp"))
    path.write_text(f'name = "own"\nheaders = "own"\ndriver = {words}\n', "utf-8")
    subject = load(str(path))
    subject.start()
    try:
        [found] = doctor.examine(subject)
    finally:
        subject.stop()
    assert found.is_note and "its file says so, and the body alone is compared" in found.sentence
