"""What `serve` refuses, each in one sentence."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import pytest

from conformance.cli import parser
from conformance.serve import place
from conformance.test.serve.served import refused

README = Path(__file__).parents[2] / "README.md"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("", "serve needs cases, or servers such as --smtp 1025 --pop3 1110"),
        ("smtp.noop.rset --smtp", "and not both"),
        ("--smtp 70000", "with a port from 0 to 65535, not '70000'"),
        ("--smtp ::1:25", "an IPv6 address stands in brackets"),
        ("--smtp --port 25", "--port is for cases"),
        ("--smtp --variant ipv6", "--variant ipv6 is for cases"),
        ("--smtp --user me", "must be NAME:SECRET, not 'me'"),
        ("--smtp --sasl PLANE", "no mechanism 'PLANE'; did you mean PLAIN?"),
        ("--smtp --cert expired", "--cert needs a server with TLS"),
        ("--smtp --require-tls", "--require-tls needs --starttls"),
        ("--smtp --delete", "--delete needs a mailbox of your own"),
        ("--smtp --maildir .", "is served by POP3: add --pop3"),
        ("--pop3 --keep x", "only a server that receives mail can keep it"),
        ("--pop3 --maildir nowhere", "nowhere is no Maildir"),
        ("--pop3 --mbox .", ". is no mbox file"),
        ("--smtp --keep /dev/null/x", "/dev/null/x cannot be used: Not a directory"),
        ("--smtp --transcripts /dev/null/x", "/dev/null/x cannot be written: Not a directory"),
        ("--smtp --listen 0.0.0.0", "needs --advertise HOST"),
        ("--smtps 0.0.0.0:0", "--smtps 0.0.0.0 needs --advertise HOST"),
        ("smtp.goal.send pop3.goal.*", "names cases of POP3 and of SMTP"),
        ("smtp.goal.send --user a:b", "--user is for servers such as --smtp, not for cases"),
    ],
)
def test_wrong_usage_is_one_sentence(words: str, sentence: str) -> None:
    status, output = refused(*words.split())
    assert (status, len(output.strip().splitlines())) == (2, 1), output
    assert sentence in output


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("RETR#1: cot 10", "--on RETR#1: cot 10: there is no such directive"),
        ("RETX#1: close", "the pop3 server has no such command; did you mean"),
        ("RETR: close", "which one is written #n"),
        ("CONNECT#2: close", "a session is one connection"),
        ("RETR#1: cut 1, cut 2", "an 'on' line has one cut (at 'cut')"),
        ('RETR#1: reply "$x"', "the name has no value yet"),
        ("EHLO#1: close", "the pop3 server has no such command"),
    ],
)
def test_a_wrong_fault_is_one_sentence(line: str, sentence: str) -> None:
    status, output = refused("--pop3", "--on", line)
    assert (status, len(output.strip().splitlines())) == (2, 1), output
    assert sentence in output


def test_two_faults_at_one_place_are_refused() -> None:
    status, output = refused("--pop3", "--on", "RETR#1: close", "--on", "RETR#1: reset")
    assert status == 2 and "two 'on' lines for RETR#1" in output


@pytest.mark.parametrize("words", [("--smtp",), ("--pop3", "0", "--smtp"), ("smtp.goal.send",)])
def test_a_port_in_use_is_one_sentence(words: tuple[str, ...]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        place_of = ["--port", port] if "." in words[0] else [port]
        status, output = refused(*words, *place_of)
    assert (status, output) == (
        3,
        f"mailspec: cannot listen on 127.0.0.1 port {port}: Address already in use\n",
    )


def test_an_address_that_is_not_here_is_one_sentence() -> None:
    status, output = refused("--smtp", "192.0.2.1:0")
    assert status == 3
    assert output.splitlines()[-1] == (
        "mailspec: cannot listen on 192.0.2.1: Cannot assign requested address"
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1025", ("", 1025)),
        ("0.0.0.0:25", ("0.0.0.0", 25)),
        ("[::1]:0", ("::1", 0)),
        ("mail.test:25", ("mail.test", 25)),
    ],
)
def test_a_place_is_a_port_or_an_address_and_a_port(text: str, found: tuple[str, int]) -> None:
    read = place.read(text)
    assert (read.host, read.port) == found


@pytest.mark.skipif(not README.is_file(), reason="README.md is not installed")
def test_the_page_names_every_option() -> None:
    page = README.read_text("utf-8").partition("## A server for the bench")[2].partition("\n## ")[0]
    named = set(re.findall(r"--[a-z][a-z0-9-]+", page))
    known = {option for option in parser().commands()["serve"]._option_string_actions}
    assert named == {option for option in known if option.startswith("--")} - {
        "--help",
        "--version",
    }
