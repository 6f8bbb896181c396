"""What poplib and smtplib raise and return, as outcomes."""

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
    """An op came before a connect that succeeded, or after close."""


class Unreadable(Exception):
    """The library handed over a reply whose values cannot be read."""


def outcome_of(error: Exception) -> Answer:
    """The outcome and the values of what a call raised; re-raises what is a fault of this driver."""
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
    (ssl.SSLError, "protocol-error"),  # a handshake or a certificate that is no good
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
"""What poplib says of its own accord, and what it means."""

LINE_TOO_LONG = "Line too long."
"""What smtplib says, as if it were a reply, of a line that it does not read on."""


def outcome_of_pop3(error: poplib.error_proto) -> str:
    """poplib raises the server's line as bytes and its own sentences as text.

    capa() raises one sentence for every failure; what it hides stands in the context.
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
    """smtplib's exceptions carry a code, or hide the error of the socket in their context."""
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
    """A reply that the library took as a failure, by the first digit of its code."""
    if 400 <= code <= 599:
        return "refused", {"code": code, "temporary": code < 500}
    return "protocol-error", {}


def by_code(code: int) -> Answer:
    """A reply that the library handed over without a judgement, by the first digit of its code."""
    return ("ok", {"code": code}) if 200 <= code <= 299 else failure_by_code(code)
