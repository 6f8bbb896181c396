"""How a row of the model is written in a trace: the call, the command, the reply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

TIMESTAMP = "<1.2@example.org>"


@dataclass(frozen=True, slots=True)
class Command:
    """A command: the client's `call`, empty if another call includes it, and the line."""

    call: str
    line: str


@dataclass(frozen=True, slots=True)
class Words:
    """One protocol.

    commands    by event
    replies     by state and event, or by event for any state: the lines of the server
    answers     what the client sends for RESPONSE, CANCEL or END_OF_DATA
    prelude     events after the greeting that lead to a state with every extension offered
    offered     events of commands that a client sends only where the server offers them
    """

    commands: Mapping[str, Command]
    replies: Mapping[str, tuple[str, ...]]
    answers: Mapping[str, str]
    prelude: tuple[str, tuple[str, ...]]
    offered: frozenset[str]

    def reply(self, state: str, event: str) -> tuple[str, ...]:
        """The lines of the server for this event; KeyError if it has no lines."""
        return self.replies.get(f"{state} {event}") or self.replies[event]


def _simple(protocol: str, names: str) -> dict[str, Command]:
    return {
        f"CMD_{name}": Command(f"{protocol}.{name.lower()}", f"C: {name}") for name in names.split()
    }


POP3 = Words(
    commands=MappingProxyType(
        _simple("pop3", "CAPA QUIT STAT LIST UIDL NOOP RSET STLS UTF8 LANG")
        | {
            "CMD_USER": Command("pop3.user user=a secret=b", "C: USER a"),
            "CMD_PASS": Command("", "C: PASS b"),
            "CMD_APOP": Command("pop3.apop user=a secret=b", f"C: APOP a ${{apop {TIMESTAMP} b}}"),
            "CMD_AUTH": Command("pop3.auth mech=PLAIN user=a secret=b initial=no", "C: AUTH PLAIN"),
            "CMD_LIST_ONE": Command("pop3.list n=1", "C: LIST 1"),
            "CMD_UIDL_ONE": Command("pop3.uidl n=1", "C: UIDL 1"),
            "CMD_RETR": Command("pop3.retr n=1", "C: RETR 1"),
            "CMD_TOP": Command("pop3.top n=1 lines=2", "C: TOP 1 2"),
            "CMD_DELE": Command("pop3.dele n=1", "C: DELE 1"),
            "CMD_LANG_TO": Command("pop3.lang tag=en", "C: LANG en"),
        }
    ),
    replies=MappingProxyType(
        {
            "GREETING_OK": (f"S: +OK ready {TIMESTAMP}",),
            "GREETING_REFUSED": ("S: -ERR no",),
            "REPLY_OK": ("S: +OK",),
            "REPLY_ERR": ("S: -ERR no",),
            "REPLY_CONTINUE": ("S| +\\x20\\r\\n",),
            "TERMINATOR": ("S: .",),
            "IN_CAPA TERMINATOR": (
                *("S: " + each for each in "USER UIDL TOP STLS UTF8 LANG".split()),
                "S: SASL PLAIN",
                "S: .",
            ),
            "WAIT_STAT REPLY_OK": ("S: +OK 1 10",),
            "WAIT_LIST_ONE REPLY_OK": ("S: +OK 1 10",),
            "WAIT_UIDL_ONE REPLY_OK": ("S: +OK 1 x",),
        }
    ),
    answers=MappingProxyType({"RESPONSE": 'C: ${plain "" a b}', "CANCEL": "C: *"}),
    prelude=("AUTHORIZATION", ("CMD_CAPA", "REPLY_OK", "TERMINATOR")),
    offered=frozenset({"CMD_AUTH", "CMD_STLS", "CMD_UTF8", "CMD_LANG", "CMD_LANG_TO"}),
)

_OFFERS = "AUTH PLAIN,STARTTLS,CHUNKING,8BITMIME"

SMTP = Words(
    commands=MappingProxyType(
        _simple("smtp", "STARTTLS")
        | {"CMD_DATA": Command("smtp.data\nD: one", "C: DATA")}
        | _simple("smtp", "RSET NOOP EXPN HELP QUIT")
        | {
            "CMD_EHLO": Command("smtp.ehlo name=c.example", "C: EHLO c.example"),
            "CMD_HELO": Command("smtp.helo name=c.example", "C: HELO c.example"),
            "CMD_AUTH": Command("smtp.auth mech=PLAIN user=a secret=b initial=no", "C: AUTH PLAIN"),
            "CMD_MAIL": Command("smtp.mail from=a@b.example", "C: MAIL FROM:<a@b.example>"),
            "CMD_RCPT": Command("smtp.rcpt to=c@d.example", "C: RCPT TO:<c@d.example>"),
            "CMD_VRFY": Command("smtp.vrfy arg=a", "C: VRFY a"),
            "CMD_EXPN": Command("smtp.expn arg=a", "C: EXPN a"),
            "CMD_BDAT": Command("smtp.bdat chunk=3\nD| abcdef\\r\\n", "C: BDAT 3\nC| abc"),
        }
    ),
    replies=MappingProxyType(
        {
            "GREETING_OK": ("S: 220 mail.example.org",),
            "GREETING_REFUSED": ("S: 554 no",),
            "REPLY_1YZ": ("S: 150 what",),
            "REPLY_2YZ": ("S: 250 ok",),
            "REPLY_3YZ": ("S: 354 go on",),
            "REPLY_4YZ": ("S: 450 not now",),
            "REPLY_5YZ": ("S: 550 no",),
            "REPLY_421": ("S: 421 closing",),
            "WAIT_AUTH REPLY_3YZ": ("S| 334\\x20\\r\\n",),
            "WAIT_EHLO REPLY_2YZ": (
                "S: 250-mail.example.org",
                *("S: 250-" + each for each in _OFFERS.split(",")),
                "S: 250 EXPN",
            ),
        }
    ),
    answers=MappingProxyType(
        {"RESPONSE": 'C: ${plain "" a b}', "CANCEL": "C: *", "END_OF_DATA": "C: one\nC: ."}
    ),
    prelude=("", ()),
    offered=frozenset(),
)

WORDS: Mapping[str, Words] = MappingProxyType({"pop3": POP3, "smtp": SMTP})
