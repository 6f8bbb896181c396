#!/usr/bin/env python3
"""Writes what stands between a test and the library: a wrapper of each public function.

    wrap.py OUT.c FLAGS HEADER...

OUT.c has __wrap_NAME() for each function of the headers, FLAGS the linker's options that put
them in the place of NAME(), one a line.
"""

from __future__ import annotations

import sys
from pathlib import Path

import api

# A message that holds what may not be sent ends the session, as its comment says.
_ENDS = ("mailc_smtp_body", "mailc_smtp_end")

_NOTES = {
    "struct mailc_pop3_event *": "recorder_pop3_event",
    "struct mailc_smtp_event *": "recorder_smtp_event",
    "const struct mailc_smtp_mail *": "recorder_mail",
}


def wrapper(number: int, function: api.Function) -> str:
    """One function's wrapper."""
    parameters = ", ".join(f"{kind} {name}" for kind, name in function.parameters) or "void"
    values = ", ".join(name for _, name in function.parameters)
    sessions = (
        function.parameter("struct mailc_pop3 *"),
        function.parameter("struct mailc_smtp *"),
    )
    keeps = not function.name.endswith("_init")
    entered = ", ".join(name if name and keeps else "NULL" for name in sessions)
    head = f"{function.result} __wrap_{function.name}({parameters})"
    call = f"__real_{function.name}({values})"
    lines = [
        f"{function.result} __real_{function.name}({parameters});",
        f"{head};",
        f"{head} {{",
        f"  struct recorder_call call = recorder_enter({number}u, {entered});",
    ]
    if function.result == "void":
        lines += [f"  {call};", "  recorder_leave(call);"]
    elif function.result == "struct mailc_transport":
        lines += [f"  {function.result} result = {call};", "  recorder_leave(call);"]
        lines += ["  result = recorder_transport(call, result);"]
    elif not function.has_status:
        lines += [f"  {function.result} result = {call};", "  recorder_leave(call);"]
    else:
        lines += [f"  {function.result} result = {call};", "  recorder_status(call, result);"]
        lines += notes(function)
    lines += [] if function.result == "void" else ["  return result;"]
    return "\n".join([*lines, "}"])


def notes(function: api.Function) -> list[str]:
    """What writes down the statuses that the function gives out otherwise."""
    lines = []
    for kind, note in _NOTES.items():
        name = function.parameter(kind)
        if name is not None:
            may_be_read = f"{name} != NULL"
            if "event" in note:
                may_be_read += " && result == MAILC_OK"
            lines += [f"  if ({may_be_read}) {{", f"    {note}(call, {name});", "  }"]
    return lines


def source(headers: list[str]) -> str:
    """The whole file."""
    functions = [each for header in headers for each in api.functions(header)]
    keeps = ("false" if each.name in _ENDS else "true" for each in functions)
    parts = ["/* NOLINTBEGIN: written by client/test/recorder/wrap.py. */", '#include "recorder.h"']
    parts += [f"#include <mailc/{header}>" for header in headers]
    parts += [
        "const char *const recorder_functions[] = {",
        *(f'    "{each.name}",' for each in functions),
        "};",
        f"const bool recorder_keeps[] = {{{', '.join(keeps)}}};",
        f"const unsigned recorder_function_count = {len(functions)}u;",
        *(wrapper(number, each) for number, each in enumerate(functions)),
    ]
    for protocol in ("pop3", "smtp"):
        parts.append(
            f"const uint8_t *recorder_{protocol}_tx_buf(const struct mailc_{protocol} *session,\n"
            f"                                    size_t *len) {{\n"
            f"  return __real_mailc_{protocol}_tx_buf(session, len);\n}}"
        )
    return "\n".join([*parts, "/* NOLINTEND */", ""])


def main(out: str, flags: str, *headers: str) -> None:
    """Writes both files."""
    names = [each.name for header in headers for each in api.functions(header)]
    Path(out).write_text(source(list(headers)), "ascii")
    Path(flags).write_text("".join(f"-Wl,--wrap={name}\n" for name in names), "ascii")


if __name__ == "__main__":
    main(*sys.argv[1:])
