"""A driver process for the tests of the suite: it answers by a script, and misbehaves on demand.

usage: fake_driver.py [FEATURE ...]
Ops: `pop3.connect` dials, reads the greeting and says ok; what `pop3.user` gets as its
user names the misbehaviour; every other op is unsupported.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import sys
import time
from typing import Any

DEFAULT = ["steps", "moves", "clock", "pop3", "pop3.user"]


def misbehave(kind: str, seq: int) -> dict[str, Any] | None:
    """What this driver does for `pop3.user user=KIND`."""
    if kind == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    elif kind == "sanitizer":
        sys.stderr.write("==1==ERROR: AddressSanitizer: heap-buffer-overflow\n")
        sys.stderr.flush()
        os._exit(1)
    elif kind == "hang":
        time.sleep(60)
    elif kind == "exit":
        os._exit(3)
    elif kind == "noise":
        sys.stderr.write("x" * 300_000)
        sys.stderr.flush()
    elif kind == "not-json":
        sys.stdout.write("hello\n")
        sys.stdout.flush()
        return None
    elif kind == "wrong-seq":
        return {"seq": seq + 1, "outcome": "ok"}
    elif kind == "wrong-outcome":
        return {"seq": seq, "outcome": "fine"}
    elif kind == "binary":
        return {"seq": seq, "outcome": "ok", "value": {"reply_b64": "/w=="}}
    elif kind == "refused":
        return {"seq": seq, "outcome": "auth-failed"}
    elif kind == "clock":
        return {"seq": seq, "outcome": "timeout", "value": {"ms": read_advance()}}
    return {"seq": seq, "outcome": "ok", "value": {"reply": "+OK"}}


def read_advance() -> int:
    """Wait for an `advance` behind the op, 5 s at most; its milliseconds, or -1."""
    if not select.select([0], [], [], 5)[0]:
        return -1
    row = json.loads(os.read(0, 65536).splitlines()[0])
    return int(row["ms"]) if row.get("cmd") == "advance" else -1


def connect(row: dict[str, Any]) -> dict[str, Any]:
    """Dial and read one line; its moves as a client of the model has them."""
    try:
        with socket.create_connection((row["host"], row["port"]), row["timeout_ms"] / 1000) as wire:
            greeting = wire.makefile("rb").readline()
    except OSError as error:
        return {"outcome": "timeout" if isinstance(error, TimeoutError) else "io-error"}
    event, state = ("GREETING_OK", "AUTHORIZATION")
    if not greeting.startswith(b"+OK"):
        event, state = ("GREETING_REFUSED", "CLOSED")
    moves = [["START", "CONNECTED", "WAIT_GREETING"], ["WAIT_GREETING", event, state]]
    return {"outcome": "ok" if state == "AUTHORIZATION" else "refused", "moves": moves}


def answer(row: dict[str, Any], features: list[str]) -> dict[str, Any] | None:
    """The answer to one line, None where there is none."""
    if row.get("cmd") == "hello":
        return {"name": "fake", "version": "1", "features": features, "limits": {"line": 998}}
    if "cmd" in row:
        return None
    op = row.get("op", row.get("goal"))
    if op == "pop3.connect":
        return {"seq": row["seq"], **connect(row)}
    if op == "pop3.user":
        return misbehave(row["user"], row["seq"])
    return {"seq": row["seq"], "outcome": "ok" if op == "pop3.close" else "unsupported"}


def main() -> None:
    features = sys.argv[1:] or DEFAULT
    while line := read_line():
        row = json.loads(line)
        if row.get("cmd") == "bye":
            return
        reply = answer(row, features)
        if reply is not None:
            sys.stdout.write(json.dumps(reply) + "\n")
            sys.stdout.flush()


def read_line() -> bytes:
    """One line from stdin, read octet by octet so that nothing behind it is taken."""
    line = b""
    while not line.endswith(b"\n"):
        octet = os.read(0, 1)
        if not octet:
            return b""
        line += octet
    return line


if __name__ == "__main__":
    main()
