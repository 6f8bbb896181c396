"""The interface to a client, however it is connected to the suite."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from conformance.subject.answer import Answer


class Subject(ABC):
    """A client under test. One session at a time.

    name, version  for the reports; the version is known after start()
    level          0 a command, 1 a driver
    claimed        what it claims, known after start()
    without        features that the run acts as if the client did not claim
    table          the command that prints its compiled table, or None
    fetches_all    whether it fetches all messages of a maildrop or none
    own_header     whether it writes header fields of its own: only bodies are compared then
    is_single      whether there is only one of it, such as a board: one process plays all cases
    stores_lf      whether what it fetched has LF at the ends of its lines, the local convention
    logs           `stderr`, `stdout` and files of its folder that hold a log which its file asks for
    own_words      the words of its file, which it may repeat
    """

    fetches_all = False
    own_header = False
    stores_lf = False
    is_single = False

    level: int

    def __init__(self, name: str, table: tuple[str, ...] | None = None) -> None:
        self.name = name
        self.version = ""
        self.claimed: frozenset[str] = frozenset()
        self.without: frozenset[str] = frozenset()
        self.limits: Mapping[str, int] = {}
        self.table = table
        self.logs: frozenset[str] = frozenset()
        self.own_words = b""

    @abstractmethod
    def start(self) -> None:
        """Makes the subject ready; a second call does nothing. Raises NotInstalled with a sentence
        for the user.
        """

    @abstractmethod
    def stop(self) -> str:
        """Ends every process of the subject; returns a sentence if one ended by its own fault."""

    @property
    def left_behind(self) -> list[str]:
        """Command lines of the processes that it left behind and that were killed."""
        return []

    @abstractmethod
    def call(self, op: str, args: Mapping[str, Any], limit_s: float) -> Answer:
        """Perform one op within `limit_s` seconds. Raises Crashed, Hung or AdapterBroken."""

    @abstractmethod
    def goal(self, name: str, args: Mapping[str, Any], limit_s: float, folder: Path) -> Answer:
        """Runs one whole session; `folder` is empty and for files. Raises the same errors as
        call().
        """

    def advance(self, ms: int) -> bool:
        """Adds `ms` to the client's clock (feature `clock`); False without a pending call."""
        raise NotImplementedError(f"{self.name} does not claim the feature clock")

    def take_stderr(self) -> str:
        """What the client wrote to stderr since the last call, up to a limit."""
        return ""

    @property
    def features(self) -> frozenset[str]:
        """What it claims and the run does not leave out."""
        return self.claimed - self.without

    @features.setter
    def features(self, claimed: frozenset[str]) -> None:
        self.claimed = claimed

    def take_stdout(self) -> bytes:
        """What a command wrote to stdout since the last call, up to a limit."""
        return b""

    def left_files(self, folder: Path) -> Iterator[tuple[str, bytes]]:
        """The files that it left since the last call, by name: of a command all in `folder`,
        without what the suite itself wrote there; of a driver those that are new in its own.
        """
        return iter(())

    @property
    def has_steps(self) -> bool:
        """Whether a case may call single ops."""
        return "steps" in self.features

    @property
    def has_goals(self) -> bool:
        """Whether it plays goals itself."""
        return "goals" in self.features

    @property
    def composes_goals(self) -> bool:
        """Whether the suite makes goals of its ops; also where the cases of single ops are left
        out.
        """
        return (
            "steps" in self.claimed
            and not self.has_goals
            and not self.without >= {"steps", "goals"}
        )

    @property
    def plays_goals(self) -> bool:
        """Whether it can be asked for a whole session, by either way."""
        return self.has_goals or self.composes_goals


def answer_limit_s(timeout_ms: int) -> float:
    """How long an answer may take before it is a HANG, in seconds."""
    return 3 * timeout_ms / 1000 + 2
