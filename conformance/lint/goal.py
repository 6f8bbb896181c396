"""Goal cases: the goal, its server, what the server does instead."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.lint import calls, request
from conformance.lint.problem import Problem
from conformance.ops import COMMANDS, GOALS, LOGINS
from fake_servers.reactive import read_config
from fake_servers.trace.error import TraceError
from fake_servers.trace.syntax import TLS_NAMES, Directive, Goal, Send, Template, Trace, Value
from fake_servers.trace.template import Bindings


def check(trace: Trace, goal: Goal) -> Iterator[Problem]:
    """The problems of a goal case, apart from those of its header."""
    op = GOALS.get(goal.name)
    if op is None:
        yield Problem(trace.path, goal.line, goal.name, "there is no such goal")
        return
    if not goal.name.startswith(f"{trace.protocol}."):
        message = f"the goal is of another protocol; the case's is {trace.protocol}"
        yield Problem(trace.path, goal.line, goal.name, message)
    given = dict(goal.args)
    if op.message and goal.messages:
        given["message"] = goal.messages[0]
    yield from calls.arguments(trace, goal.line, given, op)
    yield from request.arguments(trace, goal.line, goal.name, goal.args, "goal_")
    yield from _login(trace, goal)
    yield from _server(trace)
    for override in goal.overrides:
        if override.command not in COMMANDS[trace.protocol]:
            message = "the server has no such command; on cannot name it"
            yield Problem(trace.path, override.line, override.command, message)
        if "tls" not in goal.server and any(_truncates(each) for each in override.actions):
            message = "truncate ends TLS without close_notify; the server needs tls="
            yield Problem(trace.path, override.line, "truncate", message)
    yield from calls.result(trace, goal.result, op)
    yield from request.result(trace, goal.result, goal.name, "goal_")


def _truncates(action: Send | Directive) -> bool:
    return isinstance(action, Directive) and action.name == "truncate"


def text(value: Value | None) -> str | None:
    """The text of a value without holes, None for any other value."""
    if isinstance(value, tuple):
        template: Template = value
        if all(isinstance(part, bytes) for part in template):
            return b"".join(part for part in template if isinstance(part, bytes)).decode()
    return None


def _login(trace: Trace, goal: Goal) -> Iterator[Problem]:
    """The kind of login, and what it needs."""
    login = text(goal.args.get("login"))
    allowed = LOGINS[trace.protocol]
    if login is None:
        return
    if login not in allowed:
        message = "login must be one of " + ", ".join(sorted(allowed))
        yield Problem(trace.path, goal.line, login, message)
        return
    yield from _locked_out(trace, goal, login)
    if login != "none":
        for name in ("user", "secret"):
            if name not in goal.args and f"{name}_b64" not in goal.args:
                yield Problem(trace.path, goal.line, name, "the login needs this argument")


def _locked_out(trace: Trace, goal: Goal, login: str) -> Iterator[Problem]:
    """An SMTP server that has users accepts mail only after a login."""
    users = goal.server.get("users")
    if login == "none" and users and "ok" in goal.result.outcomes and "lmtp" not in goal.server:
        message = (
            "with users= the server accepts mail only after a login (530), so login=none"
            " cannot be ok; remove users=, or log in"
        )
        yield Problem(trace.path, goal.line, "none", message)


def _server(trace: Trace) -> Iterator[Problem]:
    """What the server itself finds wrong with its keys and with the `on` lines."""
    bindings = Bindings(0, trace.id)
    for name in TLS_NAMES:
        bindings.bind(name, name.encode())
    try:
        read_config(trace, bindings)
    except TraceError as error:
        yield Problem(error.path, error.line, error.token, error.message)
