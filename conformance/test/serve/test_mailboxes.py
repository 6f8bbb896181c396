"""Mailboxes of the user's own, and mail that is kept."""

from __future__ import annotations

import json
import mailbox
import os
import poplib
import smtplib
from contextlib import closing, suppress
from pathlib import Path

import pytest

from conformance.serve import store as store_room
from conformance.serve.keep import EmlFolder, MaildirFolder
from conformance.serve.mailbox import BadMailbox, Box, MaildirBox, MboxBox
from conformance.serve.sessions import Session, Sessions
from conformance.serve.store import ServedMail
from conformance.test.serve.served import MAIL, served
from fake_servers.reactive.maildrop import MessageGone, View
from fake_servers.reactive.smtp import Delivered

ONE = b"Subject: one\n\n.dot\nFrom here\n"
TWO = b"Subject: two\n\n\xe9 without an end"
DELIVERED = Delivered(b"a@example.org", (b"b@example.com", b"c@example.com"), MAIL)


def maildir(folder: Path) -> None:
    made = mailbox.Maildir(folder, create=True)
    for octets in (ONE, TWO):
        made.add(octets)
    for number, path in enumerate(sorted((folder / "new").iterdir(), key=os.path.getmtime)):
        name = b"1000%d.x.host" % (0 if path.read_bytes() == ONE else 1 + number)
        path.rename(folder / "new" / name.decode())


def mbox(path: Path) -> None:
    made = mailbox.mbox(path, create=True)
    for octets in (ONE, TWO, TWO):
        made.add(octets)
    made.close()


def as_sent(octets: bytes) -> bytes:
    return octets.replace(b"\n", b"\r\n") + (b"" if octets.endswith(b"\n") else b"\r\n")


def session() -> Session:
    return Sessions().begin("smtp", "smtp", "", "127.0.0.1:1")


def test_a_maildir_is_served_whole_and_in_order(tmp_path: Path) -> None:
    maildir(tmp_path / "in")
    found = MaildirBox(tmp_path / "in").scan()
    assert [each.octets for each in found] == [as_sent(ONE), as_sent(TWO)]
    assert [each.size for each in found] == [len(each.octets) for each in found]


def test_unique_ids_outlive_flags_moves_and_the_server(tmp_path: Path) -> None:
    maildir(tmp_path / "in")
    box = MaildirBox(tmp_path / "in")
    before = box.scan()
    for path in (tmp_path / "in/new").iterdir():
        path.rename(tmp_path / "in/cur" / f"{path.name}:2,S")
    assert before[0].octets == as_sent(ONE)
    assert [each.uid for each in MaildirBox(tmp_path / "in").scan()] == [e.uid for e in before]
    (tmp_path / "in/cur/10000.x.host:2,S").unlink()
    with pytest.raises(MessageGone):
        assert before[0].octets
    assert [each.uid for each in box.scan()] == [before[1].uid]


def test_what_is_no_message_is_left_out(tmp_path: Path) -> None:
    maildir(tmp_path / "in")
    os.mkfifo(tmp_path / "in/new/10002.fifo")
    (tmp_path / "in/new/10003.link").symlink_to(tmp_path / "nowhere")
    (tmp_path / "in/cur/.hidden").write_bytes(b"x")
    (tmp_path / "in/cur/10004.folder").mkdir()
    assert len(MaildirBox(tmp_path / "in").scan()) == 2


def test_an_mbox_file_is_served_whole(tmp_path: Path) -> None:
    mbox(tmp_path / "box")
    box = MboxBox(tmp_path / "box")
    found = box.scan()
    assert found[1].octets == found[2].octets == as_sent(TWO)
    first = found[0].octets
    assert b"\r\n>From here\r\n" in first
    assert [each.size for each in found] == [len(each.octets) for each in found]
    assert len({each.uid for each in found}) == 3
    with closing(MboxBox(tmp_path / "box")) as other:
        assert [each.uid for each in other.scan()] == [each.uid for each in found]
    (tmp_path / "box").write_bytes(b"From x\n\nother\n" + (tmp_path / "box").read_bytes())
    with suppress(MessageGone):  # never the octets of another message
        assert found[0].octets == first
    assert [each.uid for each in box.scan()][1:] == [each.uid for each in found]
    box.close()


@pytest.mark.parametrize("kind", ["maildir", "mbox"])
@pytest.mark.parametrize("deletes", [True, False])
def test_files_stay_unless_it_is_asked_for(tmp_path: Path, kind: str, deletes: bool) -> None:
    path = tmp_path / "mail"
    box: Box
    if kind == "maildir":
        maildir(path)
        box = MaildirBox(path)
    else:
        mbox(path)
        box = MboxBox(path)
    count = len(box.scan())
    mail = ServedMail(box, deletes)
    view = View(mail)
    left = [each.uid for _, each in view.listing()][1:]
    view.mark(1)
    view.commit()
    assert [each.uid for each in mail.messages] == left
    assert len(box.scan()) == (count - 1 if deletes else count)
    box.close()


def test_received_mail_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_room, "MOST_MESSAGES", 3)
    monkeypatch.setattr(store_room, "MOST_OCTETS", 100)
    mail = ServedMail(None, False)
    for number in range(5):
        mail.receive(b"%d\r\n" % number)
    assert [each.octets for each in mail.messages] == [b"2\r\n", b"3\r\n", b"4\r\n"]
    mail.receive(b"x" * 95)
    assert [each.size for each in mail.messages] == [3, 97]
    assert len({each.uid for each in mail.messages}) == 2


def test_mail_is_kept_octet_for_octet_with_its_envelope(tmp_path: Path) -> None:
    for number in (1, 2, 3):
        EmlFolder(tmp_path / "kept").keep(session(), DELIVERED)
        path = tmp_path / f"kept/{number:06}.eml"
        assert path.read_bytes() == MAIL
        envelope = json.loads(path.with_suffix(".json").read_text("utf-8"))
        assert (envelope["schema"], envelope["file"]) == (1, path.name)
        assert envelope["from"] == "a@example.org"
        assert envelope["to"] == ["b@example.com", "c@example.com"]
    assert len(list((tmp_path / "kept").iterdir())) == 6


def test_mail_is_delivered_to_a_maildir(tmp_path: Path) -> None:
    MaildirFolder(tmp_path / "a/box").keep(session(), DELIVERED)
    (path,) = (tmp_path / "a/box/new").iterdir()
    head = (
        b"Return-Path: <a@example.org>\nDelivered-To: b@example.com\nDelivered-To: c@example.com\n"
    )
    assert path.read_bytes() == head + MAIL.replace(b"\r\n", b"\n")


def test_what_cannot_be_kept_is_not_accepted(tmp_path: Path) -> None:
    with served("--smtp", "--keep", str(tmp_path / "kept")) as server:
        (tmp_path / "kept").rename(tmp_path / "away")
        with pytest.raises(smtplib.SMTPServerDisconnected):
            with smtplib.SMTP("127.0.0.1", server.ports["smtp"], timeout=20) as client:
                client.sendmail("a@example.org", ["b@example.com"], MAIL)
        output = server.end()
    assert "could not be kept" in output and "No such file" in output


def test_a_mailbox_is_one_place_for_both_protocols(tmp_path: Path) -> None:
    """Mail that is kept in the Maildir that is served shows once."""
    maildir(tmp_path / "in")
    place = str(tmp_path / "in")
    words = ("--smtp", "--pop3", "--maildir", place, "--keep-maildir", place, "--delete")
    with served(*words, count=2) as server:
        with smtplib.SMTP("127.0.0.1", server.ports["smtp"], timeout=20) as sender:
            sender.sendmail("a@example.org", ["b@example.com"], MAIL)
        client = poplib.POP3("127.0.0.1", server.ports["pop3"], timeout=20)
        client.user("test")
        client.pass_("test")
        assert client.stat()[0] == 3
        assert b"\r\n".join(client.retr(1)[1]) + b"\r\n" == as_sent(ONE)
        client.dele(1)
        client.quit()
    assert len(list((tmp_path / "in/new").iterdir())) == 2


@pytest.mark.parametrize(
    ("name", "octets", "sentence"),
    [("none", None, "is no mbox file"), ("text", b"hello", "does not begin with a From line")],
)
def test_what_is_no_mailbox_is_refused(
    tmp_path: Path, name: str, octets: bytes | None, sentence: str
) -> None:
    if octets is not None:
        (tmp_path / name).write_bytes(octets)
    with pytest.raises(BadMailbox, match=sentence):
        MboxBox(tmp_path / name)
    with pytest.raises(BadMailbox, match="no Maildir"):
        MaildirBox(tmp_path / name)
