"""A driver with a small honest POP3 client inside, for the tests of the suite.

usage: pop3_driver.py [BUG]
With a BUG it is wrong in exactly that: `upper-digest`, `lost-move`, `wrong-count`,
`ok-for-err`, `ok-for-refused-login`, `cut-is-whole`, `lf-only`; with `claims=FEATURE,...` it claims what it cannot do.
Message 99 ends the driver.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import socket
import ssl
import sys
from collections.abc import Callable
from typing import Any

FEATURES = ["steps", "moves", "ipv6", "tls.implicit", "pop3", "pop3.apop", "pop3.capa"]


class Refused(Exception):
    """The server said -ERR."""


class RejectedLocally(Exception):
    """The client's own refusal, before an octet has left."""


class Client:
    """One session. `moves` are those since the last answer."""

    def __init__(self, bug: str) -> None:
        self.bug = bug
        self.moves: list[list[str]] = []
        self.state = "START"
        self.timestamp = ""
        self.wire: socket.socket | None = None
        self.stream: Any = None

    def move(self, event: str, following: str) -> None:
        if not (self.bug == "lost-move" and event == "CMD_APOP"):
            self.moves.append([self.state, event, following])
        self.state = following

    def line(self) -> bytes:
        octets: bytes = self.stream.readline()
        if not octets.endswith(b"\n"):
            self.move("EOF", "FAILED")
            raise ConnectionError("cut")
        return octets.removesuffix(b"\r\n")

    def reply(self, good: str, bad: str) -> bytes:
        octets = self.line()
        if octets.startswith(b"+OK") or self.bug == "ok-for-err":
            self.move("REPLY_OK", good)
            return octets
        self.move("REPLY_ERR", bad)
        raise Refused

    def send(self, text: str) -> None:
        assert self.wire is not None
        self.wire.sendall(text.encode() + (b"\n" if self.bug == "lf-only" else b"\r\n"))

    def connect(self, row: dict[str, Any]) -> dict[str, Any]:
        self.wire = socket.create_connection((row["host"], row["port"]), row["timeout_ms"] / 1000)
        self.wire.settimeout(row["timeout_ms"] / 1000)
        if row["tls"] == "implicit":
            context = ssl.create_default_context(cafile=row["ca"])
            self.wire = context.wrap_socket(self.wire, server_hostname=row["host"])
        self.stream = self.wire.makefile("rb")
        self.state = "START"
        self.move("CONNECTED", "WAIT_GREETING")
        greeting = self.line()
        if not greeting.startswith(b"+OK"):
            self.move("GREETING_REFUSED", "CLOSED")
            raise Refused
        self.move("GREETING_OK", "AUTHORIZATION")
        found = re.search(rb"<[!-;=?A-~]+@[!-;=?A-~]+>", greeting)
        self.timestamp = found.group().decode() if found else ""
        return {"timestamp": self.timestamp} if found else {}

    def capa(self, row: dict[str, Any]) -> dict[str, Any]:
        before = self.state
        self.move("CMD_CAPA", "WAIT_CAPA")
        self.send("CAPA")
        self.reply("IN_CAPA", before)
        caps = []
        while (line := self.line().decode()) != ".":
            keyword, _, remaining = line.partition(" ")
            caps.append([keyword.upper(), remaining])
        self.move("TERMINATOR", before)
        return {"caps": caps}

    def apop(self, row: dict[str, Any]) -> dict[str, Any]:
        if not self.timestamp or not row["user"].isprintable():
            raise RejectedLocally
        digest = hashlib.md5((self.timestamp + row["secret"]).encode()).hexdigest()
        self.move("CMD_APOP", "WAIT_APOP")
        self.send(f"APOP {row['user']} {digest.upper() if self.bug == 'upper-digest' else digest}")
        try:
            return {"reply": self.reply("TRANSACTION", "AUTHORIZATION").decode()}
        except Refused:
            if self.bug != "ok-for-refused-login" or self.timestamp == "<1.1@doctor.example>":
                raise
            return {}

    def stat(self, row: dict[str, Any]) -> dict[str, Any]:
        self.move("CMD_STAT", "WAIT_STAT")
        self.send("STAT")
        count, octets = self.reply("TRANSACTION", "TRANSACTION").split()[1:3]
        return {"count": int(count) + (self.bug == "wrong-count"), "octets": int(octets)}

    def retr(self, row: dict[str, Any]) -> dict[str, Any]:
        if row["n"] == 99:
            sys.exit("there is no message 99")
        self.move("CMD_RETR", "WAIT_RETR")
        self.send(f"RETR {row['n']}")
        self.reply("IN_RETR", "TRANSACTION")
        data = b""
        try:
            while (line := self.line()) != b".":
                data += line.removeprefix(b".") + b"\r\n"
        except ConnectionError:
            if self.bug != "cut-is-whole":
                raise
        else:
            self.move("TERMINATOR", "TRANSACTION")
        return {"data_b64": base64.b64encode(data).decode()}

    def quit(self, row: dict[str, Any]) -> dict[str, Any]:
        self.move("CMD_QUIT", "WAIT_UPDATE" if self.state == "TRANSACTION" else "WAIT_QUIT")
        self.send("QUIT")
        self.reply("CLOSED", "CLOSED")
        return {}

    def close(self, row: dict[str, Any]) -> dict[str, Any]:
        if self.wire is not None:
            self.stream.close()
            self.wire.close()
            self.wire = None
        return {}

    def perform(self, row: dict[str, Any]) -> dict[str, Any]:
        """The answer to one op."""
        name = row["op"].removeprefix("pop3.")
        ops = ("connect", "capa", "apop", "stat", "retr", "quit", "close")
        if name not in ops:
            return {"outcome": "unsupported"}
        op: Callable[[dict[str, Any]], dict[str, Any]] = getattr(self, name)
        value: dict[str, Any] = {}
        try:
            value, outcome = op(row), "ok"
        except Refused:
            outcome = "auth-failed" if name == "apop" else "refused"
        except RejectedLocally:
            outcome = "rejected-locally"
        except TimeoutError:
            self.move("TIMEOUT", "FAILED")
            outcome = "timeout"
        except OSError:
            outcome = "io-error"
        moves, self.moves = self.moves, []
        return {"outcome": outcome, "value": value, "moves": moves}


def main() -> None:
    bug = sys.argv[1] if len(sys.argv) > 1 else ""
    more = bug.removeprefix("claims=").split(",") if bug.startswith("claims=") else []
    client = Client(bug)
    for line in sys.stdin:
        row = json.loads(line)
        if row.get("cmd") == "bye":
            return
        if row.get("cmd") == "hello":
            answer: dict[str, Any] = {"name": "small", "version": "1", "features": FEATURES + more}
        else:
            answer = {"seq": row["seq"], **client.perform(row)}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
