"""TLS in memory, between what one side sends and receives and the records on the wire.

No socket is used here (ssl.MemoryBIO). The carrier sends and receives the records, so cuts, log
and the count of what the client has read work as without TLS. Each write is one record.
"""

from __future__ import annotations

import ssl

HANDSHAKE_RECORD = 0x16
"""The first octet that a client sends to begin TLS (RFC 8446 section 5.1)."""

_READ = 65536


class SecureChannel:
    """One side of a TLS connection: the server's, or the client's if a server is named.

    ended  the peer has sent close_notify: it sends nothing more
    """

    def __init__(self, context: ssl.SSLContext, server_name: str = "") -> None:
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._tls = context.wrap_bio(
            self._incoming,
            self._outgoing,
            server_side=not server_name,
            server_hostname=server_name or None,
        )
        self.ended = False

    def feed(self, records: bytes) -> None:
        """Take octets of the wire."""
        self._incoming.write(records)

    def pending(self) -> bytes:
        """Octets for the wire; every other method may leave some."""
        return self._outgoing.read()

    def handshake(self) -> bool:
        """Continue the handshake; True once it is done. Raises ssl.SSLError."""
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            return False
        return True

    def encrypt(self, octets: bytes) -> bytes:
        """The records that carry `octets`."""
        self._tls.write(octets)
        return self.pending()

    def decrypt(self) -> bytes:
        """All that the records so far carry; raises ssl.SSLError for a bad record."""
        octets = bytearray()
        try:
            while piece := self._tls.read(_READ):
                octets += piece
            self.ended = True
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLZeroReturnError:
            self.ended = True
        return bytes(octets)

    def close_notify(self) -> bytes:
        """The record that says that nothing more will come."""
        try:
            self._tls.unwrap()
        except ssl.SSLError:
            pass
        return self.pending()

    @property
    def version(self) -> str:
        """`TLSv1.3` or another; empty before the handshake is done."""
        return self._tls.version() or ""

    @property
    def client(self) -> str:
        """The common name of the client's certificate; empty without a verified one."""
        octets = self._tls.getpeercert(binary_form=True)
        if not octets:
            return ""
        from cryptography import x509
        from cryptography.x509.oid import NameOID

        subject = x509.load_der_x509_certificate(octets).subject
        names = subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        return str(names[0].value) if names else ""
