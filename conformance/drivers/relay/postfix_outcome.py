"""What Postfix reports of a recipient, as outcomes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from conformance.drivers.relay.lines import Answer
from conformance.drivers.relay.postfix_services import Report

Row = tuple[str, str, int | None, str | None]
"""A recipient as smtp.send tells of it: address, outcome, code and enhanced code."""

SIGNS = (
    ("no mechanism available", "policy"),
    ("authentication failed", "auth-failed"),
    ("timed out", "timeout"),
    ("lost connection", "io-error"),
    ("Protocol error", "protocol-error"),
    ("Connection re", "io-error"),  # refused, reset
)
"""Parts of its sentences about what is no reply."""


def row(recipient: bytes, report: Report | None, *, done: bool) -> Row:
    """Of one recipient.

    report  that of bounce or defer
    done    the queue says that there is nothing left to do
    """
    address = recipient.decode("utf-8", "replace")
    if report is None:
        return address, "ok" if done else "failed", None, None
    code = (
        re.match(r"[45]\d\d(?!\d)", report["diag_text"]) if report["diag_type"] == "smtp" else None
    )
    for sign, outcome in SIGNS:
        if sign in report["reason"]:
            return address, outcome, int(code[0]) if code else None, None
    if code is None:
        return address, "failed", None, None
    enhanced = re.match(r"[45]\d\d ([45](?:\.\d{1,3}){2})(?![.\d])", report["diag_text"])
    return address, "refused", int(code[0]), enhanced[1] if enhanced else None


def answer(rows: Sequence[Row], reports: Sequence[Report]) -> Answer:
    """Of the message: ok if anybody has got it."""
    told = next((each for each in rows if each[1] == "ok"), rows[0])
    value: Answer = {"rcpt": [list(each) for each in rows], "delivery": "sent"}
    if told[1] != "ok":
        late = any("end of data" in each["reason"] for each in reports)
        value["delivery"] = "unknown" if late and told[1] != "refused" else "not-sent"
        value |= {"code": told[2], "enhanced": told[3]}
    return {"outcome": told[1], "value": value}
