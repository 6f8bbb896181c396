#!/usr/bin/env python3
"""Whether the tests together called every public function and got everything that it may say.

    recorded.py FILE...

The files are what the recorder wrote: a function a line, and a function with a status that it
returned or gave out in an event. Named, with exit status 1, are the functions that nobody called,
the statuses that no function gave, and those that a function never gave though its header says
that it does.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import api

# What every function of a session says, as the first comment of its header promises.
_STICKY = ("E_LINE_TOO_LONG", "E_REPLY", "E_SURPLUS", "E_LINE_END", "E_CLOSED", "E_TIMEOUT")
_SESSIONS = ("struct mailc_pop3 *", "struct mailc_smtp *")

_PUMPS = ("struct mailc_pop3_pump *", "struct mailc_smtp_pump *")

# Nothing being open is no reason to refuse these.
_AT_ANY_TIME = ("mailc_pop3_pump_skip", "mailc_pop3_pump_next")

# What a login that was given up comes to is a refusal.
_NEVER_OK = ("mailc_pop3_pump_cancel", "mailc_smtp_pump_cancel")

# The functions of a session that give no command; those that do promise more.
_NO_COMMANDS = frozenset(
    "init connected tx_ack rx_ack rx_eof tick set_limit_ms next tls_up tls_failed answer cancel body"
    " end abort".split()
)
_OF_COMMANDS = ("E_STATE", "E_EVENTS")

# In SMTP these alone may stand behind a command that is not answered yet.
_QUEUED_IN_SMTP = ("rcpt", "data", "bdat", "rset", "quit")


def takes(function: api.Function, *types: str) -> bool:
    """Whether it has a parameter of one of the types."""
    return any(function.parameter(each) is not None for each in types)


def read(files: list[str]) -> dict[str, set[str]]:
    """The statuses that each function gave, by its name."""
    given: dict[str, set[str]] = {}
    for file in files:
        for line in Path(file).read_text("ascii").splitlines():
            name, _, status = line.partition(" ")
            given.setdefault(name, set()).update([status] if status else [])
    return given


def promised(function: api.Function) -> frozenset[str]:
    """The statuses that the header says the function returns."""
    if not function.has_status:
        return frozenset()
    said = function.documented | (set() if function.name in _NEVER_OK else {"OK"})
    if takes(function, *_SESSIONS):
        said |= {"E_ARGUMENT"} | promised_of_command(function)
    if takes(function, *_PUMPS):
        said |= {"E_ARGUMENT"} | (set() if function.name in _AT_ANY_TIME else {"E_STATE"})
    return said


def promised_of_command(function: api.Function) -> frozenset[str]:
    """What a header says of all of its commands, for one of them."""
    _, protocol, name = function.name.split("_", 2)
    if name in _NO_COMMANDS:
        return frozenset()
    said = set(_OF_COMMANDS)
    if protocol == "pop3" or name in _QUEUED_IN_SMTP:
        said.add("E_QUEUE_FULL")
    if function.parameter("struct mailc_span") is not None and name != "bdat":
        said |= {"E_TEXT", "E_TOO_LONG"}
    return frozenset(said)


def is_sticky(function: api.Function) -> bool:
    """Whether it repeats what its session failed by."""
    is_of_session = takes(function, *_SESSIONS, *_PUMPS) and function.has_status
    return is_of_session and not function.name.endswith(("_init", "pop3_pump_skip"))


def missing(given: dict[str, set[str]]) -> Iterator[str]:
    """A sentence for each gap."""
    functions = [each for header in api.headers() for each in api.functions(header)]
    reached = set().union(*given.values())
    for status in api.statuses():
        if status not in reached:
            yield f"no function gave MAILC_{status}"
    for function in functions:
        got = given.get(function.name)
        if got is None:
            yield f"no test calls {function.name}()"
            continue
        for status in sorted(promised(function) - got):
            yield f"{function.name}() never gave MAILC_{status}"
        if is_sticky(function) and not got.intersection(_STICKY):
            yield f"{function.name}() was never called in a session that had failed"


def main(files: list[str]) -> int:
    """Prints the gaps; 1 if there are any."""
    given = read(files)
    gaps = list(missing(given))
    for gap in gaps:
        print(gap, file=sys.stderr)
    pairs = sum(len(statuses) for statuses in given.values())
    reached = set().union(*given.values())
    print(f"{len(given)} functions gave {len(reached)} statuses, {pairs} pairs; {len(gaps)} gaps")
    return 1 if gaps else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
