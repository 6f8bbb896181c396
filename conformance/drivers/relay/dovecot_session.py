"""How a message is handed to Dovecot's LMTP server, whose proxy passes it on."""

from __future__ import annotations

import re
import socket

from conformance.drivers.relay.dovecot_auth import Auth
from conformance.drivers.relay.lines import Mail

LOCAL = b""
"""What stands for a refusal of the program's own, of which the server saw nothing."""
MOST_LINE = 1 << 16

Reply = bytes


class Session:
    """The submitter's side of one LMTP session with the program."""

    def __init__(self, sock: socket.socket, auth: Auth) -> None:
        self.sock = sock
        self.stream = sock.makefile("rb")
        self.auth = auth

    def deliver(self, mail: Mail) -> list[Reply]:
        """Hand over the message; the last reply to each recipient."""
        self.read()
        self.ask(b"LHLO submitter.example")
        said = self.ask(b"MAIL FROM:<" + mail.sender + b">")
        if not said.startswith(b"2"):
            return [LOCAL] * len(mail.to)
        replies = [self.recipient(address) for address in mail.to]
        taken = [place for place, said in enumerate(replies) if said.startswith(b"2")]
        if taken:
            said = self.ask(b"DATA")
            if said.startswith(b"3"):
                text = re.sub(rb"(?m)^\.", b"..", mail.message)
                end = b"" if not text or text.endswith(b"\n") else b"\r\n"
                self.sock.sendall(text + end + b".\r\n")
            for place in taken:
                replies[place] = self.read() if said.startswith(b"3") else said
        self.ask(b"QUIT")
        return replies

    def recipient(self, address: bytes) -> Reply:
        """What is said of one; where nobody asked for its server, the program said it itself."""
        self.auth.lookups = 0
        said = self.ask(b"RCPT TO:<" + address + b">")
        return said if self.auth.lookups or said.startswith(b"2") else LOCAL

    def ask(self, command: bytes) -> Reply:
        """The reply to a command."""
        self.sock.sendall(command + b"\r\n")
        return self.read()

    def read(self) -> Reply:
        """The last line of the next reply."""
        while line := self.stream.readline(MOST_LINE):
            if re.match(rb"\d\d\d ", line):
                return line
        raise RuntimeError("lmtp ended in the middle of a session")
