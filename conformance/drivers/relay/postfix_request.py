"""The request by which Postfix's queue manager has a message of the queue delivered."""

from __future__ import annotations

import base64
import re
import struct
import time

from conformance.drivers.relay.lines import Mail, Unsupported
from conformance.drivers.relay.postfix_attributes import written
from conformance.drivers.relay.postfix_queue import QUEUE_ID, Queued, internal

_REQUESTED, _HEADER, _SENDER, _RECIPIENT = 1, 2, 4, 8
_RET = {b"FULL": 1, b"HDRS": 2}
_VALUES = {
    b"BODY": rb"(?i:7BIT|8BITMIME)",
    b"SMTPUTF8": rb"",
    b"RET": rb"(?i:FULL|HDRS)",
    b"ENVID": rb"[!-~]+",
}
"""The parameters of MAIL that sendmail(1) has an option for."""


def request(mail: Mail, queued: Queued, nexthop: str, *, has_sendopts: bool) -> bytes:
    """What the queue manager says: postfix/src/qmgr/qmgr_deliver.c.

    has_sendopts  Postfix 3.10 gave one attribute another name
    """
    asked = _parameters(mail.params)
    head = written(
        ("flags", 3),
        ("queue_name", "active"),
        ("queue_id", QUEUE_ID),
        ("offset", queued.offset),
        ("size", queued.size),
        ("nexthop", nexthop),
        ("encoding", _encoding(mail, asked)),
        ("sendopts" if has_sendopts else "smtputf8", _utf8(mail, asked)),
        ("sender", internal(mail.sender)),
        ("envelope_id", asked.get(b"ENVID", b"")),
        ("ret_flags", _RET.get(asked.get(b"RET", b"").upper(), 0)),
        ("time", _stats()),
        ("log_client_name", ""),
        ("log_client_address", ""),
        ("log_client_port", ""),
        ("log_protocol_name", ""),
        ("log_helo_name", ""),
        ("sasl_method", ""),
        ("sasl_username", ""),
        ("sasl_sender", ""),
        ("log_ident", QUEUE_ID),
        ("rewrite_context", "local"),
        ("recipient_count", len(mail.to)),
    )
    return head + b"".join(map(_recipient, mail.to, queued.recipients))


def _recipient(address: bytes, place: int) -> bytes:
    return written(
        ("original_recipient", address),
        ("recipient", internal(address)),
        ("offset", place),
        ("dsn_orig_rcpt", ""),
        ("notify_flags", 0),
    )


def _stats() -> bytes:
    """struct msg_stats of a 64-bit machine: the message came now. An old one is sent with more care."""
    now = int(time.time())
    return base64.b64encode(struct.pack("=4q6qq", now, 0, now, 0, *[0] * 7))


def _parameters(params: tuple[bytes, ...]) -> dict[bytes, bytes]:
    """What the submitter asked for; raises Unsupported for what sendmail(1) has no option for."""
    asked = {}
    for each in params:
        keyword, _, value = each.partition(b"=")
        if not re.fullmatch(_VALUES.get(keyword.upper(), b"(?!)"), value):
            raise Unsupported(repr(each))
        asked[keyword.upper()] = value
    return asked


def _encoding(mail: Mail, asked: dict[bytes, bytes]) -> str:
    """What `sendmail -B` says of the text: its submitter knows whether it is ASCII."""
    is_ascii = mail.message.isascii() and asked.get(b"BODY", b"").upper() != b"8BITMIME"
    return "7bit" if is_ascii else "8bit"


def _utf8(mail: Mail, asked: dict[bytes, bytes]) -> int:
    """The flags that cleanup(8) and qmgr(8) derive; mail that sendmail(1) submits is looked through."""
    header = mail.message.partition(b"\r\n\r\n")[0]
    flags = 0 if header.isascii() else _HEADER
    flags |= 0 if mail.sender.isascii() else _SENDER
    flags |= 0 if all(each.isascii() for each in mail.to) else _RECIPIENT
    return flags | (_REQUESTED if flags or b"SMTPUTF8" in asked else 0)
