"""Where a real server answers otherwise than the suite's own, and why both may stand."""

from __future__ import annotations

from dataclasses import dataclass

from real_servers.dialogue import Reply


@dataclass(frozen=True, slots=True)
class Explained:
    """One difference.

    servers  the real ones, by name
    command  of the conversation, as it is written there
    real     the class of the real server's reply, or `+KEYWORD` or `-KEYWORD` words for what it
             lists and the suite's server does not, or the other way round
    own      the class of the suite's server's reply; empty for keywords
    """

    servers: tuple[str, ...]
    command: str
    real: str
    own: str
    reason: str
    section: str


EXPLAINED = (
    Explained(
        ("Dovecot",),
        "CAPA",
        "-SASL -USER",
        "",
        "Dovecot no longer lists SASL and USER after the login; the RFC wants what is listed before"
        " it listed after it, too, and the suite's server does that",
        "RFC 2449 section 5",
    ),
    Explained(
        ("Mailutils",),
        "CAPA",
        "+IMPLEMENTATION",
        "",
        "Mailutils names itself; the suite's server lists what it is told to, and names nobody",
        "RFC 2449 section 6.9",
    ),
    Explained(
        ("Mailutils",),
        "CAPA",
        "+IMPLEMENTATION +STLS",
        "",
        "Mailutils lists STLS after the login, too, where it is not permitted any more",
        "RFC 2595 section 4",
    ),
    Explained(
        ("Mailutils",),
        "DELE 1",
        "+OK",
        "-ERR",
        "Mailutils marks a message twice; the number must not be that of a marked message",
        "RFC 1939 section 5",
    ),
    Explained(
        ("Postfix", "Exim"),
        "EHLO client.example",
        "+AUTH",
        "",
        "A real server offers AUTH to everybody; the suite's server has users only in the cases about"
        " logins, and then takes mail from nobody else",
        "RFC 4954 section 4",
    ),
    Explained(
        ("Postfix", "Exim", "OpenSMTPD"),
        "EXPN list",
        "5",
        "2",
        "EXPN is optional; the suite's server knows it and shows no list by 252",
        "RFC 5321 section 3.5.3",
    ),
    Explained(
        ("Postfix", "Exim"),
        "MAIL FROM:<a@b.example>",
        "2",
        "5",
        "A real server demands a login at RCPT, the suite's server already at MAIL",
        "RFC 4954 section 6",
    ),
    Explained(
        ("Postfix", "Exim"),
        "AUTH PLAIN {plain}",
        "5",
        "2",
        "The transaction that makes AUTH an error was begun with the real server alone, see MAIL",
        "RFC 4954 section 4",
    ),
    Explained(
        ("OpenSMTPD",),
        "RSET",
        "5",
        "2",
        "OpenSMTPD takes no RSET before EHLO; a server should take it at any time",
        "RFC 5321 section 4.1.4",
    ),
    Explained(
        ("OpenSMTPD",),
        "VRFY tim",
        "5",
        "2",
        "OpenSMTPD has no VRFY, which every server must have; 252 would say nothing about the user",
        "RFC 5321 section 4.5.1",
    ),
    Explained(
        ("OpenSMTPD",),
        "EHLO client.example",
        "5",
        "2",
        "OpenSMTPD takes one hello a session; the RFC lets a client send EHLO again, and a server"
        " not accept it",
        "RFC 5321 section 4.1.4",
    ),
    Explained(
        ("OpenSMTPD",),
        "MAIL FROM:<a@b.example>",
        "5",
        "2",
        "The EHLO that OpenSMTPD did not accept did not end the transaction before it",
        "RFC 5321 section 4.1.4",
    ),
    Explained(
        ("OpenSMTPD",),
        "NOOP x",
        "5",
        "2",
        "OpenSMTPD takes no argument of NOOP; a server should ignore it",
        "RFC 5321 section 4.1.1.9",
    ),
    Explained(
        ("OpenSMTPD",),
        "MAIL FROM:<a@b.example> SIZE=999999999999",
        "2",
        "5",
        "OpenSMTPD looks at the size only when the message comes; it should at MAIL",
        "RFC 1870 section 6.1",
    ),
)

NO_HEADER = (
    "OpenSMTPD refuses a message that does not begin with fields, as any server may (RFC 5321"
    " section 7.9)"
)
QUOTED = "OpenSMTPD takes no quoted local part; it must (RFC 5321 section 4.1.2)"
NOT_ANOTHER = "Nobody may act for another here (RFC 4422 section 3.4.1)"

EXPLAINED_CASES = {
    ("Dovecot", "pop3.goal.fetch-dots"): (
        "Dovecot 2.3 does not stuff a dot at the very beginning of a message, so that the client"
        " takes it away; it must (RFC 1939 section 3)"
    ),
    ("Dovecot", "pop3.goal.fetch-empty-message"): (
        "Dovecot sends an empty line for a message of no octets; the RFC has nothing between the"
        " reply and the final dot then (RFC 1939 section 3)"
    ),
    ("Dovecot", "pop3.auth-scram-sha-1.authzid"): NOT_ANOTHER,
    ("Dovecot", "pop3.auth-scram-sha-256.authzid"): NOT_ANOTHER,
    ("Postfix", "smtp.auth-scram-sha-1.authzid"): NOT_ANOTHER,
    ("Postfix", "smtp.auth-scram-sha-256.authzid"): NOT_ANOTHER,
    ("Postfix", "smtp.chunking.send-binary"): (
        "Postfix does not offer BINARYMIME (RFC 3030 section 3)"
    ),
    ("Postfix", "smtp.help.without-argument"): (
        "Postfix has no HELP; it should (RFC 5321 section 4.5.1)"
    ),
    ("OpenSMTPD", "smtp.data.dots-stuffed"): NO_HEADER,
    ("OpenSMTPD", "smtp.data.lines-of-dots-stuffed"): NO_HEADER,
    ("OpenSMTPD", "smtp.data.blanks-and-empty-lines"): NO_HEADER,
    ("OpenSMTPD", "smtp.data.longest-line"): NO_HEADER,
    ("OpenSMTPD", "smtp.data.two-messages"): NO_HEADER,
    ("OpenSMTPD", "smtp.replies.in-many-lines"): NO_HEADER,
    ("OpenSMTPD", "smtp.replies.without-text"): NO_HEADER,
    ("OpenSMTPD", "smtp.rfc5321.appendix-d4-verify-and-send"): (
        "OpenSMTPD has no VRFY, which every server must have (RFC 5321 section 4.5.1)"
    ),
    ("OpenSMTPD", "smtp.ehlo.longest-domain"): (
        "OpenSMTPD takes names of at most 253 octets; it must take 255 (RFC 5321 section 4.5.3.1.2)"
    ),
    ("OpenSMTPD", "smtp.rcpt.quoted-blank"): QUOTED,
    ("OpenSMTPD", "smtp.rcpt.quoted-local-part"): QUOTED,
    ("OpenSMTPD", "smtp.rfc3461.section-10-1-dsn"): (
        "OpenSMTPD offers DSN and refuses NOTIFY=NEVER even alone; it must take it (RFC 3461"
        " section 4.1)"
    ),
}
"""Why a case ends otherwise at a real server, by the server and the case."""


def unexplained(server: str, real: list[Reply], own: list[Reply]) -> tuple[list[str], set[int]]:
    """A line for each difference that no row explains, and the indexes of the rows that were used."""
    lines: list[str] = []
    used: set[int] = set()
    if len(real) != len(own):
        lines.append(f"{len(real)} replies, not {len(own)}")
    for one, other in zip(real, own):
        for found in _between(one, other):
            key = (one.command, *found)
            rows = [
                number
                for number, row in enumerate(EXPLAINED)
                if server in row.servers and (row.command, row.real, row.own) == key
            ]
            used |= set(rows)
            if not rows:
                lines.append(
                    f"{one.command!r}: {found[0]} ({one.text}), not {found[1]} ({other.text})"
                )
    return lines, used


def _between(real: Reply, own: Reply) -> list[tuple[str, str]]:
    """What differs: the classes, or else what is listed."""
    if _of(real) != _of(own):
        return [(_of(real), _of(own))]
    more = sorted(set(real.offers) - set(own.offers))
    less = sorted(set(own.offers) - set(real.offers))
    words = [*(f"+{word}" for word in more), *(f"-{word}" for word in less)]
    return [(" ".join(words), "")] if words else []


def _of(reply: Reply) -> str:
    """The class; in POP3, where the form of a reply is fixed, also whether it is a listing."""
    return f"{reply.of} listing" if reply.is_multi and reply.of == "+OK" else reply.of
