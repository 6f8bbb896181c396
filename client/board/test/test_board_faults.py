"""A board that hangs, dies or floods: a verdict, and QEMU is gone. Needs QEMU and the compiler."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from conformance.subject import AdapterBroken, Crashed, Hung
from conformance.subject.driver import DriverSubject

BOARD = Path(__file__).resolve().parents[1]
FLAGS = ["-mcpu=cortex-m4", "-mthumb", "-Os", "-nostartfiles", "-T", str(BOARD / "board.ld")]
FLAGS += ["-D_POSIX_C_SOURCE=200809L", "-D_POSIX_TIMERS=1", "-D_POSIX_MONOTONIC_CLOCK=200112L"]
LIMIT_S = 2.0
Verdicts = type[Exception] | tuple[type[Exception], ...]


def built(folder: Path, fault: str) -> Path:
    """Firmware that has this fault."""
    firmware = folder / "firmware.elf"
    sources = [BOARD / "test/faulty.c", BOARD / "board.c", BOARD / "posix.c"]
    words = ["arm-none-eabi-gcc", *FLAGS, f"-I{BOARD}", f"-I{BOARD}/include", f"-DFAULT={fault}"]
    subprocess.run([*words, "-o", str(firmware), *map(str, sources)], check=True)
    return firmware


def is_running(firmware: Path) -> bool:
    """Whether a process has this firmware in its command line."""
    for line in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if str(firmware).encode() in line.read_bytes():
                return True
        except OSError:
            continue  # it has just ended
    return False


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("fault", "verdicts", "reason"),
    [
        ("for (;;) {}", Hung, ""),
        ("for (;;) skip_line()", Hung, ""),
        ("__builtin_trap()", Crashed, "70"),
        ("(*(volatile int *)0xf0000000 = 1)", Crashed, "70"),
        ("return 3", AdapterBroken, "3"),
        ('for (;;) puts("flood")', AdapterBroken, "flood"),
        ("for (;;) putchar('x')", (AdapterBroken, Hung), ""),
    ],
)
def test_a_fault_is_a_verdict_and_leaves_nothing(
    tmp_path: Path, fault: str, verdicts: Verdicts, reason: str
) -> None:
    firmware = built(tmp_path, fault)
    argv = [str(BOARD / "qemu.py"), str(firmware)]
    subject = DriverSubject("faulty", argv, None, frozenset([70]))
    subject.start()
    assert is_running(firmware)
    with pytest.raises(verdicts, match=reason):
        subject.call("smtp.noop", {}, LIMIT_S)
    subject.stop()
    assert not is_running(firmware)
