"""Goals made of ops, for a driver that has only steps: whole sessions in the right order.

POP3: connect, CAPA, STLS, login, the commands, QUIT (RFC 1939 section 3, RFC 2449 section 5). If a
session fails while messages are marked as deleted, it closes the connection without QUIT, so that
nothing is deleted (RFC 1939 section 6).

SMTP: connect, EHLO, STARTTLS and EHLO again, AUTH, MAIL, RCPT, DATA, QUIT (RFC 5321 section 3, RFC
4954 section 4); QUIT also after a refusal (RFC 5321 section 4.1.1.10).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from conformance.subject.answer import Answer
from conformance.subject.error import AdapterBroken

Ask = Callable[[str, Mapping[str, Any]], Answer]
"""Performs one op and returns its answer."""

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
"""Outcomes after which the connection may still be usable."""

MOST_OPS = 1000
"""More ops than any goal of a case needs: a driver may answer ok to everything."""

MECHS_PREFERRED = ("SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN")


class Stopped(Exception):
    """An op of the session did not succeed; the goal has its outcome."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.outcome)
        self.answer = answer


@dataclass(slots=True)
class GoalSteps:
    """One session of one protocol, for one goal."""

    protocol: str
    ask: Ask
    args: Mapping[str, Any]
    features: frozenset[str]
    caps: list[list[str]] = field(default_factory=list)
    timestamp: str = ""
    knows_caps: bool = False
    count: int = 0

    def must(self, op: str, **args: Any) -> Answer:
        """Performs one op that must succeed; raises Stopped if it does not."""
        self.count += 1
        if self.count > MOST_OPS:
            raise AdapterBroken(f"a goal made of ops did not finish within {MOST_OPS} ops")
        answer = self.ask(f"{self.protocol}.{op}", args)
        if answer.outcome != "ok":
            raise Stopped(answer)
        return answer

    def connect(self) -> None:
        given = {name: self.args[name] for name in CONNECT_ARGS if name in self.args}
        value = self.must("connect", **given).value
        self.timestamp = str(value.get("timestamp") or "")

    def greet(self, hello: str, name: Any) -> None:
        """Says EHLO or LHLO; not every library tells what the server offers.

        A server that does not know EHLO is greeted by HELO (RFC 5321 section 3.2), which offers
        neither TLS nor a login.
        """
        answer = self.ask(f"{self.protocol}.{hello}", {"name": name})
        is_unknown = answer.outcome == "refused" and answer.value.get("code") in (500, 502)
        is_enough = not self.wants_starttls() and self.args.get("login", "none") in ("none", "own")
        if hello == "ehlo" and is_unknown and is_enough and self.claims("helo"):
            answer = self.must("helo", name=name)
        elif answer.outcome != "ok":
            raise Stopped(answer)
        caps = answer.value.get("caps")
        self.knows_caps, self.caps = caps is not None, list(caps or [])

    def wants_starttls(self) -> bool:
        return bool(self.args.get("policy") == "tls" and self.args.get("tls", "none") == "none")

    def offers(self, keyword: str) -> list[str]:
        """The words after a capability on all its lines, in upper case.

        AUTH also has the old form with "=" instead of the blank.
        """
        words: list[str] = []
        for row in self.caps:
            name, *remaining = " ".join(row).upper().split() or [""]
            if name.startswith(f"{keyword}="):
                name, remaining = keyword, [name.removeprefix(f"{keyword}="), *remaining]
            words += remaining if name == keyword else []
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
    """Runs one goal by ops; its outcome is that of the first op that did not succeed."""
    plays = {"pop3.fetch": _pop3_fetch, "pop3.list": _pop3_list, "smtp.send": _smtp_send}
    if goal not in plays:
        return Answer("unsupported")
    steps = GoalSteps(goal.partition(".")[0], ask, args, features)
    value: dict[str, Any] = {}
    try:
        plays[goal](steps, value)
        outcome = "ok"
    except Stopped as stopped:
        outcome = stopped.answer.outcome
        value = {**stopped.answer.value, **value}
        if outcome in ALIVE and not (args.get("delete") and value.get("messages")):
            ask(f"{steps.protocol}.quit", {})
    ask(f"{steps.protocol}.close", {})
    return Answer(outcome, value)


def _pop3_login(steps: GoalSteps) -> None:
    steps.connect()
    if steps.claims("capa"):
        _pop3_capa(steps)
    if steps.wants_starttls():
        steps.must("stls")
        steps.timestamp = ""
        _pop3_capa(steps)
    login = steps.args.get("login", "own")
    who = {"user": steps.args.get("user", ""), "secret": steps.args.get("secret", "")}
    if login == "own":
        login = _own_pop3_login(steps)
    if login == "auth":
        steps.auth(str(steps.args.get("mech") or steps.best_mech(steps.offers("SASL"))))
    else:
        steps.must(str(login), **who)


def _pop3_capa(steps: GoalSteps) -> None:
    """CAPA is optional for the server: -ERR means that it offers nothing (RFC 2449 section 5)."""
    answer = steps.ask("pop3.capa", {})
    if answer.outcome not in ("ok", "refused"):
        raise Stopped(answer)
    steps.caps = list(answer.value.get("caps", [])) if answer.outcome == "ok" else []


def _own_pop3_login(steps: GoalSteps) -> str:
    if steps.timestamp and steps.claims("apop"):
        return "apop"
    return "auth" if steps.best_mech(steps.offers("SASL")) else "user"


def _pop3_fetch(steps: GoalSteps, value: dict[str, Any]) -> None:
    value["messages"] = messages = []
    _pop3_login(steps)
    wanted = steps.args.get("n", "all")
    if wanted == "all":
        wanted = range(1, int(steps.must("stat").value["count"]) + 1)
    for number in wanted:
        answer = steps.must("retr", n=number, **_given(steps, "fail_after"))
        messages.append([number, answer.value.get("data", b"")])
        if steps.args.get("delete"):
            steps.must("dele", n=number)
    _quit(steps, strict=bool(steps.args.get("delete")))


def _given(steps: GoalSteps, *names: str) -> dict[str, Any]:
    return {name: steps.args[name] for name in names if name in steps.args}


def _pop3_list(steps: GoalSteps, value: dict[str, Any]) -> None:
    _pop3_login(steps)
    value["items"] = steps.must("list").value.get("items", [])
    _quit(steps, strict=False)


def _quit(steps: GoalSteps, *, strict: bool) -> None:
    """Sends QUIT; if nothing depends on it, its reply does not matter."""
    answer = steps.ask(f"{steps.protocol}.quit", {})
    if strict and answer.outcome != "ok":
        raise Stopped(answer)


def _smtp_send(steps: GoalSteps, value: dict[str, Any]) -> None:
    value["delivery"] = "not-sent"
    steps.connect()
    # The op needs a name: what a client with steps alone would choose is not asked.
    hello = "lhlo" if steps.args.get("lmtp") else "ehlo"
    name = steps.args.get("name", "client.example")
    steps.greet(hello, name)
    if steps.wants_starttls():
        steps.must("starttls")
        steps.greet(hello, name)
    login = steps.args.get("login", "none")
    if login == "own" and not steps.knows_caps:
        raise Stopped(Answer("unsupported"))
    if login == "own":
        login = "auth" if steps.best_mech(steps.offers("AUTH")) else "none"
    if login == "auth":
        steps.auth(str(steps.args.get("mech") or steps.best_mech(steps.offers("AUTH"))))
    elif login != "none":
        raise Stopped(Answer("unsupported"))
    params = steps.args.get("params", [])
    steps.must("mail", **{"from": steps.args.get("from", "")}, params=params)
    value["rcpt"] = _recipients(steps)
    if not any(row[1] == "ok" for row in value["rcpt"]):
        raise Stopped(Answer(value["rcpt"][0][1] if value["rcpt"] else "rejected-locally"))
    _smtp_data(steps, value)
    _quit(steps, strict=False)


def _recipients(steps: GoalSteps) -> list[list[Any]]:
    """One row for each recipient; a refused one does not end the transaction (RFC 5321 section
    3.3), but 421 ends the session (section 3.8).
    """
    rows: list[list[Any]] = []
    for to in steps.args.get("to", []):
        answer = steps.ask("smtp.rcpt", {"to": to, "params": []})
        if answer.outcome not in ("ok", "refused") or answer.value.get("code") == 421:
            raise Stopped(answer)
        rows.append([to, answer.outcome, answer.value.get("code"), answer.value.get("enhanced")])
    return rows


def _smtp_data(steps: GoalSteps, value: dict[str, Any]) -> None:
    given = _given(steps, "fail_after", "pieces")
    answer = steps.ask("smtp.data", {"message": steps.args.get("message", b""), **given})
    fallback = "sent" if answer.outcome == "ok" else "not-sent"
    value["delivery"] = answer.value.get("delivery") or fallback
    if answer.outcome != "ok":
        raise Stopped(answer)
