"""Reads a file that a user has named, which may be anything, even a device that never ends."""

from __future__ import annotations

import errno
import os
import select
import time
from pathlib import Path

MIB = 1 << 20
WAIT_S = 10.0
"""How long to wait for a pipe that nobody writes to."""
_CHUNK = 1 << 20


def read(path: Path, limit: int) -> bytes:
    """All octets of the file. Raises OSError, whose `strerror` says what is wrong, also if there
    are more than `limit` octets, or if nothing comes out of a pipe.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except ValueError as error:  # such as a NUL in the name
        raise OSError(errno.EINVAL, str(error)) from None
    try:
        octets = bytearray()
        while chunk := _chunk(fd):
            octets += chunk
            if len(octets) > limit:
                raise OSError(errno.EFBIG, f"it is longer than {limit / MIB:g} MiB")
        return bytes(octets)
    finally:
        os.close(fd)


def _chunk(fd: int) -> bytes:
    deadline = time.monotonic() + WAIT_S
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    while poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
        try:
            return os.read(fd, _CHUNK)
        except BlockingIOError:
            continue
    raise OSError(errno.ETIMEDOUT, f"nothing came out of it within {WAIT_S:g} s")
