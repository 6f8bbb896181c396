"""The ops and goals that a client can be asked for: arguments, values, features.

One table for the linter, the runner and the composed goals. An argument or value `x` can always
be written as `x_b64`, for octets that are not UTF-8.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from conformance.subject.answer import OUTCOMES

__all__ = ["COMMANDS", "GOALS", "IN_ORDER", "LOGINS", "OPS", "OUTCOMES", "Op"]

LOGINS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "pop3": frozenset({"user", "apop", "auth", "own"}),
        "smtp": frozenset({"none", "auth", "own"}),
    }
)
"""The values of a goal's `login`."""

COMMON_VALUES = frozenset({"code", "enhanced", "resp_code", "temporary"})
"""What any answer can say about a refusal."""

COMMANDS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "pop3": frozenset(
            "CONNECT CAPA USER PASS APOP AUTH STAT LIST LISTING UIDL RETR TOP DELE NOOP RSET QUIT"
            " STLS UTF8 LANG RESPONSE INITIAL CHALLENGE OUTCOME".split()
        ),
        "smtp": frozenset(
            "CONNECT EHLO HELO LHLO STARTTLS AUTH MAIL RCPT DATA DOT BDAT RSET NOOP VRFY"
            " EXPN HELP RESPONSE INITIAL CHALLENGE OUTCOME QUIT".split()
        ),
    }
)
"""The commands that `on CMD#n:` of a goal case can name; DOT is the final dot of a message."""


@dataclass(frozen=True, slots=True)
class Op:
    """One op or goal.

    args      names of all arguments that it can have
    required  those that it must have; the suite itself adds connect's host and port, a
              message, and `login=none` of smtp.send
    values    names of the values that it returns, apart from COMMON_VALUES
    feature   what a client must claim for it, apart from its protocol
    message   whether its call has `D:` lines
    data      whether its result can have `D:` lines
    """

    args: frozenset[str] = frozenset()
    required: frozenset[str] = frozenset()
    values: frozenset[str] = frozenset()
    feature: str = ""
    message: bool = False
    data: bool = False


def _op(
    required: str = "",
    optional: str = "",
    values: str = "",
    feature: str = "",
    message: bool = False,
    data: bool = False,
) -> Op:
    must = frozenset(required.split())
    return Op(
        args=must | frozenset(optional.split()),
        required=must,
        values=frozenset(values.split()) | COMMON_VALUES,
        feature=feature,
        message=message,
        data=data,
    )


_CONNECT = "host port tls policy ca name client_cert client_key timeout_ms deadline_ms lmtp"
_AUTH = "mech mechs user secret authzid initial nonce answers cancel_at"
_LOGIN = "login mech user secret"

OPS: Mapping[str, Op] = MappingProxyType(
    {
        "pop3.connect": _op(optional=_CONNECT, values="timestamp"),
        "pop3.capa": _op(values="caps", feature="pop3.capa"),
        "pop3.stls": _op(feature="tls.starttls"),
        "pop3.user": _op("user", "secret", values="reply", feature="pop3.user"),
        "pop3.apop": _op("user secret", values="reply", feature="pop3.apop"),
        "pop3.auth": _op(optional=_AUTH, values="mech"),
        "pop3.stat": _op(values="count octets"),
        "pop3.list": _op(optional="n", values="items", feature="pop3.list"),
        "pop3.uidl": _op(optional="n", values="items", feature="pop3.uidl"),
        "pop3.retr": _op("n", "fail_after", values="data", data=True),
        "pop3.top": _op("n lines", values="data", feature="pop3.top", data=True),
        "pop3.dele": _op("n", feature="pop3.dele"),
        "pop3.rset": _op(feature="pop3.rset"),
        "pop3.noop": _op(feature="pop3.noop"),
        "pop3.quit": _op(),
        "pop3.utf8": _op(feature="pop3.utf8"),
        "pop3.lang": _op(optional="tag", values="items", feature="pop3.lang"),
        "pop3.batch": _op("ops", values="results", feature="pop3.pipelining"),
        "pop3.close": _op(),
        "smtp.connect": _op(optional=_CONNECT),
        "smtp.ehlo": _op("name", values="caps"),
        "smtp.helo": _op("name", values="caps", feature="smtp.helo"),
        "smtp.lhlo": _op("name", values="caps", feature="smtp.lmtp"),
        "smtp.starttls": _op(feature="tls.starttls"),
        "smtp.auth": _op(optional=_AUTH, values="mech"),
        "smtp.mail": _op("from", "params"),
        "smtp.rcpt": _op("to", "params"),
        "smtp.data": _op(
            optional="message fail_after pieces", values="delivery rcpt", message=True
        ),
        "smtp.bdat": _op(
            optional="message chunk",
            values="delivery rcpt",
            feature="smtp.chunking",
            message=True,
        ),
        "smtp.send": _op(
            "from to", "params rcpt_params message", values="rcpt delivery", message=True
        ),
        "smtp.rset": _op(values="lines", feature="smtp.rset"),
        "smtp.noop": _op(optional="arg", values="lines", feature="smtp.noop"),
        "smtp.vrfy": _op(optional="arg", values="lines", feature="smtp.vrfy"),
        "smtp.expn": _op(optional="arg", values="lines", feature="smtp.expn"),
        "smtp.help": _op(optional="arg", values="lines", feature="smtp.help"),
        "smtp.quit": _op(values="lines"),
        "smtp.close": _op(),
    }
)

IN_ORDER: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "pop3.list": ("n",),
        "pop3.uidl": ("n",),
        "pop3.retr": ("n",),
        "pop3.top": ("n", "lines"),
        "pop3.dele": ("n",),
        "pop3.lang": ("tag",),
    }
)
"""The arguments of the ops that a batch can have, in the order in which a trace writes them."""

GOALS: Mapping[str, Op] = MappingProxyType(
    {
        "pop3.fetch": _op(
            "login", f"{_CONNECT} {_LOGIN} n delete fail_after", values="messages", data=True
        ),
        "pop3.list": _op("login", f"{_CONNECT} {_LOGIN}", values="items"),
        "smtp.send": _op(
            "from to",
            f"{_CONNECT} {_LOGIN} params message fail_after pieces",
            values="rcpt delivery",
            message=True,
        ),
    }
)
