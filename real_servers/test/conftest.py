"""Servers that are started once for all tests of a process."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from typing import TypeVar

import pytest

from conformance.subject import Subject, load
from real_servers import (
    Account,
    Dovecot,
    Exim,
    NeedsRoot,
    NotInstalled,
    OpenSMTPD,
    Postfix,
    RealServer,
)

AnyServer = TypeVar("AnyServer", bound=RealServer)

SECRET = "tanstaaf tanstaaf"
WORD = "tanstaaftanstaaf"
"""A secret without a blank, which Exim's list of users cannot have."""
USERS = ("tim", "mrose")


def started(stack: ExitStack, server: AnyServer) -> AnyServer:
    """The server, or a skip; what `./mailspec setup servers` installs is never missing in CI.

    A server that can run here but does not start is a failure.
    """
    try:
        stack.enter_context(server)
    except NotInstalled as error:
        if os.environ.get("MAILSPEC_CI"):
            pytest.fail(str(error))
        pytest.skip(str(error))
    except NeedsRoot as error:
        pytest.skip(str(error))
    return server


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    with ExitStack() as stack:
        yield started(stack, Dovecot([Account(user, SECRET) for user in USERS]))


@pytest.fixture(scope="session")
def postfix() -> Iterator[Postfix]:
    """It takes mail of everybody and drops it."""
    with ExitStack() as stack:
        yield started(stack, Postfix([Account(user, SECRET) for user in USERS]))


@pytest.fixture(scope="session")
def exim() -> Iterator[Exim]:
    """It takes mail of everybody and drops it."""
    with ExitStack() as stack:
        yield started(stack, Exim([Account(user, WORD) for user in USERS]))


@pytest.fixture(scope="session")
def opensmtpd() -> Iterator[OpenSMTPD]:
    """It takes mail of everybody and drops it."""
    with ExitStack() as stack:
        yield started(stack, OpenSMTPD())


@pytest.fixture(scope="session")
def mailc() -> Iterator[Subject]:
    subject = load("mailc")
    subject.start()
    yield subject
    subject.stop()
