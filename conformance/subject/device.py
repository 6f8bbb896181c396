"""A driver that is not a program of this machine: on a board behind a serial line, or behind a TCP
port.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import parse_qsl, unquote

from conformance.subject.device_process import FAULT_STATUS
from conformance.subject.error import NotInstalled

SCHEMES = ("serial:", "tcp:")
BAUD = 115200
MOST_BAUD = 20_000_000
_PROGRAM = Path(__file__).with_name("device_process.py")
_OPTIONS: Mapping[str, frozenset[str] | None] = {
    "baud": None,
    "flow": frozenset({"none", "rtscts", "xonxoff"}),
    "line_end": frozenset({"lf", "crlf"}),
}


@dataclass(frozen=True, slots=True)
class Device:
    """Where a driver is that answers over a line.

    address  `serial:/dev/ttyACM0?baud=9600` or `tcp:HOST:PORT`
    reset    the command that restarts it, run before the line is opened
    fault    a text; a line that has it tells that the client crashed
    """

    address: str
    reset: tuple[str, ...] = ()
    fault: str = ""
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def argv(self) -> tuple[str, ...]:
        """The program that connects the suite's pipes with the line."""
        options = {**self.options, "reset": list(self.reset), "fault": self.fault}
        return (sys.executable, "-I", str(_PROGRAM), self._place, json.dumps(options))

    @property
    def crash_statuses(self) -> frozenset[int]:
        """The exit status of that program after a line with `fault`."""
        return frozenset({FAULT_STATUS} if self.fault else ())

    @property
    def _place(self) -> str:
        return self.address.partition("?")[0]

    def check_installed(self) -> None:
        """Raises NotInstalled if what the line needs is missing here."""
        if self.address.startswith("serial:") and find_spec("serial") is None:
            raise NotInstalled(
                f"{self.address} needs pyserial; install Debian's package python3-serial, "
                "or pyserial by pip"
            )


def is_address(text: str) -> bool:
    """Whether this text names a device."""
    return text.startswith(SCHEMES)


def parse(address: str, reset: Sequence[str] = (), fault: str = "") -> Device:
    """The device at an address; raises ValueError with a sentence."""
    place, _, query = address.partition("?")
    scheme, _, rest = place.partition(":")
    options = _options(query)
    if scheme == "serial":
        if not rest:
            raise ValueError("serial: needs the path of a device, such as serial:/dev/ttyACM0")
        options.setdefault("baud", str(BAUD))
    elif scheme == "tcp":
        host, _, port = rest.rpartition(":")
        if not host or not (port.isdecimal() and 1 <= int(port) <= 65535):
            raise ValueError("tcp: needs a host and a port from 1 to 65535, such as tcp:board:4000")
        if unfit := {"baud", "flow"} & options.keys():
            raise ValueError(f"{sorted(unfit)[0]} is for serial lines")
    else:
        raise ValueError("a driver is a list of words, serial:PATH or tcp:HOST:PORT")
    return Device(address, tuple(reset), fault, options)


def _options(query: str) -> dict[str, str]:
    """The options behind the question mark; raises ValueError."""
    found: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name not in _OPTIONS:
            raise ValueError(f"there is no option {name!r}; there are {', '.join(_OPTIONS)}")
        known = _OPTIONS[name]
        if known is not None and value not in known:
            raise ValueError(f"{name} is one of {', '.join(sorted(known))}, not {value!r}")
        if known is None and not (value.isdecimal() and 1 <= int(value) <= MOST_BAUD):
            raise ValueError(f"{name} is a number from 1 to {MOST_BAUD}, not {value!r}")
        found[name] = unquote(value)
    return found
