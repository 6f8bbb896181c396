"""A driver that does its worst at `pop3.apop`: what, says its first word.

usage: hostile_driver.py KIND
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

KIND = sys.argv[1]
LIMITLESS = b"x" * 65536
SLEEP = ("sleep", "90")


def say(row: dict[str, Any]) -> None:
    say_text(json.dumps(row))


def say_text(text: str) -> None:
    os.write(1, text.encode("utf-8", "surrogatepass") + b"\n")


def wait() -> None:
    time.sleep(90)


def child(**how: Any) -> None:
    """A child that keeps our pipes open."""
    subprocess.Popen(SLEEP, **how)  # pylint: disable=consider-using-with


def crash(number: int = signal.SIGSEGV) -> None:
    os.kill(os.getpid(), number)


def report(text: str, status: int) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
    os._exit(status)


ASAN = """\
==7==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x602 at pc 0x55
READ of size 1 at 0x602 thread T0
    #0 0x55e1 in parse_reply client.c:17
    #1 0x55e2 in main client.c:40

SUMMARY: AddressSanitizer: heap-buffer-overflow client.c:17 in parse_reply
Shadow bytes around the buggy address:
  0x0c047fff7fb0: fa fa fa fa
Shadow byte legend (one shadow byte represents 8 application bytes):
  Addressable:           00
==7==ABORTING
"""
LEAK = """\
==7==ERROR: LeakSanitizer: detected memory leaks

Direct leak of 7 byte(s) in 1 object(s) allocated from:
    #0 0x7f in malloc ../../../../src/libsanitizer/asan/asan_malloc_linux.cpp:69
    #1 0x55 in keep_reply client.c:23

SUMMARY: AddressSanitizer: 7 byte(s) leaked in 1 allocation(s).
"""
VALGRIND = """\
==7== 16 bytes in 1 blocks are definitely lost in loss record 1 of 1
==7==    at 0x483: malloc (vg_replace_malloc.c:381)
==7==    by 0x109: keep_reply (client.c:23)
==7== ERROR SUMMARY: 1 errors from 1 contexts (suppressed: 0 from 0)
"""


def signal_suite() -> None:
    """What watches over this driver is its parent and grandparent; theirs is the suite."""
    pid = os.getpid()
    for _ in range(3):
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            pid = int(file.read().rpartition(")")[2].split()[1])
    os.kill(pid, {"kills": signal.SIGKILL, "ends": signal.SIGTERM, "stops": signal.SIGSTOP}[KIND])


def misbehave(seq: int, wire: socket.socket) -> None:
    """Does it, and answers `ok` where that is left to do."""
    ok = {"seq": seq, "outcome": "ok"}
    texts = answers(seq)
    if KIND in texts:
        say_text(texts[KIND])
    elif KIND in FILES:
        say({**ok, "value": {"data_path": FILES[KIND]()}})
    elif KIND in FLOODS:
        try:
            while True:
                FLOODS[KIND](wire)
        except OSError:
            say({**ok, "outcome": "io-error"})
    else:
        PROCESSES.get(KIND, nothing)()
        say(ok)


def answers(seq: int) -> dict[str, str]:
    """Lines in place of an answer."""
    ok = {"seq": seq, "outcome": "ok"}
    return {
        "answers-twice": json.dumps(ok) + "\n" + json.dumps(ok),
        "wrong-seq": json.dumps({**ok, "seq": seq + 1}),
        "seq-is-true": '{"seq":true,"outcome":"ok"}',
        "surrogate": '{"seq":%d,"outcome":"ok","value":{"reply":"\\ud800"}}' % seq,
        "raw-surrogate": '{"seq":%d,"outcome":"ok","value":{"reply":"\ud800"}}' % seq,
        "deep": '{"seq":%d,"value":%s}' % (seq, "[" * 100_000),
        "huge-int": '{"seq":%d,"outcome":"ok","value":{"n":%s}}' % (seq, "9" * 100_000),
        "nan": '{"seq":%d,"outcome":"ok","value":{"n":NaN}}' % seq,
        "duplicate": '{"seq":%d,"outcome":"ok","outcome":"ok"}' % seq,
        "no-object": "[]",
        "escape": "\x1b[2J",
    }


def left(make: Callable[[], object]) -> str:
    """Leaves `f` in the driver's folder; gives its path."""
    make()
    return os.path.abspath("f")


def huge_file() -> None:
    with open("f", "wb") as file:
        file.truncate(1 << 30)


FILES: dict[str, Callable[[], str]] = {
    "fifo": lambda: left(lambda: os.mkfifo("f")),
    "device": lambda: left(lambda: os.symlink("/dev/zero", "f")),
    "folder": lambda: left(lambda: os.mkdir("f")),
    "link-outside": lambda: left(lambda: os.symlink("/etc/passwd", "f")),
    "link-inside": lambda: left(lambda: os.symlink("hostile", "f")),
    "huge-file": lambda: left(huge_file),
    "passwd": lambda: "/etc/passwd",
    "dotdot": lambda: os.getcwd() + "/../../../etc/passwd",
}
"""Where a message is said to lie."""

FLOODS: dict[str, Callable[[socket.socket], object]] = {
    "endless-line": lambda wire: os.write(1, LIMITLESS),
    "floods-stderr": lambda wire: os.write(2, LIMITLESS),
    "floods-socket": lambda wire: wire.sendall(LIMITLESS),
    "floods-commands": lambda wire: wire.sendall(b"\r\n" * 30000),
}
"""What is written again and again."""


def nothing() -> None:
    pass


def close_stdout() -> None:
    os.close(1)
    wait()


def ignore_sigterm() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    wait()


def crash_beside_child() -> None:
    child()
    crash()


def exit_beside_child() -> None:
    child()
    os._exit(3)


def crash_beside_daemon() -> None:
    child(start_new_session=True)
    crash()


def kill_keeper() -> None:
    os.kill(os.getppid(), signal.SIGKILL)
    wait()


def kill_keeper_beside_daemon() -> None:
    subprocess.Popen(("sleep", "97"), start_new_session=True, env={"A": ""})
    kill_keeper()


def complain() -> None:
    sys.stderr.write("==7== Invalid read of size 4\n==7==    at 0x1: parse (client.c:9)\n")
    sys.stderr.flush()


def shell(*words: str) -> None:
    subprocess.run(words, check=False)


PROCESSES: dict[str, Callable[[], object]] = {
    "hangs": wait,
    "crash": crash,
    "runs-in-circles": lambda: crash(signal.SIGXCPU),
    "closes-stdout": close_stdout,
    "ignores-sigterm": ignore_sigterm,
    "crash-beside-child": crash_beside_child,
    "exit-beside-child": exit_beside_child,
    "crash-beside-daemon": crash_beside_daemon,
    "double-fork": lambda: shell("sh", "-c", "setsid sleep 90 & setsid sleep 91 &"),
    "unmarked-daemon": lambda: shell("env", "-i", "/bin/sh", "-c", "setsid sleep 90 &"),
    "kills-keeper": kill_keeper,
    "kills-keeper-beside-daemon": kill_keeper_beside_daemon,
    "stops-keeper": lambda: os.kill(os.getppid(), signal.SIGSTOP),
    "asan": lambda: report(ASAN, 1),
    "valgrind-status": lambda: report("", 99),
    "valgrind-goes-on": complain,
}
"""What becomes of the process and of those around it."""


def behind_the_last_answer() -> None:
    """What shows once a case is over, but for the first one only."""
    if os.path.exists("shown"):
        return
    with open("shown", "w", encoding="ascii"):
        pass
    if KIND == "crash-after-answer":
        crash()
    elif KIND == "asan-after-answer":
        report(ASAN, 1)
    elif KIND == "complains-after-answer":
        complain()


def at_the_end() -> None:
    """What shows after bye."""
    if KIND == "leak":
        report(LEAK, 23)
    elif KIND == "valgrind-leak":
        report(VALGRIND, 0)
    elif KIND == "crash-at-bye":
        crash(signal.SIGABRT)
    elif KIND == "sleeps-at-bye":
        wait()
    elif KIND == "child-after-bye":
        child()
        child(start_new_session=True)


def hello() -> None:
    row = {"name": "bad", "version": "1", "features": ["steps", "pop3", "pop3.apop", "pop3.capa"]}
    if KIND == "silent-hello":
        wait()
    elif KIND == "escapes-in-name":
        row["name"] = "\x1b]0;owned\x07bad"
    elif KIND == "escapes-in-version":
        row["version"] = "1\x1b[2J"
    elif KIND == "escapes-in-features":
        row["features"] = ["pop3", "\x1b[2J"]
    elif KIND == "unasked":
        say({"seq": 1, "outcome": "ok"})
    say(row)


def main() -> None:
    wire = socket.socket()
    stamp = ""
    for line in sys.stdin:
        row = json.loads(line)
        if row.get("cmd") == "hello":
            hello()
            if KIND == "deaf":
                wait()
        elif row.get("cmd") == "bye":
            break
        elif row.get("op") == "pop3.connect":
            wire = socket.create_connection((row["host"], row["port"]), 5)
            greeting = wire.recv(1000).decode()
            stamp = greeting[greeting.find("<") : greeting.rfind(">") + 1]
            say({"seq": row["seq"], "outcome": "ok", "value": {"timestamp": stamp}})
        elif row.get("op") == "pop3.apop":
            if KIND in ("kills", "ends", "stops") and row["user"] == "killer":
                signal_suite()
            digest = hashlib.md5((stamp + row["secret"]).encode()).hexdigest()
            wire.sendall(f"APOP {row['user']} {digest}\r\n".encode())
            misbehave(row["seq"], wire)
        else:
            say({"seq": row["seq"], "outcome": "ok"})
            behind_the_last_answer()
    at_the_end()


if __name__ == "__main__":
    main()
