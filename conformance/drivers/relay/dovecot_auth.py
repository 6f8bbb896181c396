"""Dovecot's auth process, as far as its LMTP proxy asks it: where the server of a user is."""

from __future__ import annotations

import os
import socketserver
import threading
from pathlib import Path

from conformance.drivers.relay.lines import Mail

MOST_OCTETS = 1 << 16


class Auth:
    """Listens at a path in the current folder; `server` says where everybody's mail goes.

    lookups  counts what it was asked
    """

    def __init__(self, path: Path) -> None:
        self.server: Mail | None = None
        self.lookups = 0
        path.unlink(missing_ok=True)
        listener = _Server(str(path), _Lookups)
        listener.auth = self
        threading.Thread(target=listener.serve_forever, daemon=True).start()


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    auth: Auth


class _Lookups(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        self.wfile.write(b"VERSION\t1\t1\nSPID\t%d\n" % os.getpid())
        while line := self.rfile.readline(MOST_OCTETS):
            words = line.rstrip(b"\n").split(b"\t")
            mail = self.server.auth.server
            if words[0] == b"PASS" and mail is not None:
                self.server.auth.lookups += 1
                self.wfile.write(b"PASS\t" + words[1] + b"\t" + _fields(words[2], mail) + b"\n")


def _fields(user: bytes, mail: Mail) -> bytes:
    fields = ["proxy", f"host={mail.certified}", f"hostip={mail.host}", f"port={mail.port}"]
    fields += [f"proxy_timeout={mail.wait_s}", f"protocol={'lmtp' if mail.lmtp else 'smtp'}"]
    if mail.tls != "none":
        fields.append("starttls=yes" if mail.tls == "starttls" else "ssl=yes")
    return b"user=" + user + b"\t" + "\t".join(fields).encode()
