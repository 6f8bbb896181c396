"""Where received mail is written: a folder of .eml files, or a Maildir."""

from __future__ import annotations

import json
import mailbox
import os
import threading
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from conformance.serve.sessions import Session
from fake_servers.reactive.smtp import Delivered


class Keeper(Protocol):
    """Takes received mail."""

    def keep(self, session: Session, mail: Delivered) -> None:
        """Write it, whole or not at all; raises OSError."""


class EmlFolder:
    """A folder with 000001.eml, 000002.eml ...: the octets as they came, without stuffed dots.

    000001.json, beside it, has the envelope: `schema` (1), `file`, `session` (its number), `service`, `peer`,
    `received` (ISO 8601, UTC), `octets`, `from`, `to`, `mail_parameters` and `rcpt_parameters` (of each recipient).
    """

    def __init__(self, folder: Path) -> None:
        """Make the folder; numbers go on behind those that it has. Raises OSError."""
        folder.mkdir(parents=True, exist_ok=True)
        numbers = [int(each.stem) for each in folder.glob("*.eml") if each.stem.isdecimal()]
        self._folder = folder
        self._last = max(numbers, default=0)
        self._lock = threading.Lock()

    def keep(self, session: Session, mail: Delivered) -> None:
        """Write both files. The .eml comes last and at once, for whoever waits for it."""
        beside = self._reserve()
        whole, part = beside.with_suffix(".eml"), beside.with_suffix(".part")
        text = json.dumps(_envelope(whole.name, session, mail), indent=2, ensure_ascii=False)
        try:
            beside.write_text(text + "\n", "utf-8", "backslashreplace")
            part.write_bytes(mail.octets)
            os.rename(part, whole)
        except OSError:
            for path in (part, beside):
                path.unlink(missing_ok=True)
            raise

    def _reserve(self) -> Path:
        """A new .json file with the next number, also where another server uses the folder."""
        with self._lock:
            while True:
                self._last += 1
                path = self._folder / f"{self._last:06}.json"
                if not path.with_suffix(".eml").exists():
                    with suppress(FileExistsError):
                        path.touch(exist_ok=False)
                        return path


def _envelope(name: str, session: Session, mail: Delivered) -> dict[str, Any]:
    return {
        "schema": 1,
        "file": name,
        "session": session.number,
        "service": session.service,
        "peer": session.peer,
        "received": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "octets": len(mail.octets),
        "from": _shown(mail.mail_from),
        "to": [_shown(address) for address in mail.rcpt_to],
        "mail_parameters": _parameters(mail.mail_parameters),
        "rcpt_parameters": [_parameters(each) for each in mail.rcpt_parameters],
    }


def _parameters(pairs: tuple[tuple[bytes, bytes | None], ...]) -> dict[str, str | None]:
    return {_shown(key): None if value is None else _shown(value) for key, value in pairs}


def _shown(octets: bytes) -> str:
    return octets.decode("utf-8", "backslashreplace")


class MaildirFolder:
    """A Maildir. As a delivery agent does, it writes `Return-Path` and `Delivered-To` above the
    message (RFC 5321 section 4.4) and ends lines as the system does.
    """

    def __init__(self, folder: Path) -> None:
        """Make the Maildir; raises OSError."""
        folder.parent.mkdir(parents=True, exist_ok=True)
        self._box = mailbox.Maildir(folder, create=True)
        for name in ("tmp", "new", "cur"):
            (folder / name).mkdir(exist_ok=True)
        self._lock = threading.Lock()

    def keep(self, session: Session, mail: Delivered) -> None:
        """Deliver it to `new`."""
        head = b"Return-Path: <" + mail.mail_from + b">\n"
        head += b"".join(b"Delivered-To: " + address + b"\n" for address in mail.rcpt_to)
        with self._lock:
            self._box.add(head + mail.octets.replace(b"\r\n", b"\n"))
