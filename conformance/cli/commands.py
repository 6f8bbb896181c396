"""The short commands: list, show, subjects, doctor, new-subject, lint."""

from __future__ import annotations

import argparse
import json
import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from conformance import outcome, paths, select
from conformance.doctor import PROTOCOLS, Finding
from conformance.play.session import Session, Settings
from conformance.requirements import Requirement, accounts
from conformance.requirements import load as load_register
from conformance.subject import NotInstalled, Subject, SubjectError
from conformance.subject import load as load_subject
from conformance.subject import names, spec
from fake_servers.trace.syntax import Trace

NEW_SUBJECT = """\
# A client that is a command: one session a run. conformance/subject.schema.json has every key.
name = "{name}"
version = ["{name}", "--version"]
features = ["goals", "pop3", "pop3.user"]

# Arguments: {{host}} {{port}} {{user}} {{secret}} {{login}} {{n}} {{dir}} {{timeout_s}} {{timeout_ms}}
[goal."pop3.fetch"]
argv = ["{name}", "--host", "{{host}}", "--port", "{{port}}", "--message", "{{n}}", "--out", "{{dir}}/{{n}}.eml"]
login = {{ user = "plain" }}
login_args = ["--user", "{{user}}", "--password", "{{secret}}"]
data = "{{dir}}/{{n}}.eml"

# What each exit status means; 126, 127 and signals are never the client's own.
[exit]
0 = "ok"
other = "failed"

# A library is plugged in by a program that answers JSON lines: driver = ["./my-driver"] in place of
# features, goal and exit. conformance/driver.schema.json has every line of that protocol.
"""


def list_cases(args: argparse.Namespace) -> int:
    """The ids with their titles, or the requirements with what each rests on."""
    traces = select.select(args.patterns)
    if not args.requirements:
        width = max(len(trace.id) for trace in traces)
        for trace in traces:
            print(f"{trace.id:<{width}}  {trace.title}")
        return outcome.OK
    _list_requirements(traces, everything=not args.patterns)
    return outcome.OK


def _list_requirements(traces: Sequence[Trace], everything: bool) -> None:
    """The requirements of clients that these cases prove, or all: what each rests on."""
    register = load_register()
    wanted = {name for trace in traces for name in trace.proves}
    entries = [e for e in register.of_client() if everything or e.id in wanted]
    found = accounts.accounts([entry.id for entry in entries], traces)
    for entry in entries:
        account = found[entry.id]
        told = account.excuse or entry.text
        print(
            f"{entry.id:<28} {account.state:<8} {len(account.cases):>3} {len(account.monitors):>2}"
            f"  {entry.breach:<10} {told}"
        )
    states = [account.state for account in found.values()]
    told = ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states))
    print(f"{len(states)} requirements of clients: {told}")


def show(args: argparse.Namespace) -> int:
    """A case with what it proves, or a requirement with its cases."""
    register = load_register()
    if register.known(args.id):
        _show_requirement(register[args.id], select.everything())
        return outcome.OK
    for trace in select.select([args.id]):
        print(f"{paths.shown(trace.path)}\n")
        for name in trace.proves:
            if register.known(name):
                print(_wrapped(f"{name} ({register[name].source}): {register[name].text}"))
        print("\n" + trace.path.read_text("utf-8"))
    return outcome.OK


def _show_requirement(entry: Requirement, traces: Iterable[Trace]) -> None:
    print(f"{entry.id}  {entry.source}  {entry.level}, a breach is {entry.breach}")
    print(_wrapped(entry.text))
    print(_wrapped(f"Test: {entry.test}"))
    account = accounts.accounts([entry.id], [])[entry.id]
    if account.excuse:
        print(_wrapped(f"Not tested: {account.excuse}"))
    if account.client_test:
        print(f"  client/test/{account.client_test}")
    for monitor in account.monitors:
        print(f"  every case, by the monitor {monitor}")
    for trace in traces:
        if entry.id in trace.proves:
            print(f"  {trace.id}  {trace.title}")


def _wrapped(text: str) -> str:
    return textwrap.fill(text, 100, subsequent_indent="    ")


def subjects(args: argparse.Namespace) -> int:
    """Each subject that comes with the suite, and whether it is here."""
    for name in names():
        found = spec(name)
        print(f"{name:<16} {'driver' if found.driver else 'command':<8} {_state(name)}")
    return outcome.OK


def _state(name: str) -> str:
    if spec(name).cmake is not None:
        return "built from this repository when it is needed"
    subject = load_subject(name)
    try:
        subject.start()
    except NotInstalled as error:
        return str(error)
    subject.stop()
    return subject.version


def doctor(args: argparse.Namespace) -> int:
    """Examine one subject."""
    session = Session(Settings(subject=args.subject))
    try:
        findings = session.findings(args.protocol or PROTOCOLS)
        subject = session.subject
    finally:
        session.stop()
    if args.json:
        print(json.dumps(_examination(subject, findings), indent=1))
    else:
        _tell_examination(subject, findings)
    return outcome.CANNOT_RUN if findings else outcome.OK


def _examination(subject: Subject, findings: Sequence[Finding]) -> dict[str, Any]:
    """What `doctor --json` prints."""
    return {
        "schema": 1,
        "subject": {
            "name": subject.name,
            "version": subject.version,
            "level": subject.level,
            "features": sorted(subject.features),
        },
        "fit": not findings,
        "findings": [finding.to_dict() for finding in findings],
    }


def _tell_examination(subject: Subject, findings: Sequence[Finding]) -> None:
    for finding in findings:
        where = "in goals" if finding.goals_only else "everywhere"
        spoilt = f"{' '.join(finding.features) or 'all of it'} {where}"
        print(f"ERROR {subject.name}: {finding.sentence}")
        print(f"  it rests on {finding.requirement}; not fit: {spoilt}")
    if not findings:
        print(f"{subject.name} is fit: {' '.join(sorted(subject.features))}")


def new_subject(args: argparse.Namespace) -> int:
    """Write a TOML file to begin with."""
    path = Path(args.name if args.name.endswith(".toml") else f"{args.name}.toml")
    if path.exists():
        raise SubjectError(f"{path} is there already; nothing was written")
    try:
        path.write_text(NEW_SUBJECT.format(name=path.stem), "utf-8")
    except OSError as error:
        raise SubjectError(f"{path} cannot be written: {error.strerror}") from error
    spec(str(path.resolve()))
    print(f"{path} is written; mend it, then: {paths.command()} doctor --subject {_as_file(path)}")
    return outcome.OK


def _as_file(path: Path) -> str:
    """The path such that it cannot be taken for a name."""
    return str(path) if path.is_absolute() else f"./{path}"


def lint(args: argparse.Namespace) -> int:
    """Every fault of these traces that can be known without a client."""
    from conformance.lint import lint as find_problems

    files = [Path(name) for name in args.files] or [paths.traces()]
    problems = find_problems(files)
    for problem in problems:
        print(problem)
    return outcome.UNEXPECTED if problems else outcome.OK
