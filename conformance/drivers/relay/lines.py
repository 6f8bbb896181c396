"""The JSON lines of a driver that plays one goal, smtp.send."""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MOST_OCTETS = 16 * 1024 * 1024
"""The longest line of the suite."""
SERVER_NAMES = ("127.0.0.1", "::1")
"""Hosts without a name; the certificates of the test servers have `localhost` as well."""

Answer = dict[str, Any]


class Unsupported(Exception):
    """The client has no way to be asked for this."""


@dataclass(frozen=True, slots=True)
class Mail:
    """What smtp.send asks for; texts are octets, None is what was not given.

    tls    none, starttls or implicit, all with a certificate that `ca` has signed
    login  the name of a mechanism in upper case, `own` for any, or nothing
    own_policy  the client decides itself what it sends without TLS
    """

    host: str
    port: int
    timeout_ms: int
    sender: bytes
    to: tuple[bytes, ...]
    message: bytes
    name: bytes | None
    params: tuple[bytes, ...]
    tls: str
    ca: str
    login: str
    user: bytes
    secret: bytes
    lmtp: bool
    own_policy: bool

    @property
    def certified(self) -> str:
        """The name that the certificate of the server must have."""
        return "localhost" if self.host in SERVER_NAMES else self.host

    @property
    def wait_s(self) -> int:
        """The timeout in whole seconds, at least one."""
        return max(1, -(-self.timeout_ms // 1000))


Send = Callable[[Mail], Answer]


def serve(name: str, version: str, features: Sequence[str], start: Callable[[Path], Send]) -> int:
    """Answer until bye or the end of stdin; 2 for a line that is no request.

    start  is given the driver's folder and returns what sends one message
    """
    send: Send | None = None
    while line := sys.stdin.buffer.readline(MOST_OCTETS + 1):
        try:
            row = json.loads(line)
            command = row.get("cmd")
        except (ValueError, AttributeError):
            print("this line is not a JSON object", file=sys.stderr)
            return 2
        if command == "bye":
            break
        if command == "hello":
            send = start(Path(row["dir"]))
            _say({"name": name, "version": version, "features": list(features), "limits": {}})
        elif command is None and send is not None:
            _say({"seq": row["seq"], **_answer(row, send)})
    return 0


def _say(row: Answer) -> None:
    print(json.dumps(row), flush=True)


def _answer(row: dict[str, Any], send: Send) -> Answer:
    if row.get("goal") != "smtp.send" or "client_cert" in row or "pieces" in row:
        return {"outcome": "unsupported"}
    try:
        return send(_mail(row))
    except Unsupported:
        return {"outcome": "unsupported"}


def _mail(row: dict[str, Any]) -> Mail:
    tls = row.get("tls") or "none"
    if tls == "none" and row.get("policy") == "tls":
        tls = "starttls"
    login = {"none": "", "own": "own"}.get(row["login"], "auth")
    message = _octets(row, "message")
    return Mail(
        host=row["host"],
        port=row["port"],
        timeout_ms=row.get("timeout_ms") or 1000,
        sender=_octets(row, "from") or b"",
        to=tuple(_octet_list(row, "to")),
        message=Path(row["message_path"]).read_bytes() if message is None else message,
        name=_octets(row, "name"),
        params=tuple(_octet_list(row, "params")),
        tls=tls,
        ca=row.get("ca") or "",
        login=(row.get("mech") or "").upper() if login == "auth" else login,
        user=_octets(row, "user") or b"",
        secret=_octets(row, "secret") or b"",
        lmtp=bool(row.get("lmtp")),
        own_policy=row.get("policy") == "own",
    )


def _octets(row: dict[str, Any], name: str) -> bytes | None:
    if f"{name}_b64" in row:
        return base64.b64decode(row[f"{name}_b64"])
    value = row.get(name)
    return None if value is None else str(value).encode()


def _octet_list(row: dict[str, Any], name: str) -> list[bytes]:
    if f"{name}_b64" in row:
        return [base64.b64decode(each) for each in row[f"{name}_b64"]]
    return [each.encode() for each in row.get(name) or ()]
