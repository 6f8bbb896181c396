"""What is said to every server, real or the suite's own: the good ways, and legal wrong ones."""

from __future__ import annotations

from collections.abc import Mapping

MESSAGES = (
    b"Subject: one\r\n\r\ntext\r\n.\r\n",
    b"Subject: two\r\n\r\n",
    b"Subject: 3\r\n\r\n..\r\n",
)
MAIL = "Subject: one\r\n\r\n..\r\n."
"""A message with its final dot."""

POP3: Mapping[str, tuple[str, ...]] = {
    "leave": ("CAPA", "QUIT"),
    "user": (
        *("STAT", "USER {user}", "PASS {wrong}", "NOOP", "USER {user}", "PASS {secret}"),
        *("CAPA", "STAT", "NOOP", "QUIT"),
    ),
    "before the login": ("RETR 1", "XYZZY", "QUIT"),
    "apop": ("APOP {user} {apop}", "STAT", "QUIT"),
    "apop refused": ("APOP {user} 00000000000000000000000000000000", "STAT", "QUIT"),
    "plain": ("AUTH PLAIN {plain}", "STAT", "QUIT"),
    "plain, no initial response": ("AUTH PLAIN", "{plain}", "STAT", "QUIT"),
    "plain cancelled": ("AUTH PLAIN", "*", "STAT", "AUTH PLAIN {plain}", "STAT", "QUIT"),
    "plain refused": ("AUTH PLAIN {badplain}", "STAT", "AUTH PLAIN {plain}", "QUIT"),
    "cram-md5": ("AUTH CRAM-MD5", "{cram}", "STAT", "QUIT"),
    "login": ("AUTH LOGIN", "{b64user}", "{b64secret}", "STAT", "QUIT"),
    "no such mechanism": ("AUTH XYZZY", "STAT", "QUIT"),
    "numbers": (
        *("USER {user}", "PASS {secret}", "LIST", "LIST 1", "LIST 9", "LIST 0", "UIDL", "UIDL 1"),
        *("UIDL 9", "RETR 1", "RETR 2", "RETR 9", "RETR", "TOP 1 0", "TOP 1 99", "TOP 9 0"),
        *("TOP 1", "TOP", "RETR x", "XYZZY", "QUIT"),
    ),
    "deleted and taken back": (
        *("USER {user}", "PASS {secret}", "DELE 1", "DELE 1", "RETR 1", "TOP 1 0", "LIST 1"),
        *("UIDL 1", "LIST", "UIDL", "STAT", "DELE 9", "DELE", "RSET", "LIST 1", "NOOP", "QUIT"),
    ),
    "logged in twice": (
        *("USER {user}", "PASS {secret}", "USER {user}", "PASS {secret}", "APOP {user} {apop}"),
        *("AUTH PLAIN {plain}", "STAT", "QUIT"),
    ),
    "deleted for good": ("USER {user}", "PASS {secret}", "DELE 1", "DELE 3", "STAT", "QUIT"),
    "what is left": ("USER {user}", "PASS {secret}", "STAT", "RETR 1", "RETR 2", "QUIT"),
}
"""By title. They follow each other on the same maildrop of MESSAGES."""

POP3_TLS: Mapping[str, tuple[str, ...]] = {
    "stls": (
        *("CAPA", "STLS", "CAPA", "STLS", "USER {user}", "PASS {secret}", "CAPA", "STAT"),
        *("STLS", "QUIT"),
    ),
    "stls, auth": ("STLS", "CAPA", "AUTH PLAIN {plain}", "CAPA", "QUIT"),
}

SMTP: Mapping[str, tuple[str, ...]] = {
    "leave": ("EHLO client.example", "QUIT"),
    "before a hello": ("NOOP", "RSET", "VRFY tim", "RCPT TO:<b@b.example>", "DATA", "QUIT"),
    "hellos": ("HELO client.example", "EHLO client.example", "EHLO", "HELO", "NOOP x", "QUIT"),
    "one message": (
        *("EHLO client.example", "MAIL FROM:<a@b.example>", "RCPT TO:<b@b.example>", "DATA", MAIL),
        *("QUIT",),
    ),
    "two messages": (
        *("EHLO client.example", "MAIL FROM:<>", "RCPT TO:<b@b.example>", "DATA", MAIL),
        *("MAIL FROM:<a@b.example>", "RCPT TO:<b@b.example>", "RCPT TO:<c@b.example>"),
        *("DATA", "."),
        *("QUIT",),
    ),
    "wrong order": (
        *("EHLO client.example", "RCPT TO:<b@b.example>", "DATA", "MAIL FROM:<a@b.example>"),
        *("MAIL FROM:<a@b.example>", "DATA", "RCPT TO:<b@b.example>", "RSET", "DATA"),
        *("RCPT TO:<b@b.example>", "QUIT"),
    ),
    "taken back": (
        *("EHLO client.example", "MAIL FROM:<a@b.example>", "RSET", "MAIL FROM:<a@b.example>"),
        *("EHLO client.example", "MAIL FROM:<a@b.example>", "QUIT"),
    ),
    "wrong forms": (
        *("EHLO client.example", "XYZZY", "MAIL", "MAIL FROM:a b", "MAIL FROM:<a@b.example> X=1"),
        *("RCPT", "MAIL FROM:<a@b.example>", "RCPT TO:", "NOOP", "QUIT"),
    ),
    "others": ("EHLO client.example", "VRFY tim", "EXPN list", "HELP", "QUIT"),
    "size": ("EHLO client.example", "MAIL FROM:<a@b.example> SIZE=999999999999", "QUIT"),
    "parameters": (
        *("EHLO client.example", "MAIL FROM:<a@b.example> SIZE=20 BODY=8BITMIME"),
        *("RCPT TO:<b@b.example>", "DATA", MAIL, "QUIT"),
    ),
}

SMTP_AUTH: Mapping[str, tuple[str, ...]] = {
    "plain": ("EHLO client.example", "AUTH PLAIN {plain}", "NOOP", "QUIT"),
    "plain, no initial response": ("EHLO client.example", "AUTH PLAIN", "{plain}", "NOOP", "QUIT"),
    "plain cancelled": ("EHLO client.example", "AUTH PLAIN", "*", "AUTH PLAIN {plain}", "QUIT"),
    "plain refused": ("EHLO client.example", "AUTH PLAIN {badplain}", "AUTH PLAIN {plain}", "QUIT"),
    "cram-md5": ("EHLO client.example", "AUTH CRAM-MD5", "{cram}", "NOOP", "QUIT"),
    "login": ("EHLO client.example", "AUTH LOGIN", "{b64user}", "{b64secret}", "NOOP", "QUIT"),
    "no such mechanism": ("EHLO client.example", "AUTH XYZZY", "AUTH", "QUIT"),
    "logged in twice": ("EHLO client.example", "AUTH PLAIN {plain}", "AUTH PLAIN {plain}", "QUIT"),
    "in a transaction": (
        *("EHLO client.example", "MAIL FROM:<a@b.example>", "AUTH PLAIN {plain}", "QUIT"),
    ),
    "after the login": (
        *("EHLO client.example", "AUTH PLAIN {plain}", "EHLO client.example"),
        *("MAIL FROM:<a@b.example>", "RCPT TO:<b@b.example>", "DATA", MAIL, "QUIT"),
    ),
}

SMTP_TLS: Mapping[str, tuple[str, ...]] = {
    "starttls": (
        *("EHLO client.example", "STARTTLS", "EHLO client.example", "STARTTLS"),
        *("MAIL FROM:<a@b.example>", "RCPT TO:<b@b.example>", "DATA", MAIL, "QUIT"),
    ),
    "starttls with an argument": ("EHLO client.example", "STARTTLS x", "QUIT"),
    "starttls forgets": (
        *("EHLO client.example", "MAIL FROM:<a@b.example>", "RSET", "STARTTLS"),
        *("RCPT TO:<b@b.example>", "EHLO client.example", "RCPT TO:<b@b.example>", "QUIT"),
    ),
}

LMTP: Mapping[str, tuple[str, ...]] = {
    "two recipients": (
        *("LHLO client.example", "MAIL FROM:<a@b.example>", "RCPT TO:<tim@b.example>"),
        *("RCPT TO:<mrose@b.example>", "DATA", MAIL, "QUIT"),
    ),
    "wrong order": ("LHLO client.example", "DATA", "RCPT TO:<tim@b.example>", "RSET", "QUIT"),
    "other hellos": ("EHLO client.example", "HELO client.example", "NOOP", "QUIT"),
}
