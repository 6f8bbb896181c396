"""The reactive servers: correct POP3 and SMTP servers that a goal case bends at named points.

How they work, from the top down:

    server        ReactiveServer: threads, TLS, and what leaves on the wire
    inbox         cuts the client's octets into lines, message data and chunks
    session       ServerSession: what both protocols share; no I/O happens there
    pop3/, smtp/  the sessions: state, commands, replies
    sasl/         the mechanisms, and the lines of AUTH around them
    maildrop      the messages, and one session's view of them (POP3)
    options       the `server:` line: users, capabilities, TLS
    overrides     the `on` lines: what happens in place of the right answer

Threads. Each connection has a thread, a wire, an inbox and a session of its own. The connections
share the maildrop, the lists of logins and deliveries, and the count of points. One lock is held
while an answer is made and applied, and not while octets are sent.

Who reads when. The connection's thread reads once, then answers every input that is complete: a
line, message data, or a chunk. Then it reads again. Replies that may leave together (RFC 2920) are
held back while more commands are here, if the delivery variant joins them.

An answer. The session gives an Answer: the point (`PASS`, `DOT`, ...), the octets of the right
reply, and what an accepting, a continuing and a refusing reply each do to the state. If an `on`
line bends this point, its reply takes the place of the right one. Then `apply` runs the effect
that fits the reply which the client is given. So the state always follows what was said, not what
would have been right. It changes before the octets leave: whoever hears from the client finds
the state up to date.

Bending. Points are counted over all connections of a server, so `on RETR#2` is the second RETR
of the case. An `on` line may replace the reply, cut it, delay it, begin TLS with a fault, or end
the connection.

How it ends. After QUIT or a 421 the server sends FIN. It then logs what the client still sends,
until the client closes or the server is stopped; a failed handshake ends in the same way. A
`deaf` server reads nothing more and resets the connection when it is stopped. In the log, `by`
says whose end it was.
"""

from __future__ import annotations

from fake_servers.log import EventLog
from fake_servers.reactive.options import BadOptions, read_options
from fake_servers.reactive.overrides import BadOverride, Overrides
from fake_servers.reactive.server import ReactiveServer, ServerConfig
from fake_servers.server import Door
from fake_servers.trace.error import TemplateError, TraceError
from fake_servers.trace.syntax import Goal, Trace
from fake_servers.trace.template import Bindings
from fake_servers.wire.delivery import Delivery


def open_server(
    trace: Trace,
    log: EventLog,
    delivery: Delivery,
    bindings: Bindings,
    host: str = "",
    door: Door | None = None,
) -> ReactiveServer:
    """The server that a goal case describes, not yet started; its port is bound without a `door`.

    Raises TraceError if a `server:` or `on` line cannot be followed, and ValueError for a trace
    that is not a goal case.
    """
    config = read_config(trace, bindings)
    return ReactiveServer(config, log, delivery, bindings, host, door=door)


def read_config(trace: Trace, bindings: Bindings) -> ServerConfig:
    """The configuration of that server; raises as open_server does."""
    if trace.goal is None:
        raise ValueError(f"{trace.path}: {trace.id} is not a goal case: it has no 'goal:' line")
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
        bindings.value(value)  # `server:` may name what the goal draws
    return ServerConfig(
        protocol=protocol,
        options=read_options(
            protocol, {key: bindings.value(value) for key, value in goal.server.items()}
        ),
        messages=tuple(bindings.render(message) for message in goal.messages),
        overrides=goal.overrides,
    )
