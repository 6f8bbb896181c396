"""Level 0: clients that are commands."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conformance.subject import AdapterBroken, Answer, Crashed, Hung, NotInstalled
from conformance.subject.command import CommandSubject
from conformance.subject.spec import GoalSpec, Spec

FETCH: dict[str, Any] = {
    "host": "127.0.0.1",
    "port": 110,
    "tls": "none",
    "policy": "clear",
    "timeout_ms": 400,
    "login": "user",
    "user": "mrose",
    "secret": "tanstaaf",
    "n": [1],
}
SEND: dict[str, Any] = {
    **{key: FETCH[key] for key in ("host", "port", "tls", "policy", "timeout_ms")},
    "login": "none",
    "from": "a@c",
    "to": ["b@s", "d@s"],
    "message": b"one\xff\r\n",
}


def command(script: str, goal: str = "pop3.fetch", **more: Any) -> CommandSubject:
    """A subject that is a shell script; `$0` is its first word."""
    words = more.pop("words", "{n} {user} {secret}").split()
    more.setdefault("data", "stdout" if goal == "pop3.fetch" else "")
    spec = GoalSpec(argv=("sh", "-c", script, *words), login={"user": "", "plain": "P"}, **more)
    outcomes = {"0": "ok", "7": "io-error", "other": "failed"}
    return CommandSubject(Spec(Path("x.toml"), "x", goals={goal: spec}, exit=outcomes))


def ask(subject: CommandSubject, folder: Path, args: dict[str, Any], limit_s: float = 5) -> Answer:
    goal = next(iter(subject.spec.goals))
    return subject.goal(goal, args, limit_s, folder)


def test_what_it_prints_is_the_message(tmp_path: Path) -> None:
    answer = ask(command('printf "%s:%s\\r\\n" "$0" "$1"'), tmp_path, FETCH)
    assert answer == Answer("ok", {"messages": [[1, b"1:mrose\r\n"]]})


def test_each_number_is_a_run_of_its_own(tmp_path: Path) -> None:
    answer = ask(command('printf "%s" "$0"'), tmp_path, {**FETCH, "n": [3, 1]})
    assert answer.value["messages"] == [[3, b"3"], [1, b"1"]]


@pytest.mark.parametrize(("status", "outcome"), [(7, "io-error"), (9, "failed")])
def test_the_exit_status_is_the_outcome(tmp_path: Path, status: int, outcome: str) -> None:
    answer = ask(command(f"echo partly; exit {status}"), tmp_path, FETCH)
    assert answer == Answer(outcome, {"messages": []})


@pytest.mark.parametrize("status", [126, 127])
def test_a_command_that_cannot_be_executed_tells_nothing(tmp_path: Path, status: int) -> None:
    with pytest.raises(AdapterBroken, match=f"exit status {status}"):
        ask(command(f"exit {status}"), tmp_path, FETCH)


def test_a_signal_is_a_crash(tmp_path: Path) -> None:
    with pytest.raises(Crashed, match="SIGSEGV"):
        ask(command("kill -SEGV $$"), tmp_path, FETCH)


def test_a_command_that_does_not_end_is_killed_with_its_children(tmp_path: Path) -> None:
    with pytest.raises(Hung):
        ask(command("sleep 60 & echo $! >child; wait"), tmp_path, FETCH, 0.3)
    child = int((tmp_path / "child").read_text())
    assert not Path(f"/proc/{child}").exists() or "Z" in Path(f"/proc/{child}/stat").read_text()


def test_a_client_that_starts_slowly_is_given_the_time_that_its_file_names(tmp_path: Path) -> None:
    slow = command("sleep 0.4")
    slow.spec = replace(slow.spec, slack_s=30)
    assert ask(slow, tmp_path, FETCH, 0.1).outcome == "ok"


def test_a_command_that_is_told_whole_seconds_has_that_timeout(tmp_path: Path) -> None:
    """With 1 ms rounded up to 1 s, three timeouts are nearly 3 s more."""
    args = {**FETCH, "timeout_ms": 1}
    with pytest.raises(Hung):
        ask(command("sleep 0.3", words="{n} {user} {secret} {timeout_s}"), tmp_path, args, 0.1)
    rounded = command("sleep 0.3", words="{n} {user} {secret} {timeout_whole_s}")
    assert ask(rounded, tmp_path, args, 0.1).outcome == "ok"


@pytest.mark.parametrize(
    "more",
    [
        {"n": "all"},
        {"n": []},
        {"delete": True},
        {"login": "apop"},
        {"login": "auth", "mech": "LOGIN"},
        {"policy": "tls"},
        {"authzid": "other"},
    ],
)
def test_what_has_no_place_in_the_file_is_unsupported(tmp_path: Path, more: dict[str, Any]) -> None:
    assert ask(command("true"), tmp_path, {**FETCH, **more}).outcome == "unsupported"


@pytest.mark.parametrize(
    ("argument", "files", "quote", "reason"),
    [
        ("a\0b", "", {}, "NUL in user"),
        (b"a\0b", "", {}, "NUL in user"),
        ("a:b", "", {}, "':' in user"),
        ("a\nb", "user {user}", {}, "LF in user"),
        ("a\r\nb", "{login}", {}, "CR in user"),
        ("a\0b", "user {user}", {"user": "c"}, "NUL in user"),
        ("a\nb", "", {}, ""),
        ("a\nb", "user {user}", {"user": "c"}, ""),
        ("", "user {user}", {}, ""),
    ],
)
def test_what_a_command_cannot_be_given_is_unsupported_with_the_reason(
    tmp_path: Path, argument: Any, files: str, quote: dict[str, str], reason: str
) -> None:
    subject = command(
        "true", words="{n} {secret} {login}", files={"{dir}/rc": files}, quote=quote,
        cannot={"user": ":"},
    )  # fmt: skip
    subject.spec.goals["pop3.fetch"].login["user"] = "user {user}"  # type: ignore[index]
    answer = ask(subject, tmp_path, {**FETCH, "user": argument})
    wanted = f"its TOML file cannot hand over {reason}" if reason else ""
    assert (answer.outcome == "unsupported", answer.reason) == (bool(reason), wanted)


def test_a_sink_that_fails_has_its_text(tmp_path: Path) -> None:
    fail = {"no": "-", "yes": "after {fail_after}"}
    subject = command('printf "%s" "$0"', words="{fail}{n}{user}{secret}", fail=fail)
    assert ask(subject, tmp_path, FETCH).value["messages"] == [[1, b"-1mrosetanstaaf"]]
    answer = ask(subject, tmp_path, {**FETCH, "fail_after": 7})
    assert answer.value["messages"] == [[1, b"after 71mrosetanstaaf"]]
    answer = ask(command("true"), tmp_path, {**FETCH, "fail_after": 7})
    assert answer.reason == "its TOML file has no text of {fail} for this"


def test_a_missing_place_is_named(tmp_path: Path) -> None:
    answer = ask(command("true"), tmp_path, {**FETCH, "authzid": "other"})
    assert answer.reason == "its TOML file has no place for authzid"


@pytest.mark.parametrize(
    ("kind", "written"), [("url", "a%22%5C%20%0Ab%C3%A9%E9"), ("c", 'a\\"\\\\ \\nb\u00e9\udce9')]
)
def test_a_text_is_written_in_the_form_of_its_place(
    tmp_path: Path, kind: str, written: str
) -> None:
    files = {"{dir}/rc": "{user}"}
    subject = command('cat "$HOME/rc"', files=files, quote={"user": kind})
    user = 'a"\\ \nb\u00e9'.encode() + b"\xe9"
    if kind == "c":
        answer = ask(subject, tmp_path, {**FETCH, "user": user})
        assert answer.value["messages"] == [[1, os.fsencode(written)]]
    else:
        subject = command('printf "%s" "$0"', words="{user}{n}{secret}", quote={"user": kind})
        answer = ask(subject, tmp_path, {**FETCH, "user": user})
        assert answer.value["messages"] == [[1, written.encode() + b"1tanstaaf"]]


def test_octets_of_a_recipient_stand_in_its_words(tmp_path: Path) -> None:
    subject = command(
        'printf "%s" "$3" >to', "smtp.send", words="{message} {from}",
        repeat={"to": ("--to", "{to}")},
    )  # fmt: skip
    ask(subject, tmp_path, {**SEND, "to": [b"gr\xfcn@s"]})
    assert (tmp_path / "to").read_bytes() == b"gr\xfcn@s"


def test_a_mechanism_is_found_by_its_name_in_lower_case(tmp_path: Path) -> None:
    subject = command('printf "%s" "$0"', words="{login}{n}{user}{secret}")
    answer = ask(subject, tmp_path, {**FETCH, "login": "auth", "mech": "PLAIN"})
    assert answer.value["messages"] == [[1, b"P1mrosetanstaaf"]]


def test_a_message_comes_by_stdin_or_as_a_file(tmp_path: Path) -> None:
    script = 'cat >in; cmp -s in "$0" && [ "$#" = 5 ] && [ "$3$5" = "b@sd@s" ]'
    repeat = {"to": ("--to", "{to}")}
    subject = command(script, "smtp.send", words="{message} {from}", stdin="message", repeat=repeat)
    assert ask(subject, tmp_path, SEND).outcome == "ok"
    assert (tmp_path / "in").read_bytes() == b"one\xff\r\n"


def test_rc_files_are_written_first_and_are_private(tmp_path: Path) -> None:
    files = {"{dir}/sub/rc": "password {secret}\n"}
    subject = command('stat -c %a sub/rc; cat "$HOME/sub/rc"', files=files)
    answer = ask(subject, tmp_path, FETCH)
    assert answer.value["messages"] == [[1, b"600\npassword tanstaaf\n"]]


def test_a_maildir_gives_its_only_message(tmp_path: Path) -> None:
    script = 'printf "m%s" "$0" >box/new/x'
    subject = command(script, data="maildir:{dir}/box")
    answer = ask(subject, tmp_path, {**FETCH, "n": [1, 2]})
    assert answer.value["messages"] == [[1, b"m1"], [2, b"m2"]]


def test_one_run_fetches_all_messages_in_the_order_of_their_arrival(tmp_path: Path) -> None:
    script = "for n in 9 10 11; do printf $n >box/new/1.$n.host; done; touch -d @1 box/new/*"
    subject = command(script, data="maildir:{dir}/box", fetches_all=True)
    answer = ask(subject, tmp_path, {**FETCH, "n": "all"})
    assert answer == Answer("ok", {"messages": [[1, b"9"], [2, b"10"], [3, b"11"]]})
    assert ask(subject, tmp_path, FETCH).outcome == "unsupported"


def test_what_was_delivered_before_a_failure_is_handed_over(tmp_path: Path) -> None:
    subject = command("printf half >box/cur/1; exit 7", data="maildir:{dir}/box", fetches_all=True)
    answer = ask(subject, tmp_path, {**FETCH, "n": "all"})
    assert answer == Answer("io-error", {"messages": [[1, b"half"]]})


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({}, "off:-"),
        ({"policy": "tls", "ca": "/ca.pem"}, "begins /ca.pem:-t"),
        ({"policy": "tls", "tls": "implicit", "ca": "/ca.pem"}, ":-i/ca.pem"),
    ],
)
def test_each_kind_of_tls_has_its_text_and_its_words(
    tmp_path: Path, more: dict[str, Any], message: str
) -> None:
    tls = {"none": "off", "starttls": "begins {ca}"}
    tls_args = {"starttls": ("t",), "implicit": ("i{ca}",)}
    subject = command(
        'printf %s "$1:-$3"', words="{n} {tls} {user}{secret}", tls=tls, tls_args=tls_args
    )
    answer = ask(subject, tmp_path, {**FETCH, **more})
    assert answer.value["messages"] == [[1, message.encode()]]


@pytest.mark.parametrize("more", [{"tls": "implicit"}, {"policy": "tls"}, {"policy": "own"}])
def test_tls_that_the_file_does_not_have_is_unsupported(
    tmp_path: Path, more: dict[str, Any]
) -> None:
    subject = command("true", tls={"none": ""})
    assert ask(subject, tmp_path, {**FETCH, **more}).outcome == "unsupported"


def test_whether_messages_are_deleted_is_told_by_its_text(tmp_path: Path) -> None:
    subject = command(
        'printf "%s" "$1"', words="{n} {delete} {user}{secret}", delete={"yes": "-d", "no": "-k"}
    )
    assert ask(subject, tmp_path, FETCH).value["messages"] == [[1, b"-k"]]
    answer = ask(subject, tmp_path, {**FETCH, "delete": True})
    assert answer.value["messages"] == [[1, b"-d"]]


def test_a_client_that_is_told_no_name_takes_its_own(tmp_path: Path) -> None:
    to: dict[str, tuple[str, ...]] = {"to": ("{to}",)}
    hello = {"name": "-h{name}", "own": "-o"}
    script = 'printf "%s" "$0" > "$1/told"'
    subject = command(
        script, "smtp.send", words="{hello} {dir} {from} {message}", repeat=to, hello=hello
    )
    assert ask(subject, tmp_path, SEND).outcome == "ok"
    assert (tmp_path / "told").read_text() == "-o"
    assert ask(subject, tmp_path, {**SEND, "name": "c.example"}).outcome == "ok"
    assert (tmp_path / "told").read_text() == "-hc.example"


@pytest.mark.parametrize(
    ("words", "hello", "outcome"),
    [
        ("{from} {message}", {}, "ok"),
        ("{from} {message} {name}", {}, "unsupported"),
        ("{from} {message} {hello}", {"name": "{name}"}, "unsupported"),
    ],
)
def test_an_empty_name_is_never_put_in_its_place(
    tmp_path: Path, words: str, hello: dict[str, str], outcome: str
) -> None:
    subject = command("true", "smtp.send", words=words, repeat={"to": ("{to}",)}, hello=hello)
    assert ask(subject, tmp_path, SEND).outcome == outcome


def test_success_without_a_file_is_an_empty_message(tmp_path: Path) -> None:
    answer = ask(command("true", data="{dir}/{n}.eml"), tmp_path, FETCH)
    assert answer == Answer("ok", {"messages": [[1, b""]]})


def test_success_without_a_message_in_the_maildir_is_none(tmp_path: Path) -> None:
    assert ask(command("true", data="maildir:{dir}"), tmp_path, FETCH).outcome == "failed"


def test_stderr_is_kept(tmp_path: Path) -> None:
    subject = command("echo oops >&2")
    ask(subject, tmp_path, FETCH)
    assert subject.take_stderr() == "oops\n"
    assert subject.take_stderr() == ""


def test_a_program_that_is_not_there_names_its_package() -> None:
    goals = {"pop3.fetch": GoalSpec(argv=("no-such-client",), data="stdout")}
    subject = CommandSubject(Spec(Path("x.toml"), "x", package="no-such-package", goals=goals))
    with pytest.raises(NotInstalled, match="no no-such-client .package no-such-package."):
        subject.start()


def test_a_program_of_an_unpacked_package_is_found_behind_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for program in ("unpacked-client", "true"):
        place = tmp_path / "packages" / "x" / "usr" / "sbin" / program
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text("#!/bin/sh\nexit 7\n", "utf-8")
        place.chmod(0o755)
    monkeypatch.setenv("MAILSPEC_PACKAGES", str(tmp_path / "packages"))
    for program, outcome in (("unpacked-client", "io-error"), ("true", "ok")):
        goals = {"smtp.send": GoalSpec(argv=(program,))}
        exits = {"0": "ok", "7": "io-error"}
        spec = Spec(Path("x.toml"), "x", version=(program,), goals=goals, exit=exits)
        args = {"timeout_ms": 500, "login": "none"}
        subject = CommandSubject(spec)
        assert subject.goal("smtp.send", args, 5, tmp_path).outcome == outcome
        subject.stop()


def test_a_version_command_that_finds_no_program_names_the_package() -> None:
    goals = {"smtp.send": GoalSpec(argv=("timeout", "1", "no-such-client"))}
    spec = Spec(Path("x.toml"), "x", version=("sh", "-c", "exit 127"), package="y", goals=goals)
    subject = CommandSubject(spec)
    with pytest.raises(NotInstalled, match="x is not installed: .* finds no program .package y."):
        subject.start()
    subject.stop()


def test_a_version_command_that_cannot_run_here_says_why() -> None:
    goals = {"smtp.send": GoalSpec(argv=("true",))}
    words = ("sh", "-c", "echo it needs a mount namespace >&2; exit 126")
    subject = CommandSubject(Spec(Path("x.toml"), "x", version=words, package="y", goals=goals))
    with pytest.raises(NotInstalled) as caught:
        subject.start()
    assert str(caught.value) == "x cannot run here: it needs a mount namespace"
    subject.stop()
