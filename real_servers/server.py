"""What all real servers share: a folder, ports, a process and an end."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, TypeVar

from conformance.paths import PACKAGE
from conformance.subject.keeper import Keeper
from fake_servers.wire import certificates
from real_servers.error import CannotStart, NeedsRoot, NotInstalled

HOST = "127.0.0.1"
PACKAGES = Path(os.environ.get("MAILSPEC_PACKAGES") or PACKAGE.parent / "build" / "packages")
"""Where the launcher unpacks what conflicts with an installed package."""
READY_S = 20.0
"""The longest wait for a server to open its ports."""
GREETING_S = 5.0
LOOK_S = 0.01
TLS_SERVICES = ("pop3s", "smtps")
"""Services where the client speaks first."""
TRIES = 3
"""How often a server is started if another process takes a port between the choice and the use."""
LOG_TAIL = 2000
"""How much of a log an error shows, in characters."""
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"

_Self = TypeVar("_Self", bound="RealServer")


class RealServer(ABC):
    """One server. It is stopped, and its folder removed, even if this process is killed.

    host, ports  where it listens: a port for each of `services`, known after start()
    ca           the authority that signed its certificate; a client trusts it
    folder       everything that it writes, known after start(); others may enter it, because
                 most servers have processes of other users
    """

    name: ClassVar[str]
    programs: ClassVar[tuple[str, ...]]
    """Absolute paths; all must be there."""
    services: ClassVar[tuple[str, ...]]
    needs_root: ClassVar[bool] = False

    def __init__(self) -> None:
        self.host = HOST
        self.ports: dict[str, int] = {}
        self.folder = Path()
        self._keeper: Keeper | None = None

    def __enter__(self: _Self) -> _Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def ca(self) -> Path:
        """The certificate of the authority, as PEM."""
        return certificates.ca_file()

    @property
    def log(self) -> str:
        """What it has logged so far."""
        paths = [self.folder / "log", self.folder / "output"]
        return "".join(path.read_text("utf-8", "replace") for path in paths if path.is_file())

    def check(self) -> None:
        """Raise NotInstalled or NeedsRoot if it cannot run here."""
        for program in self.programs:
            if not os.access(program, os.X_OK):
                raise NotInstalled(self.name, program)
        if self.needs_root and os.geteuid() != 0:
            raise NeedsRoot(f"{self.name} needs the rights of root, so its tests need them, too")

    def start(self) -> None:
        """Start it and wait until it listens; raises Unavailable. What fails leaves nothing."""
        self.check()
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def _start(self) -> None:
        for _ in range(TRIES):
            self.folder = Path(tempfile.mkdtemp(prefix=f"mailspec-{self.name.lower()}-"))
            self.folder.chmod(0o755)
            self.ports = _free_ports(self.services)
            self._keeper = Keeper(self.folder)
            self.configure()
            self._spawn(self._keeper)
            if self._wait_until_ready(self._keeper):
                return
            failed = self.log[-LOG_TAIL:].strip()
            self.stop()
        raise CannotStart(f"{self.name} did not start; its log ends:\n{failed}")

    def stop(self) -> None:
        """End all its processes and remove its folder; may be called twice."""
        if self._keeper is not None:
            self._keeper.end()
            self._keeper.close()
            self._keeper = None
            shutil.rmtree(self.folder, ignore_errors=True)

    @abstractmethod
    def configure(self) -> None:
        """Write the configuration, for `folder` and `ports`."""

    @abstractmethod
    def command(self) -> Sequence[str]:
        """The program, which stays in the foreground, and its arguments."""

    def write(self, name: str, text: str, mode: int = 0o644) -> Path:
        """A new file in the folder."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=mode)
        path.chmod(mode)
        path.write_text(text, "utf-8")
        return path

    def certificate(self) -> Path:
        """A file in the folder with the key and the certificate; only its owner may read it."""
        return self.write("tls.pem", certificates.server_file().read_text("ascii"), 0o600)

    def _spawn(self, keeper: Keeper) -> None:
        with open(os.devnull, "rb") as nothing, open(self.folder / "output", "ab") as output:
            keeper.spawn(
                self.command(),
                self.folder,
                {"PATH": PATH, "LC_ALL": "C.UTF-8", "HOME": str(self.folder)},
                (nothing.fileno(), output.fileno(), output.fileno()),
            )

    def _wait_until_ready(self, keeper: Keeper) -> bool:
        """False if it ended."""
        deadline = time.monotonic() + READY_S
        waiting = dict(self.ports)
        while waiting and time.monotonic() < deadline:
            waiting = {name: port for name, port in waiting.items() if not _serves(name, port)}
            if keeper.has_ended():
                return False
            time.sleep(LOOK_S)
        return not waiting


def _serves(service: str, port: int) -> bool:
    """Whether somebody listens and, in the clear, also greets: a port alone can be that of a
    server whose sessions all fail.
    """
    with socket.socket() as sock:
        sock.settimeout(GREETING_S)
        try:
            sock.connect((HOST, port))
            return service in TLS_SERVICES or bool(sock.recv(1))
        except OSError:
            return False


def _free_ports(services: Sequence[str]) -> dict[str, int]:
    """Ports that nothing listens at now; all are chosen before the first is given back."""
    found = {service: socket.create_server((HOST, 0)) for service in services}
    ports = {service: sock.getsockname()[1] for service, sock in found.items()}
    for sock in found.values():
        sock.close()
    return ports
