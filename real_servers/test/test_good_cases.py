"""mailc makes the calls of every case in which nothing goes wrong, and real servers let it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import ExitStack

import pytest

from conformance.subject import Subject
from real_servers import Account, Dovecot, OpenSMTPD, Postfix, RealServer
from real_servers.differences import EXPLAINED_CASES
from real_servers.good_cases import GoodCase, good_cases, handed_over, play
from real_servers.test.conftest import started

POP3 = good_cases("pop3")
SMTP = good_cases("smtp")
LACKING = ("smtp.auth.", "smtp.mail-auth", "smtp.smtputf8", "smtp.chunking", "tls.")
"""What OpenSMTPD does not offer in the clear: features, by their beginnings."""
CLEAR = [case for case in SMTP if not any(need.startswith(LACKING) for need in case.trace.needs)]
LEAST = 150
"""Fewer cases of a protocol than this would mean that the selection is broken."""


class Dovecots:
    """One server for each secret that a user has: a Dovecot knows one."""

    def __init__(self, accounts: Iterable[Account], stack: ExitStack) -> None:
        self._secrets: dict[str, list[str]] = defaultdict(list)
        for account in accounts:
            if account.secret not in self._secrets[account.user]:
                self._secrets[account.user].append(account.secret)
        self._servers = [
            started(stack, Dovecot(accounts_of_one)) for accounts_of_one in self._batches()
        ]

    def _batches(self) -> Iterator[list[Account]]:
        for number in range(max(map(len, self._secrets.values()))):
            yield [
                Account(user, secrets[number])
                for user, secrets in self._secrets.items()
                if number < len(secrets)
            ]

    def of(self, account: Account) -> Dovecot:
        return self._servers[self._secrets[account.user].index(account.secret)]


@pytest.fixture(name="dovecots", scope="module")
def _dovecots() -> Iterator[Dovecots]:
    with ExitStack() as stack:
        yield Dovecots((case.account for case in POP3), stack)


def test_there_are_enough_of_them() -> None:
    assert len(POP3) >= LEAST and len(SMTP) >= LEAST
    known = {case.trace.id for case in (*POP3, *SMTP)}
    assert {name for _, name in EXPLAINED_CASES} <= known


def assert_explained(case: GoodCase, mailc: Subject, server: RealServer) -> None:
    """A finding must have a reason, and a reason a finding."""
    finding = found(case, mailc, server)
    reason = EXPLAINED_CASES.get((server.name, case.trace.id), "")
    assert bool(finding) == bool(reason), finding or f"there is no difference any more: {reason}"


def found(case: GoodCase, mailc: Subject, server: RealServer) -> str:
    """What is not as in the case, or the empty string."""
    answers = play(case, mailc, server)
    op, last = answers[-1]
    if last.outcome != "ok":
        return f"{op} is {last.outcome}: {dict(last.value)}"
    given = handed_over(answers)
    wrong = [number for number, data in given.items() if data != case.expected[number]]
    return f"messages {wrong} are others: {given}" if wrong else ""


@pytest.mark.parametrize("case", POP3, ids=[case.trace.id for case in POP3])
def test_pop3_at_dovecot(case: GoodCase, mailc: Subject, dovecots: Dovecots) -> None:
    server = dovecots.of(case.account)
    server.fill(case.account.user, case.account.messages)
    assert_explained(case, mailc, server)


@pytest.mark.parametrize("case", SMTP, ids=[case.trace.id for case in SMTP])
def test_smtp_at_postfix(case: GoodCase, mailc: Subject, postfix: Postfix) -> None:
    postfix.add_account(case.account)
    assert_explained(case, mailc, postfix)


@pytest.mark.parametrize("case", CLEAR, ids=[case.trace.id for case in CLEAR])
def test_smtp_at_opensmtpd(case: GoodCase, mailc: Subject, opensmtpd: OpenSMTPD) -> None:
    assert_explained(case, mailc, opensmtpd)
