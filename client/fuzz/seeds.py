#!/usr/bin/env python3
"""Makes the inputs that fuzzing begins with: seeds.py FOLDER, with one folder in it for each target.

The sessions are those of the traces, as `mailspec export` gives them; engine.h describes the
inputs that they become. What no trace has, logins that succeed above all, is written out here.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent

HAPPENS, LITERAL = 0x80, 0xFF
END, LATE, TLS_UP, TLS_FAILED = 1, 2, 5, 6
HAPPENING_COUNT = 7
"""As in enum fuzz_happening."""

WHOLE_BUFFERS = 0xFF
LONG_QUEUE = 0xE0
LMTP, TLS, UNLISTED_AUTH = 1, 2, 64
SMALL_LIMITS = {"pop3": 8, "smtp": 128}
POLICIES = {"own": 0, "clear": 1, "tls": 2}
INPUT_MAX = 4096
FLAGS = 4
"""The octet of an input that has them."""

INITIAL = 16
"""In the argument of AUTH: the first response goes with the command."""

RIGHT = b"v=" + base64.b64encode(b"\x5a" * 20)
RIGHT_256 = b"v=" + base64.b64encode(b"\x5a" * 32)
"""The signatures of a server where every digest is the same: hash.h."""
FIRST = b"r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096"


def names(path: Path, pattern: str) -> list[str]:
    """The names that a line of the file begins with, in their order."""
    return re.findall(pattern, path.read_text("ascii"), re.MULTILINE)


MECHS = names(HERE.parent / "include/mailc/sasl.h", r"^  MAILC_MECH_(\w+),")
COMMANDS = {
    protocol: names(HERE / f"{protocol}_commands.def", r"^COMMAND\((\w+)\)")
    for protocol in ("pop3", "smtp")
}


def octets_of(step: dict[str, Any], name: str) -> bytes | None:
    """The octets of a step of this kind; None if it is another."""
    if f"{name}_b64" in step:
        return base64.b64decode(step[f"{name}_b64"])
    return step[name].encode() if name in step else None


def said(octets: bytes) -> bytes:
    """The server's octets as an input has them."""
    return b"".join(
        bytes([LITERAL, octet]) if octet >= HAPPENS else bytes([octet]) for octet in octets
    )


def given(protocol: str, name: str, argument: int = 0) -> bytes:
    number = HAPPENS + HAPPENING_COUNT + COMMANDS[protocol].index(name)
    return bytes([number, argument])


def command_of(protocol: str, line: str) -> bytes:
    """The command that has this line sent; nothing if none is known."""
    words = line.split()
    verb = words[0].upper() if words else ""
    if verb == "AUTH" and len(words) > 1:
        mech = words[1].upper().replace("-", "_")
        number = MECHS.index(mech) if mech in MECHS else 0
        return given(protocol, verb, number + (INITIAL if len(words) > 2 else 0))
    if verb in ("LIST", "UIDL") and len(words) > 1:
        return given(protocol, f"{verb}_ONE", 1)
    if verb == "LANG" and len(words) > 1:
        return given(protocol, "LANG_TO", 13)
    if verb == "BDAT":
        return given(protocol, "BDAT_LAST" if line.endswith("LAST") else "BDAT")
    if verb not in COMMANDS[protocol]:
        return b""
    numbered = verb in ("RETR", "TOP", "DELE")
    return given(protocol, verb, 1 if numbered else 0)


def commands_of(protocol: str, octets: bytes, is_message: bool) -> bytes:
    """The commands that have these octets sent."""
    if is_message:
        return given(protocol, "BODY", 7) + given(protocol, "END")
    lines = octets.decode("utf-8", "replace").splitlines()
    return b"".join(command_of(protocol, line) for line in lines)


def stream(protocol: str, steps: list[dict[str, Any]]) -> Iterator[bytes]:
    """What happens in a session, step by step."""
    last = b""
    for step in steps:
        expected, sent = octets_of(step, "expect"), octets_of(step, "send")
        if expected is not None:
            is_message = protocol == "smtp" and last.startswith(b"354")
            yield commands_of(protocol, expected, is_message)
            last = b""
        elif sent is not None:
            yield said(sent)
            last = sent
        elif "end" in step:
            yield bytes([HAPPENS + END])
        elif "starttls" in step:
            yield bytes([HAPPENS + (TLS_FAILED if step["starttls"] else TLS_UP)])


def choices(protocol: str, steps: list[dict[str, Any]]) -> bytes:
    """The six octets before the stream."""
    connect: dict[str, Any] = next((s["call"] for s in steps if "call" in s), {})
    flags = TLS if connect.get("tls") == "implicit" else 0
    if protocol == "smtp":
        flags |= (LMTP if connect.get("lmtp") else 0) | UNLISTED_AUTH
    policy = POLICIES.get(connect.get("policy", ""), 0)
    return bytes([0, 0, WHOLE_BUFFERS, LONG_QUEUE, flags, policy])


def sessions() -> Iterator[tuple[str, bytes]]:
    """The target and the input for each trace that has one."""
    exported = subprocess.run(
        [sys.executable, "-P", "-m", "conformance", "export"],
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        stdout=subprocess.PIPE,
        check=True,
    )
    for vector in json.loads(exported.stdout)["vectors"]:
        protocol = vector["id"].split(".")[0]
        steps = vector["paths"][0]["steps"]
        made = choices(protocol, steps) + b"".join(stream(protocol, steps))
        if len(made) <= INPUT_MAX:
            yield protocol, made
            yield protocol, made + bytes([HAPPENS + LATE])
            limited = bytes([made[FLAGS] | SMALL_LIMITS[protocol]])
            yield protocol, made[:FLAGS] + limited + made[FLAGS + 1 :]


def logins() -> Iterator[tuple[str, bytes]]:
    """Logins of each mechanism, in both protocols."""
    wrong = b"v=" + base64.b64encode(b"\x5b" * 20)
    dialogues: list[tuple[str, list[bytes]]] = [
        ("PLAIN", [b""]),
        ("LOGIN", [b"Username:", b"Password:"]),
        ("CRAM_MD5", [b"<1896.697170952@postoffice.reston.mci.net>"]),
        ("SCRAM_SHA_1", [b"", FIRST, RIGHT]),
        ("SCRAM_SHA_1", [FIRST, RIGHT + b",x=1"]),
        ("SCRAM_SHA_1", [FIRST, wrong]),
        ("SCRAM_SHA_1", [FIRST, b"e=invalid-proof"]),
        ("SCRAM_SHA_256", [FIRST + b",x=y", RIGHT_256]),
        ("OAUTHBEARER", [b'{"status":"invalid_token"}']),
        ("XOAUTH2", [b'{"status":"401"}']),
        ("EXTERNAL", [b""]),
        ("ANONYMOUS", [b""]),
        ("CALLER", [b"\xc3\xa9?", b"", b"=", b"4", b"5"]),
    ]
    for mech, challenges in dialogues:
        for protocol, accepted in enumerate([b"+OK\r\n", b"235 2.7.0 ok\r\n"]):
            flags = UNLISTED_AUTH if protocol else 0
            head = bytes([flags, POLICIES["clear"], protocol, MECHS.index(mech), 0, 0])
            yield "sasl", head + b"\xff".join([*challenges, b"\xfe" + accepted])


def long_answers() -> Iterator[tuple[str, bytes]]:
    """Answers that are beyond the small limits: of lines, of octets, of capabilities."""
    head = bytes([0, 0, WHOLE_BUFFERS, LONG_QUEUE])
    smtp = head + bytes([SMALL_LIMITS["smtp"], 0]) + b"220 x\r\n" + given("smtp", "HELO")
    smtp += b"250 x\r\n" + given("smtp", "NOOP")
    yield "smtp", smtp + b"250-x\r\n" * 9 + b"250 x\r\n"
    yield "smtp", smtp + (b"250-" + b"x" * 300 + b"\r\n") * 4 + b"250 x\r\n"
    pop3 = head + bytes([SMALL_LIMITS["pop3"], POLICIES["clear"]]) + b"+OK\r\n"
    yield "pop3", pop3 + given("pop3", "CAPA") + b"+OK\r\n" + b"X\r\n" * 9 + b".\r\n"
    pop3 += given("pop3", "USER") + b"+OK\r\n" + given("pop3", "PASS") + b"+OK\r\n"
    sizes = b"".join(b"%d 100\r\n" % number for number in range(1, 9))
    yield "pop3", pop3 + given("pop3", "LIST") + b"+OK\r\n" + sizes + b".\r\n"


TEXTS = [
    b"+OK [UTF8] text",
    b"-ERR [SYS/PERM] text",
    b"-ERR [IN-USE/a] text",
    b"5.7.26 text",
    b"SIZE 1000",
    b"AUTH=PLAIN SCRAM-SHA-256",
    b"a+b=c d",
    b"plain login CRAM-MD5 OAUTHBEARER x",
    b"a\r\n.b\r\n\r\n",
    b"a\n\0\x80\r",
]


def texts() -> Iterator[tuple[str, bytes]]:
    """Each text for each function that reads one."""
    for which in range(6):
        for argument in (3, 15, 64):
            for text in TEXTS:
                yield "text", bytes([which, argument]) + text


def main() -> int:
    """Write them, each named by its octets."""
    if len(sys.argv) != 2:
        print("usage: seeds.py FOLDER", file=sys.stderr)
        return 2
    count = 0
    for target, made in (*sessions(), *logins(), *long_answers(), *texts()):
        folder = Path(sys.argv[1]) / target
        folder.mkdir(parents=True, exist_ok=True)
        (folder / hashlib.sha256(made).hexdigest()[:16]).write_bytes(made)
        count += 1
    print(f"{count} seeds")
    return 0


if __name__ == "__main__":
    sys.exit(main())
