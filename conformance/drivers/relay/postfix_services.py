"""The other programs of Postfix that its SMTP client calls, as far as it needs them.

bounce, defer and trace are told what became of a recipient; tlsmgr gives the client its random
octets and would keep TLS sessions, of which there are none here.
"""

from __future__ import annotations

import base64
import os
import socketserver
import threading
from pathlib import Path

from conformance.drivers.relay import postfix_attributes
from conformance.drivers.relay.postfix_attributes import written

Report = dict[str, str]
"""What bounce or defer was told: offset, recipient, status, diag_type, diag_text, reason."""

REPORTING = ("bounce", "defer", "trace")


class Services:
    """Listens in the folder `private` of the queue, which must be the current one.

    reports  the last report of bounce or defer for each recipient that was not served, by its
             place in the file of the queue
    """

    def __init__(self) -> None:
        self.reports: dict[int, Report] = {}
        for name in (*REPORTING, "tlsmgr"):
            server = _Server(f"private/{name}", _TlsManager if name == "tlsmgr" else _Reporter)
            server.reports = self.reports if name != "trace" else {}
            threading.Thread(target=server.serve_forever, daemon=True).start()


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    reports: dict[int, Report]

    def server_bind(self) -> None:
        Path(str(self.server_address)).unlink(missing_ok=True)
        super().server_bind()


class _Reporter(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        self.wfile.write(written(("protocol", "delivery_status_protocol")))
        told = postfix_attributes.read(self.rfile)
        row = {name.decode(): value.decode("utf-8", "replace") for name, value in told}
        if "offset" in row:
            self.server.reports[int(row["offset"])] = row
        self.wfile.write(written(("status", 0)))


class _TlsManager(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.wfile.write(written(("protocol", "tlsmgr_protocol")))
        while asked := dict(postfix_attributes.read(self.rfile)):
            if asked.get(b"request") == b"seed":
                seed = base64.b64encode(os.urandom(min(255, int(asked[b"size"]))))
                self.wfile.write(written(("status", 0), ("seed", seed)))
            elif asked.get(b"request") == b"policy":
                self.wfile.write(written(("status", 0), ("cachable", 0), ("timeout", 0)))
            else:
                self.wfile.write(written(("status", -1 & 0xFFFFFFFF)))
