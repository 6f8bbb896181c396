"""Asks the kernel whether the client has read all that was sent.

A cut of the wire is real only if the client has read every octet before the next piece
leaves. On Linux one netlink message (sock_diag(7), inet_diag_req_v2) asks for the client's
socket by its exact addresses and ports. The answer says how many octets that socket has
received (`tcpi_bytes_received`) and how many of them are unread (`idiag_rqueue`). Our own
SIOCOUTQ cannot replace the first: the client's kernel may delay its acknowledgement for
40 ms after the octets were read. On other systems, and for a client on another machine,
a short pause must do.
"""

from __future__ import annotations

import os
import socket
import struct
import sys
import time
from collections.abc import Callable
from typing import NamedTuple

LIMIT_MS = 20
"""The longest wait for one piece: a client that does not read must not stop the server."""

PAUSE_S = 0.0005
"""The pause between two pieces if the kernel cannot be asked."""

SPIN_S = 0.0005
"""For this long a wait only yields the processor; after that it sleeps between two looks."""

_NETLINK_SOCK_DIAG = 4
_SOCK_DIAG_BY_FAMILY = 20
_NLM_F_REQUEST = 1
_NLMSG_ERROR = 2
_INET_DIAG_INFO = 2
_NO_COOKIE = b"\xff" * 8

# nlmsghdr (length, type, flags, sequence, port) and the start of inet_diag_req_v2
# (family, protocol, wanted attributes, states)
_REQUEST = struct.Struct("=LHHLLBBBxL")
# inet_diag_sockid: source port, target port, source, target, interface, cookie
_SOCKID = struct.Struct("!HH16s16s4x8s")
_REQUEST_LEN = _REQUEST.size + _SOCKID.size
_ATTRIBUTE = struct.Struct("=HH")
_TYPE = struct.Struct("=4xH")
_RQUEUE = struct.Struct("=L")
_RQUEUE_AT = 16 + 4 + _SOCKID.size + 4
_ATTRIBUTES_AT = 16 + 72
# in struct tcp_info: tcpi_bytes_received, _notsent_bytes, _bytes_sent, _bytes_retrans
_COUNTS = struct.Struct("=128xQ8xL52xQQ")
_OUR_RECEIVED = struct.Struct("=128xQ")


ARRIVAL_LIMIT_MS = 250
"""The longest wait for octets that the client has written and its kernel holds back (Nagle)."""


class _Look(NamedTuple):
    """What the client's socket has received and sent since it was opened, and what it holds back;
    in octets.
    """

    received: int
    unsent: int
    sent: int


class Drain:
    """Watches one accepted connection; close it with the connection."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._request = self._short_request = self._both = b""
        self._netlink: socket.socket | None = None
        self._sent = 0
        self._arrived = False
        self._info_at = 0
        if sys.platform == "linux" and _is_local(sock):
            self._request = _request_for_peer(sock, 1 << (_INET_DIAG_INFO - 1))
            self._short_request = _request_for_peer(sock, 0)
            self._both = self._request + self._short_request
            self._netlink = _open_netlink()

    def sent(self, octets: int) -> None:
        """Count octets that were written to the connection."""
        self._sent += octets
        self._arrived = False

    def wait(self, limit_ms: float = LIMIT_MS) -> bool:
        """Wait until the client has read everything that was sent; False on timeout."""
        return self._is_empty() or _wait_for(self._is_empty, limit_ms)

    def wait_until_arrived(self) -> None:
        """Wait until all that the client has written so far has arrived here."""
        _wait_for(self._has_sent_all, ARRIVAL_LIMIT_MS)

    def close(self) -> None:
        """Close the netlink socket; from now on every wait is a pause."""
        if self._netlink is not None:
            self._netlink.close()
            self._netlink = None

    def _is_empty(self) -> bool:
        """One look at the client's socket.

        The length of the queue counts only if it was read after the last octet was seen to
        arrive: the kernel reads the length before the number of octets received, not both
        at once. So one message asks twice.
        """
        if self._arrived:
            return not _has_unread(self._ask(self._short_request))
        reply = self._ask(self._both)
        later = self._next_answer()
        look = self._look(reply)
        if look is None:
            return True
        self._arrived = look.received >= self._sent
        return self._arrived and not _has_unread(later)

    def _has_sent_all(self) -> bool:
        look = self._look(self._ask(self._request))
        if look is None:
            return True
        return look.unsent == 0 and _bytes_received(self._sock) >= look.sent

    def _look(self, reply: bytes | None) -> _Look | None:
        """The state of the client's socket; None if it is gone or cannot be asked for."""
        if reply is None:
            return None
        if not self._info_at:
            self._info_at = _find_info(reply)
        if not self._info_at:
            self.close()
        if not self._info_at or len(reply) < self._info_at + _COUNTS.size:
            return None  # a socket that is being closed has no counts any more
        received, unsent, sent, again = _COUNTS.unpack_from(reply, self._info_at)
        return _Look(received, unsent, sent - again)

    def _ask(self, request: bytes) -> bytes | None:
        """The kernel's answer; None if the socket is gone or cannot be asked for."""
        if self._netlink is None:
            time.sleep(PAUSE_S)
            return None
        try:
            self._netlink.send(request)
        except OSError:
            self.close()
            return None
        return self._next_answer()

    def _next_answer(self) -> bytes | None:
        """The kernel's next answer, which is there already; None as in _ask()."""
        if self._netlink is None:
            return None
        try:
            reply = self._netlink.recv(4096)
        except OSError:
            self.close()
            return None
        return None if _TYPE.unpack_from(reply)[0] == _NLMSG_ERROR else reply


def _has_unread(answer: bytes | None) -> bool:
    """Whether octets wait in the client's socket."""
    return answer is not None and _RQUEUE.unpack_from(answer, _RQUEUE_AT)[0] != 0


def _wait_for(condition: Callable[[], bool], limit_ms: float) -> bool:
    """Look again and again: yield the processor at first, sleep later."""
    start = time.monotonic()
    while not condition():
        waited = time.monotonic() - start
        if waited * 1000 > limit_ms:
            return False
        if waited < SPIN_S:
            os.sched_yield()
        else:
            time.sleep(SPIN_S / 4)
    return True


def _is_local(sock: socket.socket) -> bool:
    """True if both ends have the same address: then the client is on this machine."""
    try:
        return bool(sock.getsockname()[0] == sock.getpeername()[0])
    except OSError:
        return False


def _open_netlink() -> socket.socket | None:
    """A netlink socket for sock_diag, or None if the kernel has no sock_diag."""
    try:
        netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, _NETLINK_SOCK_DIAG)
    except OSError:
        return None
    netlink.setblocking(False)  # the kernel answers within the send
    return netlink


def _request_for_peer(sock: socket.socket, attributes: int) -> bytes:
    """The netlink message that asks for the client's socket, whose source is our peer."""
    ours, theirs = sock.getsockname(), sock.getpeername()
    request = _REQUEST.pack(
        _REQUEST_LEN,
        _SOCK_DIAG_BY_FAMILY,
        _NLM_F_REQUEST,
        0,
        0,
        sock.family,
        socket.IPPROTO_TCP,
        attributes,
        0xFFFFFFFF,
    )
    source = socket.inet_pton(sock.family, theirs[0]).ljust(16, b"\0")
    target = socket.inet_pton(sock.family, ours[0]).ljust(16, b"\0")
    return request + _SOCKID.pack(theirs[1], ours[1], source, target, _NO_COOKIE)


def _find_info(reply: bytes) -> int:
    """Offset of struct tcp_info, which is the same in all answers; 0 if this answer lacks it."""
    at = _ATTRIBUTES_AT
    while at + _ATTRIBUTE.size <= len(reply):
        length, kind = _ATTRIBUTE.unpack_from(reply, at)
        if kind == _INET_DIAG_INFO and length >= _ATTRIBUTE.size + _COUNTS.size:
            return at + _ATTRIBUTE.size
        if length < _ATTRIBUTE.size:
            return 0
        at += (length + 3) & ~3
    return 0


def _bytes_received(sock: socket.socket) -> int:
    """How many octets our own kernel has received from the client; a closed socket has all."""
    try:
        info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _OUR_RECEIVED.size)
    except OSError:
        return sys.maxsize
    received: int = _OUR_RECEIVED.unpack_from(info)[0]
    return received
