"""Goals made of ops, for a driver that has only steps: whole sessions in the good order.

POP3: connect, CAPA, STLS, login, the commands, QUIT (RFC 1939 section 3, RFC 2449
section 5). After a failure with messages marked as deleted the connection is closed
without QUIT, so that nothing is deleted (RFC 1939 section 6). SMTP: connect, EHLO,
STARTTLS and EHLO again, AUTH, MAIL, RCPT, DATA, QUIT (RFC 5321 section 3, RFC 4954
section 4); QUIT also after a refusal (RFC 5321 section 4.1.1.10).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from conformance.subject.answer import Answer
from conformance.subject.error import AdapterBroken

Ask = Callable[[str, Mapping[str, Any]], Answer]
"""Performs one op and gives its answer."""

CONNECT_ARGS = (
    "host",
    "port",
    "tls",
    "policy",
    "ca",
    "client_cert",
    "client_key",
    "timeout_ms",
    "deadline_ms",
    "lmtp",
)
ALIVE = frozenset({"refused", "auth-failed", "policy", "rejected-locally", "unsupported"})
"""Outcomes after which the connection may be of use still."""

MOST_OPS = 1000
"""More than any goal of a case takes; a driver may say ok to everything."""

MECHS_PREFERRED = ("SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN")


class Stopped(Exception):
    """An op of the session did not succeed; its outcome is that of the goal."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.outcome)
        self.answer = answer


@dataclass(slots=True)
class Session:
    """One session of one protocol while a goal is played."""

    protocol: str
    ask: Ask
    args: Mapping[str, Any]
    features: frozenset[str]
    caps: list[list[str]] = field(default_factory=list)
    timestamp: str = ""
    count: int = 0

    def must(self, op: str, **args: Any) -> Answer:
        """One op that has to succeed; raises Stopped where it does not."""
        self.count += 1
        if self.count > MOST_OPS:
            raise AdapterBroken(f"a goal made of ops came to no end within {MOST_OPS} ops")
        answer = self.ask(f"{self.protocol}.{op}", args)
        if answer.outcome != "ok":
            raise Stopped(answer)
        return answer

    def connect(self) -> None:
        given = {name: self.args[name] for name in CONNECT_ARGS if name in self.args}
        value = self.must("connect", **given).value
        self.timestamp = str(value.get("timestamp") or "")

    def wants_starttls(self) -> bool:
        return bool(self.args.get("policy") == "tls" and self.args.get("tls", "none") == "none")

    def offers(self, keyword: str) -> list[str]:
        """The words behind a capability on all its lines, upper case; empty where there are none.

        AUTH also has the old form with "=" in place of the blank.
        """
        words: list[str] = []
        for row in self.caps:
            name, *rest = " ".join(row).upper().split() or [""]
            if name.startswith(f"{keyword}="):
                name, rest = keyword, [name.removeprefix(f"{keyword}="), *rest]
            words += rest if name == keyword else []
        return words

    def claims(self, feature: str) -> bool:
        return f"{self.protocol}.{feature}" in self.features

    def auth(self, mech: str) -> None:
        who = {name: self.args[name] for name in ("user", "secret", "authzid") if name in self.args}
        self.must("auth", mech=mech, **who)

    def best_mech(self, offered: list[str]) -> str | None:
        """The strongest mechanism that the server offers and the client claims."""
        for mech in MECHS_PREFERRED:
            if mech in offered and self.claims(f"auth.{mech.lower()}"):
                return mech
        return None


def play(goal: str, args: Mapping[str, Any], features: frozenset[str], ask: Ask) -> Answer:
    """Play one goal by ops; its outcome is that of the first op that did not succeed."""
    plays = {"pop3.fetch": _pop3_fetch, "pop3.list": _pop3_list, "smtp.send": _smtp_send}
    if goal not in plays:
        return Answer("unsupported")
    session = Session(goal.partition(".")[0], ask, args, features)
    value: dict[str, Any] = {}
    try:
        plays[goal](session, value)
        outcome = "ok"
    except Stopped as stopped:
        outcome = stopped.answer.outcome
        value = {**stopped.answer.value, **value}
        if outcome in ALIVE and not (args.get("delete") and value.get("messages")):
            ask(f"{session.protocol}.quit", {})
    ask(f"{session.protocol}.close", {})
    return Answer(outcome, value)


def _pop3_login(session: Session) -> None:
    session.connect()
    if session.claims("capa"):
        _pop3_capa(session)
    if session.wants_starttls():
        session.must("stls")
        session.timestamp = ""
        _pop3_capa(session)
    login = session.args.get("login", "own")
    who = {"user": session.args.get("user", ""), "secret": session.args.get("secret", "")}
    if login == "own":
        login = _own_pop3_login(session)
    if login == "auth":
        session.auth(str(session.args.get("mech") or session.best_mech(session.offers("SASL"))))
    else:
        session.must(str(login), **who)


def _pop3_capa(session: Session) -> None:
    """CAPA is optional for the server: -ERR means that it offers nothing (RFC 2449 section 5)."""
    answer = session.ask("pop3.capa", {})
    if answer.outcome not in ("ok", "refused"):
        raise Stopped(answer)
    session.caps = list(answer.value.get("caps", [])) if answer.outcome == "ok" else []


def _own_pop3_login(session: Session) -> str:
    if session.timestamp and session.claims("apop"):
        return "apop"
    return "auth" if session.best_mech(session.offers("SASL")) else "user"


def _pop3_fetch(session: Session, value: dict[str, Any]) -> None:
    value["messages"] = messages = []
    _pop3_login(session)
    wanted = session.args.get("n", "all")
    if wanted == "all":
        wanted = range(1, int(session.must("stat").value["count"]) + 1)
    for number in wanted:
        answer = session.must("retr", n=number)
        messages.append([number, answer.value.get("data", b"")])
        if session.args.get("delete"):
            session.must("dele", n=number)
    _quit(session, strict=bool(session.args.get("delete")))


def _pop3_list(session: Session, value: dict[str, Any]) -> None:
    _pop3_login(session)
    value["items"] = session.must("list").value.get("items", [])
    _quit(session, strict=False)


def _quit(session: Session, *, strict: bool) -> None:
    """QUIT; where it commits nothing, its reply changes nothing any more."""
    answer = session.ask(f"{session.protocol}.quit", {})
    if strict and answer.outcome != "ok":
        raise Stopped(answer)


def _smtp_send(session: Session, value: dict[str, Any]) -> None:
    value["delivery"] = "not-sent"
    session.connect()
    # The op needs a name: what a client with steps alone would choose is not asked.
    hello = "lhlo" if session.args.get("lmtp") else "ehlo"
    name = session.args.get("name", "client.example")
    session.caps = list(session.must(hello, name=name).value.get("caps", []))
    if session.wants_starttls():
        session.must("starttls")
        session.caps = list(session.must(hello, name=name).value.get("caps", []))
    login = session.args.get("login", "none")
    if login == "own":
        login = "auth" if session.best_mech(session.offers("AUTH")) else "none"
    if login == "auth":
        session.auth(str(session.args.get("mech") or session.best_mech(session.offers("AUTH"))))
    elif login != "none":
        raise Stopped(Answer("unsupported"))
    params = session.args.get("params", [])
    session.must("mail", **{"from": session.args.get("from", "")}, params=params)
    value["rcpt"] = _recipients(session)
    if not any(row[1] == "ok" for row in value["rcpt"]):
        raise Stopped(Answer(value["rcpt"][0][1] if value["rcpt"] else "rejected-locally"))
    _smtp_data(session, value)
    _quit(session, strict=False)


def _recipients(session: Session) -> list[list[Any]]:
    """One row a recipient; a refused one does not end the transaction (RFC 5321 section 3.3)."""
    rows: list[list[Any]] = []
    for to in session.args.get("to", []):
        answer = session.ask("smtp.rcpt", {"to": to, "params": []})
        if answer.outcome not in ("ok", "refused"):
            raise Stopped(answer)
        rows.append([to, answer.outcome, answer.value.get("code"), answer.value.get("enhanced")])
    return rows


def _smtp_data(session: Session, value: dict[str, Any]) -> None:
    answer = session.ask("smtp.data", {"message": session.args.get("message", b"")})
    fallback = "sent" if answer.outcome == "ok" else "not-sent"
    value["delivery"] = answer.value.get("delivery") or fallback
    if answer.outcome != "ok":
        raise Stopped(answer)
