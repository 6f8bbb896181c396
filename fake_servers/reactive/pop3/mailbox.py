"""The commands of TRANSACTION (RFC 1939 sections 5 and 7)."""

from __future__ import annotations

import re
from collections.abc import Callable

from fake_servers.grammar.dots import multiline
from fake_servers.reactive.maildrop import Message, MessageGone, top
from fake_servers.reactive.pop3.state import State, listing
from fake_servers.reactive.session import Answer


def stat(state: State, _arguments: re.Match[bytes]) -> Answer:
    """STAT: the number of messages and of their octets."""
    sizes = [message.size for _, message in state.open.listing()]
    return Answer("STAT", b"+OK %d %d\r\n" % (len(sizes), sum(sizes)))


def scan(state: State, arguments: re.Match[bytes]) -> Answer:
    """LIST, of all messages or of one."""
    return _list(state, "LIST", arguments, lambda message: b"%d" % message.size)


def uidl(state: State, arguments: re.Match[bytes]) -> Answer:
    """UIDL, of all messages or of one."""
    return _list(state, "UIDL", arguments, lambda message: message.uid)


def _list(
    state: State, point: str, arguments: re.Match[bytes], show: Callable[[Message], bytes]
) -> Answer:
    if arguments[1] is None:
        rows = [b"%d %s" % (number, show(each)) for number, each in state.open.listing()]
        return Answer(point, listing(rows), stage="LISTING" if point == "LIST" else "")
    number = int(arguments[1])
    message = state.open.get(number)
    if message is None:
        return state.err("no such message", point)
    return Answer(point, b"+OK %d %s\r\n" % (number, show(message)))


def retr(state: State, arguments: re.Match[bytes]) -> Answer:
    """RETR: the whole message."""
    message = state.open.get(int(arguments[1]))
    return _text(state, "RETR", message, lambda octets: octets)


def top_of(state: State, arguments: re.Match[bytes]) -> Answer:
    """TOP: the header and the first lines of the body."""
    message = state.open.get(int(arguments[1]))
    return _text(state, "TOP", message, lambda octets: top(octets, int(arguments[2])))


def _text(
    state: State, point: str, message: Message | None, part: Callable[[bytes], bytes]
) -> Answer:
    """A header that is not ASCII is only for clients in UTF8 mode (RFC 6856 section 2.1)."""
    if message is None:
        return state.err("no such message", point)
    try:
        octets = message.octets
    except MessageGone:
        return state.err("this message cannot be read any more", point)
    header = top(octets, 0)
    if state.options.offers(b"UTF8") and not state.utf8 and not header.isascii():
        return state.err("this message needs UTF8 mode", point, "UTF8")
    return Answer(point, b"+OK\r\n" + multiline(part(octets)))


def dele(state: State, arguments: re.Match[bytes]) -> Answer:
    """DELE: mark a message as deleted; QUIT removes it."""
    number, view = int(arguments[1]), state.open

    def accepted(_said: bytes) -> None:
        view.mark(number)

    if view.get(number) is None:
        return state.err("no such message", "DELE")
    return Answer("DELE", b"+OK message %d deleted\r\n" % number, accepted)


def noop(_state: State, _arguments: re.Match[bytes]) -> Answer:
    """NOOP."""
    return Answer("NOOP", b"+OK\r\n")


def rset(state: State, _arguments: re.Match[bytes]) -> Answer:
    """RSET: remove all marks."""
    view = state.open
    return Answer("RSET", state.welcome(), lambda _said: view.reset())
