"""The commands around transactions: EHLO, HELO, LHLO, STARTTLS, RSET, NOOP, QUIT."""

from __future__ import annotations

from fake_servers.reactive.session import Answer
from fake_servers.reactive.smtp.state import HOST, State
from fake_servers.reactive.smtp.syntax import is_domain


def hello(state: State, point: str, arguments: bytes) -> Answer:
    """EHLO or HELO; LHLO instead of both if the server speaks LMTP (RFC 2033)."""

    def accepted(_said: bytes) -> None:
        state.end_transaction()
        state.greeted = True
        state.extended = point != "HELO"

    if (point == "LHLO") != state.options.lmtp:
        wanted = "LHLO" if state.options.lmtp else "EHLO"
        return state.say(point, 500, "5.5.1", f"{wanted} is spoken here", accepted)
    if not is_domain(arguments.removeprefix(b" ")):
        return state.say(point, 501, "", f"{point} takes a domain or an address literal", accepted)
    lines = [HOST, *(_extensions(state) if point != "HELO" else [])]
    reply = b"".join(b"250-" + line + b"\r\n" for line in lines[:-1])
    return Answer(point, reply + b"250 " + lines[-1] + b"\r\n", accepted)


def _extensions(state: State) -> list[bytes]:
    lines = list(state.options.caps)
    if state.options.sasl:
        lines.append(b" ".join((b"AUTH", *state.options.sasl)))
    if _offers_starttls(state):
        lines.append(b"STARTTLS")
    return lines


def _offers_starttls(state: State) -> bool:
    return state.options.tls == "starttls" and not state.is_secure


def starttls(state: State, point: str, arguments: bytes) -> Answer:
    """STARTTLS; the server begins TLS after the positive reply (RFC 3207)."""

    def accepted(_said: bytes) -> None:
        state.wants_tls = True

    if arguments:
        return state.say(point, 501, "5.5.4", "STARTTLS takes nothing", accepted)
    if state.is_secure:
        return state.say(point, 503, "5.5.1", "TLS is up", accepted)
    if not _offers_starttls(state):
        return state.say(point, 502, "5.5.1", "STARTTLS is not offered", accepted)
    return state.say(point, 220, "2.0.0", "begin TLS", accepted)


def noop(state: State, point: str, _arguments: bytes) -> Answer:
    """NOOP; its argument is ignored."""
    return state.say(point, 250, "2.0.0", "done")


def rset(state: State, point: str, arguments: bytes) -> Answer:
    """RSET, at any time."""
    if arguments:
        return state.say(point, 501, "5.5.4", "RSET takes nothing", state.ending)
    return state.say(point, 250, "2.0.0", "reset", state.ending)


def quit_session(state: State, point: str, arguments: bytes) -> Answer:
    """QUIT: the server answers, then closes."""

    def closing(_said: bytes) -> None:
        state.closing = True

    if arguments:
        return state.say(point, 501, "5.5.4", "QUIT takes nothing", closing)
    return state.say(point, 221, "2.0.0", "bye", closing, closing, closing)
