"""Python's own clients, which leave their secret somewhere, for the tests of the suite.

usage: leaking_client.py WHERE driver
       leaking_client.py WHERE fetch HOST PORT USER SECRET
       leaking_client.py WHERE send HOST PORT NAME FROM TO USER SECRET < MESSAGE
WHERE is one of the keys of WAYS.
"""

from __future__ import annotations

import base64
import os
import poplib
import smtplib
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))


def _in_file(name: str, text: str) -> None:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text(text, "utf-8")


def _in_new_file(name: str, text: str) -> None:
    if not Path(name).exists():
        _in_file(name, text)


def _append(name: str, text: str) -> None:
    with open(name, "a", encoding="utf-8") as file:
        file.write(text)


def _plain(user: str, secret: str, before: str = "") -> str:
    return base64.b64encode(f"{before}\0{user}\0{secret}".encode()).decode()


def _in_temporary_file(secret: str) -> None:
    handle, _ = tempfile.mkstemp()
    os.write(handle, secret.encode())


WAYS: dict[str, Callable[[str, str], object]] = {
    "nowhere": lambda user, secret: None,
    "stderr": lambda user, secret: print(f"{user} has {secret}", file=sys.stderr, flush=True),
    "stderr-user": lambda user, secret: print(f"{user} logs in", file=sys.stderr, flush=True),
    "stderr-word": lambda user, secret: print("no tea for you", file=sys.stderr, flush=True),
    "stderr-base64": lambda user, secret: print(
        base64.b64encode(secret.encode()).decode(), file=sys.stderr, flush=True
    ),
    "stderr-plain": lambda user, secret: print(
        f"C: AUTH PLAIN {_plain(user, secret)}", file=sys.stderr, flush=True
    ),
    "stderr-authzid": lambda user, secret: print(
        _plain(user, secret, user), file=sys.stderr, flush=True
    ),
    "stderr-hex": lambda user, secret: print(secret.encode().hex(), file=sys.stderr, flush=True),
    "file": lambda user, secret: _in_file("session.log", f"login {user} {secret}\n"),
    "file-once": lambda user, secret: _in_new_file("once.log", secret),
    "deep-file": lambda user, secret: _in_file(".cache/a/b/session.log", secret),
    "temporary-file": lambda user, secret: _in_temporary_file(secret),
    "config": lambda user, secret: _append("rc", f"\nlast {secret}\n"),
    "device": lambda user, secret: os.mkfifo("pipe"),
    "stdout": lambda user, secret: print(f"using {secret}", flush=True),
}


def drive(leak: Callable[[str, str], object]) -> int:
    """Python's driver, which leaks what it logs in with."""
    from conformance.drivers import python_stdlib
    from conformance.drivers.python import goals

    inner = goals.Goals.log_in

    def log_in(self: Any, smtp: Any, mech: Any, user: str, secret: str) -> None:
        leak(user, secret)
        inner(self, smtp, mech, user, secret)

    setattr(goals.Goals, "log_in", log_in)
    return python_stdlib.main()


def fetch(host: str, port: str, user: str, secret: str) -> None:
    """Fetch the first message into a file."""
    session = poplib.POP3(host, int(port), timeout=5)
    session.user(user)
    session.pass_(secret)
    lines = session.retr(1)[1]
    session.quit()
    Path("1.eml").write_bytes(b"".join(line + b"\r\n" for line in lines))


def send(host: str, port: str, name: str, sender: str, to: str, user: str, secret: str) -> None:
    """Send the message of the standard input."""
    message = sys.stdin.buffer.read()
    with smtplib.SMTP(host, int(port), name, timeout=5) as session:
        session.login(user, secret)
        session.sendmail(sender, [to], message)


def main() -> int:
    where, what, *remaining = sys.argv[1:]
    leak = WAYS[where]
    if what == "driver":
        return drive(leak)
    leak(*remaining[-2:])
    try:
        if what == "fetch":
            fetch(*remaining)
        else:
            send(*remaining)
    except (poplib.error_proto, smtplib.SMTPException, OSError):
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
