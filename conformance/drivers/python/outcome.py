"""Maps what poplib and smtplib raise and return to outcomes."""

from __future__ import annotations

import binascii
import poplib
import smtplib
import ssl
from typing import Any

Value = dict[str, Any]
Answer = tuple[str, Value]
OK: Answer = ("ok", {})


class Unsupported(Exception):
    """The library has no way to do what is asked."""


class NoSession(Exception):
    """An op was called before a successful connect, or after close."""


class Unreadable(Exception):
    """The library returned a reply whose values cannot be read."""


def outcome_of(error: Exception) -> Answer:
    """The outcome and the values of what a call raised; raises again what is a driver's fault."""
    if isinstance(error, smtplib.SMTPException):
        return outcome_of_smtp(error)
    if isinstance(error, poplib.error_proto):
        return outcome_of_pop3(error), {}
    for kind, outcome in OTHER_ERRORS:
        if isinstance(error, kind):
            return outcome, {}
    raise error


OTHER_ERRORS: tuple[tuple[type[Exception], str], ...] = (
    (Unsupported, "unsupported"),
    (NoSession, "rejected-locally"),
    (Unreadable, "protocol-error"),
    (TimeoutError, "timeout"),
    (ssl.SSLError, "protocol-error"),  # a failed handshake or a bad certificate
    (OSError, "io-error"),
    (binascii.Error, "protocol-error"),  # a challenge that smtplib cannot decode
    (UnicodeDecodeError, "protocol-error"),
    (ValueError, "rejected-locally"),  # an argument that smtplib does not send
)


OWN_SENTENCES = (
    ("APOP not supported", "rejected-locally"),
    ("STLS not supported", "policy"),
    ("TLS session already established", "rejected-locally"),
)
"""poplib's own messages, and the outcomes that they mean."""

LINE_TOO_LONG = "Line too long."
"""What smtplib returns as the text of a reply for a line that is too long."""


def outcome_of_pop3(error: poplib.error_proto) -> str:
    """poplib raises the server's line as bytes and its own sentences as text.

    capa() raises the same sentence for every failure; the real error is its context.
    """
    if isinstance(error.__context__, poplib.error_proto):
        return outcome_of_pop3(error.__context__)
    said = error.args[0] if error.args else ""
    if isinstance(said, bytes):
        return "refused" if said.startswith(b"-ERR") else "protocol-error"
    if said == "-ERR EOF":
        return "io-error"
    return next((outcome for words, outcome in OWN_SENTENCES if words in said), "protocol-error")


def outcome_of_smtp(error: smtplib.SMTPException) -> Answer:
    """smtplib's exceptions have a code, or the error of the socket as their context."""
    if isinstance(error, smtplib.SMTPServerDisconnected):
        late = isinstance(error.__context__, TimeoutError)
        return ("timeout" if late else "io-error"), {}
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code = next(iter(error.recipients.values()))[0]
        return failure_by_code(code)
    if isinstance(error, smtplib.SMTPResponseException):
        if error.smtp_error == LINE_TOO_LONG:
            return "protocol-error", {}
        return failure_by_code(int(error.smtp_code))
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return "policy", {}
    return "protocol-error", {}


def failure_by_code(code: int) -> Answer:
    """The outcome of a reply that the library treats as a failure, by its code's first digit."""
    if 400 <= code <= 599:
        return "refused", {"code": code, "temporary": code < 500}
    return "protocol-error", {}


def by_code(code: int) -> Answer:
    """The outcome of a reply that the library returns unjudged, by its code's first digit."""
    return ("ok", {"code": code}) if 200 <= code <= 299 else failure_by_code(code)
