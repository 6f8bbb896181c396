"""Python's own clients with a fault in every message, for the tests of the suite.

usage: faulty_client.py FAULT driver
       faulty_client.py FAULT fetch HOST PORT USER SECRET N
       faulty_client.py FAULT send HOST PORT NAME FROM TO < MESSAGE
FAULT is `blank` (an empty line behind every message), `blank-if-open` (only behind one that does
not end in CRLF), `two` (`blank`, and the first dot of a line is lost), `fields` (a Date that the
message does not have) or, for the driver alone, `ahead` (RCPT is sent with MAIL, whether or not PIPELINING is offered),
`colon` (a blank behind FROM: and TO:) and `trailing` (a blank at the end of every command, but not of a name or a password).
"""

from __future__ import annotations

import base64
import poplib
import re
import smtplib
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))


def damaged(fault: str, message: bytes) -> bytes:
    """The message as this client gives or sends it."""
    if fault == "blank-if-open":
        return message if message.endswith(b"\r\n") else message + b"\r\n\r\n"
    if fault in ("ahead", "colon", "trailing"):
        return message
    if fault == "two":
        message = re.sub(rb"(?m)^\.(?=.)", b"", message)
    if fault == "fields":
        return b"Date: Thu, 1 Jan 1970 00:00:00 +0000\r\n" + message
    return message + b"\r\n"


def mail(self: Any, sender: str, options: object = ()) -> tuple[int, bytes]:
    """Keep MAIL for the first RCPT."""
    self.ahead = f"MAIL FROM:<{sender}>\r\n"
    return 250, b""


def rcpt(self: Any, to: str, options: object = ()) -> tuple[int, bytes]:
    """Send both in one write, and read both replies."""
    self.send(f"{self.ahead}RCPT TO:<{to}>\r\n")
    self.getreply()
    found: tuple[int, bytes] = self.getreply()
    return found


def with_blank(self: Any, command: str, argument: str = "") -> None:
    """Send a command with a blank at its end."""
    line = f"{command} {argument}".rstrip()
    end = "" if line.upper().startswith(("USER", "PASS")) else " "
    octets = f"{line}{end}\r\n".encode()
    self.sock.sendall(octets)


def after_colon(self: Any, command: str, argument: str = "") -> None:
    """Send MAIL and RCPT with a blank before the path."""
    line = f"{command} {argument}".rstrip().replace("FROM:<", "FROM: <").replace("TO:<", "TO: <")
    self.sock.sendall(f"{line}\r\n".encode())


def drive(fault: str) -> int:
    """Python's driver, with the fault where a message goes in or out."""
    from conformance.drivers import python_stdlib
    from conformance.drivers.python import goals, pop3, smtp, value

    def message_of(lines: list[bytes]) -> dict[str, str]:
        octets = damaged(fault, b"".join(line + b"\r\n" for line in lines))
        return {"data_b64": base64.b64encode(octets).decode()}

    def octets_of(message: object) -> bytes:
        return damaged(fault, value.octets_of(message))

    if fault == "trailing":
        setattr(smtplib.SMTP, "putcmd", with_blank)
        setattr(poplib.POP3, "_putcmd", with_blank)
    if fault == "colon":
        setattr(smtplib.SMTP, "putcmd", after_colon)
    if fault == "ahead":
        setattr(smtplib.SMTP, "mail", mail)
        setattr(smtplib.SMTP, "rcpt", rcpt)
    for module in (goals, pop3, smtp):
        setattr(module, "message_of", message_of)
        setattr(module, "octets_of", octets_of)
    return python_stdlib.main()


def fetch(fault: str, host: str, port: str, user: str, secret: str, number: str) -> int:
    """Fetch one message to the standard output."""
    session = poplib.POP3(host, int(port), timeout=5)
    session.user(user)
    session.pass_(secret)
    lines = session.retr(int(number))[1]
    session.quit()
    sys.stdout.buffer.write(damaged(fault, b"".join(line + b"\r\n" for line in lines)))
    return 0


def send(fault: str, host: str, port: str, name: str, sender: str, to: str) -> int:
    """Send the message of the standard input."""
    message = damaged(fault, sys.stdin.buffer.read())
    with smtplib.SMTP(host, int(port), name, timeout=5) as session:
        session.sendmail(sender, [to], message)
    return 0


def main() -> int:
    fault, what, *remaining = sys.argv[1:]
    if what == "driver":
        return drive(fault)
    try:
        return fetch(fault, *remaining) if what == "fetch" else send(fault, *remaining)
    except (poplib.error_proto, smtplib.SMTPException, OSError):
        return 1


if __name__ == "__main__":
    sys.exit(main())
