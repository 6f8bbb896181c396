"""Where a reply ends in the octets that a server sends."""

from __future__ import annotations

from fake_servers.reactive.session import Answer

_WITH_BODY = frozenset({"CAPA", "RETR", "TOP"})
_BLOCK_END = b"\r\n.\r\n"


def reply_end(octets: bytes, answer: Answer, is_smtp: bool) -> int | None:
    """Index at which the reply in place of `answer` ends; None if it is not complete."""
    if is_smtp:
        return _after_lines(octets, _final_lines(answer.reply))
    at = octets.find(b"\r\n")
    has_body = answer.point in _WITH_BODY or answer.reply.count(b"\r\n") > 1
    if at < 0 or not (has_body and octets.startswith(b"+OK")):
        return None if at < 0 else at + 2
    end = octets.find(_BLOCK_END, at)
    return None if end < 0 else end + len(_BLOCK_END)


def _final_lines(reply: bytes) -> int:
    """How many replies these octets hold: LMTP has one for each recipient."""
    return sum(line[3:4] != b"-" for line in reply.split(b"\r\n")[:-1])


def _after_lines(octets: bytes, replies: int) -> int | None:
    """Index at which this number of SMTP replies ends; None if there are fewer."""
    start = 0
    while (at := octets.find(b"\r\n", start)) >= 0:
        line = octets[start:at]
        start = at + 2
        replies -= not (line[:3].isdigit() and line[3:4] == b"-")
        if replies <= 0:
            return start
    return None
