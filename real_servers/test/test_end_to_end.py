"""Mail that mailc sends through Postfix and fetches from Dovecot arrives octet for octet."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from conformance.subject import Answer, Subject
from conformance.subject.answer import from_json
from real_servers import Account, Dovecot, Postfix
from real_servers.mail import as_sent, messages, number_of, without_added
from real_servers.proxy import CuttingProxy
from real_servers.test.conftest import SECRET, started

COUNT = 1000
A_SESSION = 50
"""Messages a session."""
BATCH = 8
CALL_S = 60.0
ARRIVED_S = 60.0
USER = "tim"


@dataclass(frozen=True, slots=True)
class Way:
    """How mail travels.

    tls   `none`, `starttls` or `implicit`
    """

    tls: str = "none"
    pipelined: bool = False
    proxied: bool = False


WAYS = {
    "plain": Way(),
    "tls": Way(tls="starttls"),
    "pipelined": Way(pipelined=True),
    "cut": Way(proxied=True),
    "cut-tls-pipelined": Way(tls="implicit", pipelined=True, proxied=True),
}


@pytest.fixture(name="relay", scope="module")
def _relay() -> Iterator[tuple[Postfix, Dovecot]]:
    """Postfix takes mail after a login and hands it to Dovecot by LMTP."""
    with ExitStack() as stack:
        dovecot = started(stack, Dovecot([Account(USER, SECRET)]))
        lmtp = dovecot.ports["lmtp"]
        yield started(stack, Postfix([Account(USER, SECRET)], lmtp, needs_login=True)), dovecot


def must(mailc: Subject, op: str, **args: Any) -> Answer:
    answer = mailc.call(op, args, CALL_S)
    assert answer.outcome == "ok", (op, answer)
    return answer


@contextmanager
def session(mailc: Subject, protocol: str, server: Postfix | Dovecot, way: Way) -> Iterator[None]:
    """mailc, logged in; the session ends by QUIT."""
    is_implicit = way.tls == "implicit"
    port = server.ports[protocol + ("s" if is_implicit else "")]
    with ExitStack() as stack:
        if way.proxied:
            port = stack.enter_context(CuttingProxy(port, seed=port)).port
        must(
            mailc,
            f"{protocol}.connect",
            host=server.host,
            port=port,
            tls="implicit" if is_implicit else "none",
            policy="clear",
            ca=str(server.ca),
            timeout_ms=30000,
        )
        op = {"smtp": "smtp.ehlo", "pop3": "pop3.capa"}[protocol]
        args = {"name": "client.example"} if protocol == "smtp" else {}
        must(mailc, op, **args)
        if way.tls == "starttls":
            must(mailc, {"smtp": "smtp.starttls", "pop3": "pop3.stls"}[protocol])
            must(mailc, op, **args)
        must(mailc, f"{protocol}.auth", mech="SCRAM-SHA-256", user=USER, secret=SECRET)
        yield
        must(mailc, f"{protocol}.quit")
        must(mailc, f"{protocol}.close")


def send(mailc: Subject, postfix: Postfix, way: Way, mails: Sequence[bytes]) -> None:
    for start in range(0, len(mails), A_SESSION):
        with session(mailc, "smtp", postfix, way):
            for mail in mails[start : start + A_SESSION]:
                send_one(mailc, way, mail)


def send_one(mailc: Subject, way: Way, mail: bytes) -> None:
    to = f"{USER}@b.example"
    sender: dict[str, Any] = {"from": "a@b.example", "params": ["BODY=8BITMIME"]}
    if way.pipelined:
        must(mailc, "smtp.send", **sender, to=[to], message=mail)
        return
    must(mailc, "smtp.mail", **sender)
    must(mailc, "smtp.rcpt", to=to)
    must(mailc, "smtp.data", message=mail)


def fetch(mailc: Subject, dovecot: Dovecot, way: Way) -> Iterator[bytes]:
    """Fetch and delete all messages, some of them a session."""
    left = True
    while left:
        with session(mailc, "pop3", dovecot, way):
            count = must(mailc, "pop3.stat").value["count"]
            wanted = iter(range(1, min(count, A_SESSION) + 1))
            while numbers := list(islice(wanted, BATCH if way.pipelined else 1)):
                yield from retrieve(mailc, numbers, way)
                for number in numbers:
                    must(mailc, "pop3.dele", n=number)
        left = count > A_SESSION


def retrieve(mailc: Subject, numbers: Sequence[int], way: Way) -> Iterator[bytes]:
    if not way.pipelined:
        yield from (must(mailc, "pop3.retr", n=number).value["data"] for number in numbers)
        return
    ops = [{"op": "pop3.retr", "n": number} for number in numbers]
    for result in must(mailc, "pop3.batch", ops=ops).value["results"]:
        assert result["outcome"] == "ok", result
        value = from_json(result["value"])
        # A large message is in a file of the driver.
        yield value["data"] if "data" in value else Path(value["data_path"]).read_bytes()


def wait_for(dovecot: Dovecot, postfix: Postfix, count: int) -> None:
    deadline = time.monotonic() + ARRIVED_S
    while (there := dovecot.count_of(USER)) < count and time.monotonic() < deadline:
        time.sleep(0.05)
    assert there == count, postfix.log[-2000:]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", WAYS)
def test_a_thousand_messages_arrive_as_they_were_sent(
    mailc: Subject, relay: tuple[Postfix, Dovecot], name: str
) -> None:
    postfix, dovecot = relay
    way = WAYS[name]
    dovecot.fill(USER, ())
    mails = list(messages(COUNT, seed=len(name)))
    send(mailc, postfix, way, mails)
    wait_for(dovecot, postfix, COUNT)
    arrived = [without_added(each) for each in fetch(mailc, dovecot, way)]
    assert dovecot.count_of(USER) == 0
    assert sorted(number_of(each) for each in arrived) == list(range(COUNT))
    wrong = [number_of(each) for each in arrived if each != as_sent(mails[number_of(each)])]
    assert wrong == []


@pytest.mark.parametrize(
    "mail, before", [(b"", b""), (b".\r\n", b"\r\n"), (b"no field, no line ending", b"\r\n")]
)
def test_a_message_without_a_header_gets_the_empty_line_that_ends_one(
    mailc: Subject, relay: tuple[Postfix, Dovecot], mail: bytes, before: bytes
) -> None:
    """Postfix puts it between its own fields and a body (RFC 5322 section 2.1)."""
    postfix, dovecot = relay
    dovecot.fill(USER, ())
    send(mailc, postfix, Way(), [mail])
    wait_for(dovecot, postfix, 1)
    (arrived,) = fetch(mailc, dovecot, Way())
    assert without_added(arrived) == before + as_sent(mail)
