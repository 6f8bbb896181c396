"""Correct servers that a goal case bends at named points."""

from __future__ import annotations

from fake_servers.log import EventLog
from fake_servers.reactive.options import BadOptions, read_options
from fake_servers.reactive.overrides import BadOverride, Overrides
from fake_servers.reactive.server import ReactiveServer, ServerConfig
from fake_servers.trace.error import TemplateError, TraceError
from fake_servers.trace.syntax import Goal, Trace
from fake_servers.trace.template import Bindings
from fake_servers.wire.delivery import Delivery


def open_server(
    trace: Trace, log: EventLog, delivery: Delivery, bindings: Bindings, host: str = ""
) -> ReactiveServer:
    """The server that a goal case describes, not yet started; its port is bound.

    Raises TraceError where `server:` or an `on` line cannot be followed, and ValueError
    for a trace that is no goal case.
    """
    config = read_config(trace, bindings)
    return ReactiveServer(config, log, delivery, bindings, host)


def read_config(trace: Trace, bindings: Bindings) -> ServerConfig:
    """What the client of a goal case meets; raises as open_server does."""
    if trace.goal is None:
        raise ValueError(f"{trace.path}: {trace.id} is no goal case")
    goal = trace.goal
    line = trace.header_lines.get("server", goal.line)
    try:
        config = _config(trace.protocol, goal, bindings)
        Overrides(config.overrides)
    except BadOptions as error:
        raise TraceError(trace.path, line, error.key, str(error)) from None
    except TemplateError as error:
        raise TraceError(trace.path, line, "server", str(error)) from None
    except BadOverride as error:
        raise TraceError(trace.path, error.line, error.token, error.message) from None
    return config


def _config(protocol: str, goal: Goal, bindings: Bindings) -> ServerConfig:
    for value in goal.args.values():
        bindings.value(value)  # what the goal draws, `server:` may name
    return ServerConfig(
        protocol=protocol,
        options=read_options(
            protocol, {key: bindings.value(value) for key, value in goal.server.items()}
        ),
        messages=tuple(bindings.render(message) for message in goal.messages),
        overrides=goal.overrides,
    )
