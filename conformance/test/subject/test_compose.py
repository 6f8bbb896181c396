"""Goals made of ops: which ops, in which order, and what becomes of a failure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from conformance.subject.answer import Answer
from conformance.subject.compose import play

POP3 = frozenset({"steps", "pop3", "pop3.user", "pop3.apop", "pop3.capa", "pop3.auth.plain"})
SMTP = frozenset({"steps", "smtp", "smtp.auth.plain", "smtp.auth.cram-md5"})
WHERE: dict[str, Any] = {
    "host": "127.0.0.1",
    "port": 1,
    "tls": "none",
    "policy": "clear",
    "timeout_ms": 400,
}
WHO: dict[str, Any] = {"user": "mrose", "secret": "tanstaaf"}
MAIL: dict[str, Any] = {
    **WHERE,
    "name": "c.example",
    "from": "a@c",
    "to": ["b@s", "d@s"],
    "message": b"x\r\n",
}


class Client:
    """Answers ok to each op, but for those that `answers` has; keeps what it was asked."""

    def __init__(self, **answers: Answer) -> None:
        self.answers = {op.replace("_", "."): answer for op, answer in answers.items()}
        self.asked: list[tuple[str, Mapping[str, Any]]] = []

    def ask(self, op: str, args: Mapping[str, Any]) -> Answer:
        self.asked.append((op, args))
        return self.answers.get(op, Answer("ok"))

    @property
    def ops(self) -> str:
        """The ops without their protocol."""
        return " ".join(op.partition(".")[2] for op, _ in self.asked)


def test_a_fetch_asks_capa_logs_in_and_quits() -> None:
    client = Client(pop3_retr=Answer("ok", {"data": b"one\r\n"}))
    args = {**WHERE, **WHO, "login": "user", "n": [2]}
    answer = play("pop3.fetch", args, POP3, client.ask)
    assert client.ops == "connect capa user retr quit close"
    assert client.asked[0][1] == WHERE and client.asked[2][1] == WHO
    assert answer == Answer("ok", {"messages": [[2, b"one\r\n"]]})


def test_all_messages_are_counted_by_stat_and_deleted_one_by_one() -> None:
    client = Client(pop3_stat=Answer("ok", {"count": 2}))
    args = {**WHERE, **WHO, "login": "apop", "n": "all", "delete": True}
    assert play("pop3.fetch", args, POP3, client.ask).outcome == "ok"
    assert client.ops == "connect capa apop stat retr dele retr dele quit close"


def test_a_refused_capa_is_no_failure() -> None:
    client = Client(pop3_capa=Answer("refused"))
    args = {**WHERE, **WHO, "login": "user", "n": [1]}
    assert play("pop3.fetch", args, POP3, client.ask).outcome == "ok"


def test_a_refused_login_is_the_outcome_and_the_session_ends_politely() -> None:
    client = Client(pop3_user=Answer("auth-failed"))
    args = {**WHERE, **WHO, "login": "user", "n": [1]}
    assert play("pop3.fetch", args, POP3, client.ask).outcome == "auth-failed"
    assert client.ops == "connect capa user quit close"


def test_nothing_is_committed_after_a_failure() -> None:
    client = Client(pop3_dele=Answer("refused"))
    args = {**WHERE, **WHO, "login": "user", "n": [1, 2], "delete": True}
    answer = play("pop3.fetch", args, POP3, client.ask)
    assert client.ops == "connect capa user retr dele close"
    assert answer.outcome == "refused"


def test_a_dead_connection_gets_no_quit() -> None:
    client = Client(pop3_retr=Answer("io-error"))
    args = {**WHERE, **WHO, "login": "user", "n": [1]}
    assert play("pop3.fetch", args, POP3, client.ask) == Answer("io-error", {"messages": []})
    assert client.ops == "connect capa user retr close"


@pytest.mark.parametrize(
    ("timestamp", "sasl", "op"),
    [("<1@x>", "PLAIN", "apop"), ("", "PLAIN", "auth"), ("", "GSSAPI", "user"), ("", "", "user")],
)
def test_its_own_login_is_the_best_that_both_sides_have(timestamp: str, sasl: str, op: str) -> None:
    client = Client(
        pop3_connect=Answer("ok", {"timestamp": timestamp}),
        pop3_capa=Answer("ok", {"caps": [["SASL", sasl]] if sasl else []}),
    )
    play("pop3.list", {**WHERE, **WHO, "login": "own"}, POP3, client.ask)
    assert client.ops == f"connect capa {op} list quit close"


def test_policy_tls_sends_stls_and_asks_capa_again() -> None:
    client = Client()
    play("pop3.list", {**WHERE, **WHO, "policy": "tls", "login": "user"}, POP3, client.ask)
    assert client.ops == "connect capa stls capa user list quit close"


def test_a_message_is_sent_to_those_who_are_accepted() -> None:
    client = Client(smtp_rcpt=Answer("ok", {"code": 250}))
    answer = play("smtp.send", {**MAIL, "login": "none"}, SMTP, client.ask)
    assert client.ops == "connect ehlo mail rcpt rcpt data quit close"
    assert answer.outcome == "ok"
    assert answer.value["rcpt"] == [["b@s", "ok", 250, None], ["d@s", "ok", 250, None]]
    assert answer.value["delivery"] == "sent"


def test_no_recipient_is_no_message_but_a_quit() -> None:
    client = Client(smtp_rcpt=Answer("refused", {"code": 550}))
    answer = play("smtp.send", {**MAIL, "login": "none"}, SMTP, client.ask)
    assert client.ops == "connect ehlo mail rcpt rcpt quit close"
    assert (answer.outcome, answer.value["delivery"]) == ("refused", "not-sent")


def test_a_mechanism_is_named_or_the_best_one_offered() -> None:
    client = Client(smtp_ehlo=Answer("ok", {"caps": [["AUTH", "PLAIN CRAM-MD5"]]}))
    play("smtp.send", {**MAIL, **WHO, "login": "own"}, SMTP, client.ask)
    assert client.asked[2] == ("smtp.auth", {"mech": "CRAM-MD5", **WHO})
    client = Client()
    play("smtp.send", {**MAIL, **WHO, "login": "auth", "mech": "PLAIN"}, SMTP, client.ask)
    assert client.asked[2] == ("smtp.auth", {"mech": "PLAIN", **WHO})


@pytest.mark.parametrize(
    ("caps", "mech"),
    [
        ([["AUTH", "GSSAPI"], ["AUTH", "CRAM-MD5"]], "CRAM-MD5"),
        ([["AUTH", "PLAIN LOGIN"], ["AUTH=LOGIN", ""]], "PLAIN"),
        ([["AUTH=CRAM-MD5", "PLAIN"]], "CRAM-MD5"),
        ([["AUTH", ""], ["X", "AUTH=CRAM-MD5"], ["AUTH", "PLAIN"]], "PLAIN"),
    ],
)
def test_a_keyword_on_several_lines_offers_the_words_of_all(
    caps: list[list[str]], mech: str
) -> None:
    client = Client(smtp_ehlo=Answer("ok", {"caps": caps}))
    play("smtp.send", {**MAIL, **WHO, "login": "own"}, SMTP, client.ask)
    assert client.asked[2] == ("smtp.auth", {"mech": mech, **WHO})


def test_a_client_that_does_not_tell_the_offers_cannot_choose() -> None:
    answer = play("smtp.send", {**MAIL, **WHO, "login": "own"}, SMTP, Client().ask)
    assert answer.outcome == "unsupported"


def test_a_delivery_that_nobody_knows_stays_unknown() -> None:
    client = Client(smtp_data=Answer("io-error", {"delivery": "unknown"}))
    answer = play("smtp.send", {**MAIL, "login": "none"}, SMTP, client.ask)
    assert (answer.outcome, answer.value["delivery"]) == ("io-error", "unknown")


def test_a_goal_that_there_is_none_of_is_unsupported() -> None:
    assert play("pop3.sync", {}, POP3, Client().ask).outcome == "unsupported"


def test_a_421_to_a_recipient_ends_the_session() -> None:
    gone = Answer("refused", {"code": 421})
    client = Client(smtp_rcpt=gone)
    answer = play("smtp.send", MAIL, SMTP, client.ask)
    assert client.ops == "connect ehlo mail rcpt quit close"
    assert (answer.outcome, answer.value["code"]) == ("refused", 421)


def test_how_a_message_is_handed_over_is_told_to_the_op() -> None:
    client = Client()
    play("smtp.send", {**MAIL, "fail_after": 3, "pieces": [1]}, SMTP, client.ask)
    assert client.asked[-3][1] == {"message": b"x\r\n", "fail_after": 3, "pieces": [1]}
    client = Client(pop3_retr=Answer("failed"))
    args = {**WHERE, **WHO, "login": "user", "n": [2], "delete": True, "fail_after": 3}
    assert play("pop3.fetch", args, POP3, client.ask).outcome == "failed"
    assert client.ops == "connect capa user retr close"
    assert client.asked[3][1] == {"n": 2, "fail_after": 3}


@pytest.mark.parametrize(
    ("given", "code", "ops"),
    [
        ({}, 500, "connect ehlo helo mail rcpt rcpt data quit close"),
        ({}, 502, "connect ehlo helo mail rcpt rcpt data quit close"),
        ({}, 421, "connect ehlo quit close"),
        ({"policy": "tls"}, 500, "connect ehlo quit close"),
        ({**WHO, "login": "auth", "mech": "PLAIN"}, 500, "connect ehlo quit close"),
    ],
)
def test_a_server_that_does_not_know_ehlo_is_greeted_by_helo(
    given: dict[str, Any], code: int, ops: str
) -> None:
    client = Client(smtp_ehlo=Answer("refused", {"code": code}))
    play("smtp.send", {**MAIL, **given}, SMTP | {"smtp.helo"}, client.ask)
    assert client.ops == ops


def test_a_client_without_helo_says_none() -> None:
    client = Client(smtp_ehlo=Answer("refused", {"code": 500}))
    play("smtp.send", MAIL, SMTP, client.ask)
    assert client.ops == "connect ehlo quit close"
