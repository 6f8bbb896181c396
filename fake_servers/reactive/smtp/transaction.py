"""The mail transaction: MAIL, RCPT, DATA and what follows it (RFC 5321 section 3.3)."""

from __future__ import annotations

from functools import partial

from fake_servers.grammar.dots import unstuff
from fake_servers.reactive.options import Options
from fake_servers.reactive.session import Answer
from fake_servers.reactive.smtp.parameters import judge_address, judge_parameters
from fake_servers.reactive.smtp.state import RECIPIENT_LIMIT, Delivered, State
from fake_servers.reactive.smtp.syntax import Path, read_forward_path, read_reverse_path

_TOO_BIG = (552, "5.3.4", "message too big")


def mail(state: State, point: str, arguments: bytes) -> Answer:
    """MAIL; if the server has users, it needs a login (530)."""
    path = read_reverse_path(arguments)

    def accepted(_said: bytes) -> None:
        state.end_transaction()
        state.sender = path or Path(arguments, {})

    say = partial(state.say, point, accepted=accepted)
    if not state.greeted or state.sender:
        return say(503, "5.5.1", "MAIL comes after EHLO or HELO, once a message")
    if state.needs_login:
        return say(530, "5.7.0", "authentication required")
    if path is None:
        return say(501, "5.5.4", "MAIL FROM:<address> and parameters")
    offered = state.options if state.extended else Options()
    fault = judge_parameters("MAIL", path, offered) or judge_address(path, path)
    return say(*(fault or (250, "2.1.0", "sender ok")))


def rcpt(state: State, point: str, arguments: bytes) -> Answer:
    """RCPT."""
    path = read_forward_path(arguments)

    def accepted(_said: bytes) -> None:
        state.recipients.append(path or Path(arguments, {}))

    say = partial(state.say, point, accepted=accepted)
    if state.sender is None or state.chunks is not None:
        return say(503, "5.5.1", "RCPT comes after MAIL and before the message")
    if path is None:
        return say(501, "5.5.4", "RCPT TO:<address> and parameters")
    if len(state.recipients) >= RECIPIENT_LIMIT:
        return say(452, "4.5.3", "too many recipients")
    offered = state.options if state.extended else Options()
    fault = judge_parameters("RCPT", path, offered) or judge_address(path, state.sender)
    return say(*(fault or (250, "2.1.5", "recipient ok")))


def data(state: State, point: str, arguments: bytes) -> Answer:
    """DATA; not after BDAT, nor for a binary message (RFC 3030 sections 2 and 3)."""

    def continued(said: bytes) -> None:
        state.reading_data = True
        state.may_leave_data = not said.startswith(b"354")

    say = partial(state.say, point, continued=continued)
    if arguments:
        return say(501, "5.5.4", "DATA takes nothing")
    if state.sender is None or state.chunks is not None:
        return say(503, "5.5.1", "DATA comes after MAIL and RCPT, and not after BDAT")
    if state.sender.parameters.get(b"BODY", b"") in (b"BINARYMIME", b"binarymime"):
        return say(503, "5.6.1", "a binary message comes by BDAT")
    if not state.recipients:
        return say(503 if state.options.lmtp else 554, "5.5.1", "no valid recipients")
    return say(354, "", "send the message, end it with a dot alone on a line")


def end_of_data(state: State, octets: bytes) -> Answer:
    """The reply to the final dot; `octets` is the message before it, still stuffed."""
    return end_of_message(state, "DOT", unstuff(octets))


def end_of_message(state: State, point: str, message: bytes) -> Answer:
    """The reply to a whole message; with LMTP, one for each recipient (RFC 2033 section 4.2)."""
    if 0 < state.options.number(b"SIZE") < len(message):
        return too_big(state, point)
    sender, recipients = state.sender or Path(b"", {}), tuple(state.recipients)
    if not recipients:
        return _each(state, point, 554, "5.5.1", "no valid recipients")

    def accepted(said: bytes) -> list[bool]:
        rows = [row for row in said.split(b"\r\n") if row and row[3:4] != b"-"]
        yes = [row.startswith(b"2") for row in rows]
        return yes if state.options.lmtp else yes[:1] * len(recipients)

    def apply(said: bytes) -> None:
        state.end_transaction()
        taken = [path for path, yes in zip(recipients, accepted(said)) if yes]
        if taken:
            state.deliver(_delivered(sender, taken, message))

    reply = _each(state, point, 250, "2.0.0", "message accepted").reply
    return Answer(point, reply, apply, apply, apply)


def too_big(state: State, point: str) -> Answer:
    """The message is above the server's limit, so the transaction ends."""
    return _each(state, point, *_TOO_BIG)


def _each(state: State, point: str, code: int, enhanced: str, text: str) -> Answer:
    """The same reply for the message, or with LMTP for each recipient."""
    count = max(1, len(state.recipients)) if state.options.lmtp else 1
    end = state.ending
    return Answer(point, state.row(code, enhanced, text) * count, end, end, end)


def _delivered(sender: Path, recipients: list[Path], message: bytes) -> Delivered:
    return Delivered(
        sender.address,
        tuple(path.address for path in recipients),
        message,
        tuple(sender.parameters.items()),
        tuple(tuple(path.parameters.items()) for path in recipients),
    )
