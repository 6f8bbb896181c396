"""The commands that show what there is: list, show, subjects. Each knows --json."""

from __future__ import annotations

import argparse
import json
import shutil
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from conformance import attacks, catalogue, features, paths
from conformance.accounts import Account, accounts
from conformance.cli.index import index
from conformance.requirements import Requirement
from conformance.requirements import load as load_register
from conformance.run import exit_status, select
from conformance.subject import SubjectError, build
from conformance.subject import load as load_subject
from conformance.subject import names, spec
from fake_servers.trace.parser import text_of
from fake_servers.trace.syntax import Trace

SCHEMA = 1


def add_json(parser: argparse.ArgumentParser) -> None:
    """The option that every command of this kind has."""
    parser.add_argument("--json", action="store_true", help="print one JSON document, for programs")


def add_list_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `list`."""
    parser.add_argument("patterns", nargs="*", metavar="WHAT", help="the same as for run")
    parser.add_argument("--needs", metavar="FEATURE", help="list only cases that need this feature")
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--requirements", action="store_true", help="list the requirements instead")
    kind.add_argument(
        "--features", action="store_true", help="list the features that a client can claim"
    )
    kind.add_argument(
        "--sources", action="store_true", help="list the known attacks with their cases instead"
    )
    kind.add_argument(
        "--index", action="store_true", help="a page of the cases by RFC and section instead"
    )
    add_json(parser)


def list_cases(args: argparse.Namespace) -> int:
    """Prints the ids with their titles, the requirements with what tests them, or the features."""
    if args.features:
        return _list_features(args)
    traces = select.select(args.patterns)
    if args.needs is not None:
        traces = _that_need(args.needs, traces)
    if args.requirements:
        _list_requirements(traces, args.json, everything=not args.patterns and not args.needs)
    elif args.sources:
        _list_sources(traces, args.json, everything=not args.patterns and not args.needs)
    elif args.index:
        print(index(traces), end="")
    elif args.json:
        print_json({"cases": [_case(trace) for trace in traces]})
    else:
        _print_rows([(trace.id, trace.title) for trace in traces])
    return exit_status.OK


def _list_features(args: argparse.Namespace) -> int:
    if args.json:
        rows = [{"name": name, "text": text} for name, text in features.describe().items()]
        print_json({"features": rows})
    else:
        _print_rows(list(features.describe().items()))
    return exit_status.OK


def _that_need(feature: str, traces: Sequence[Trace]) -> list[Trace]:
    if feature not in features.load():
        raise select.NothingSelected(features.unknown(feature))
    found = [trace for trace in traces if feature in trace.needs]
    if not found:
        raise select.NothingSelected(f"none of these cases needs the feature {feature}")
    return found


def _print_rows(rows: Sequence[tuple[str, str]]) -> None:
    width = max(len(name) for name, _ in rows)
    for name, text in rows:
        print(f"{name:<{width}}  {text}")


def _list_requirements(traces: Sequence[Trace], as_json: bool, everything: bool) -> None:
    """Prints the requirements of clients that these cases prove, or all, and what tests each."""
    register = load_register()
    wanted = {name for trace in traces for name in trace.proves}
    entries = [e for e in register.of_client() if everything or e.id in wanted]
    found = accounts([entry.id for entry in entries], traces)
    states = [account.state for account in found.values()]
    counts = {state: states.count(state) for state in dict.fromkeys(states)}
    if as_json:
        rows = [_requirement(entry, found[entry.id]) for entry in entries]
        print_json({"counts": counts, "requirements": rows})
        return
    for entry in entries:
        account = found[entry.id]
        line = account.excuse or entry.text
        print(
            f"{entry.id:<28} {account.state:<8} {len(account.cases):>3} {len(account.monitors):>2}"
            f"  {entry.breach:<10} {line}"
        )
    totals = ", ".join(f"{count} {state}" for state, count in counts.items())
    print(f"{len(states)} requirements of clients: {totals}")


def _list_sources(traces: Sequence[Trace], as_json: bool, everything: bool) -> None:
    """Prints the attacks that these cases are, or all, each with its cases."""
    wanted = {name for trace in traces for name in trace.source}
    rows = [
        _attack(each, traces) for each in attacks.load().values() if everything or each.id in wanted
    ]
    if as_json:
        print_json({"sources": rows})
        return
    for row in rows:
        print(f"{row['id']:<10} {len(row['cases']):>4}  {row['excuse'] or row['title']}")
    tested = sum(bool(row["cases"] or row["test"]) for row in rows)
    excused = sum(bool(row["excuse"]) for row in rows)
    print(f"{len(rows)} attacks: {tested} tested, {excused} excused")


def show(args: argparse.Namespace) -> int:
    """Prints a case with what it proves, or a requirement or attack with its cases."""
    register = load_register()
    if register.known(args.id):
        _show_requirement(register[args.id], catalogue.everything(), args.json)
        return exit_status.OK
    if args.id in attacks.load():
        _show_attack(attacks.load()[args.id], args.json)
        return exit_status.OK
    traces = select.select([args.id])
    if args.json:
        print_json({"cases": [_case(trace) | {"text": _text(trace)} for trace in traces]})
        return exit_status.OK
    for trace in traces:
        print(f"{paths.shown(trace.path)}\n")
        for name in trace.proves:
            if register.known(name):
                print(_wrapped(f"{name} ({register[name].source}): {register[name].text}"))
        print("\n" + _text(trace))
    return exit_status.OK


def _show_requirement(entry: Requirement, traces: Iterable[Trace], as_json: bool) -> None:
    proving = [trace for trace in traces if entry.id in trace.proves]
    account = accounts([entry.id], proving)[entry.id]
    if as_json:
        print_json({"requirements": [_requirement(entry, account)]})
        return
    print(f"{entry.id}  {entry.source}  {entry.level}, a violation is {entry.breach}")
    print(_wrapped(entry.text))
    print(_wrapped(f"Test: {entry.test}"))
    if account.excuse:
        print(_wrapped(f"Not tested: {account.excuse}"))
    if account.client_test:
        print(f"  client/test/{account.client_test}")
    for monitor in account.monitors:
        print(f"  every case, checked by the monitor {monitor}")
    for trace in proving:
        print(f"  {trace.id}  {trace.title}")


def _show_attack(attack: attacks.Attack, as_json: bool) -> None:
    row = _attack(attack, catalogue.everything())
    if as_json:
        print_json({"sources": [row]})
        return
    print(f"{attack.id}  {attack.title}")
    print(_wrapped(attack.source))
    if attack.excuse:
        print(_wrapped(f"Not tested: {attack.excuse}"))
    if attack.test:
        print(f"  {attack.test}")
    for case in row["cases"]:
        print(f"  {case}")


def _wrapped(text: str) -> str:
    return textwrap.fill(text, 100, subsequent_indent="    ")


def subjects(args: argparse.Namespace) -> int:
    """Prints each subject that comes with the suite, and whether it can run here."""
    rows = []
    for name in names():
        row = _subject(name)
        rows.append(row)
        if not args.json:
            text = (
                row["version"] or row["missing"] or "built from this repository when it is needed"
            )
            print(f"{name:<16} {row['level']:<8} {text}")
    if args.json:
        print_json({"subjects": rows})
    return exit_status.OK


def _subject(name: str) -> dict[str, Any]:
    """state: `installed`, `missing`, or `built` (from this repository, when needed)."""
    found = spec(name)
    version, missing, state = "", "", "built"
    if found.build and shutil.which(found.build[0]) is None:
        missing, state = f"there is no {found.build[0]}{found.needed}", "missing"
    elif found.cmake is not None and (lacks := build.without_sources(found.cmake, name)):
        missing, state = lacks.partition(";")[0], "missing"
    elif found.cmake is None and not found.build:
        try:
            version, state = _version(name), "installed"
        except SubjectError as error:
            missing, state = str(error).splitlines()[0].rstrip(":"), "missing"
    return {
        "name": name,
        "title": found.title,
        "level": "driver" if found.driver else "command",
        "state": state,
        "version": version,
        "missing": missing,
        "file": paths.shown(found.path),
    }


def _version(name: str) -> str:
    """The version of a subject that is not built; raises SubjectError."""
    subject = load_subject(name)
    try:
        subject.start()
        return subject.version
    finally:
        subject.stop()


def _case(trace: Trace) -> dict[str, Any]:
    kind = "goal" if trace.goal is not None else "family" if trace.family else "trace"
    if trace.member:
        kind = "member"
    return {
        "id": trace.id,
        "title": trace.title,
        "kind": kind,
        "protocol": trace.protocol,
        "proves": list(trace.proves),
        "needs": list(trace.needs),
        "source": list(trace.source),
        "file": paths.shown(trace.path),
        "line": trace.id_line,
    }


def _attack(attack: attacks.Attack, traces: Iterable[Trace]) -> dict[str, Any]:
    return {
        **asdict(attack),
        "cases": [trace.id for trace in traces if attack.id in trace.source],
    }


def _requirement(entry: Requirement, account: Account) -> dict[str, Any]:
    return {
        "id": entry.id,
        "rfc": entry.rfc,
        "section": entry.section,
        "level": entry.level,
        "breach": str(entry.breach),
        "text": entry.text,
        "test": entry.test,
        "state": account.state,
        "excuse": account.excuse,
        "cases": account.cases,
        "monitors": account.monitors,
        "client_test": account.client_test,
    }


def _text(trace: Trace) -> str:
    if trace.member:
        from conformance import families

        return families.of_case(trace)[0].write(trace.id)
    return text_of(trace)


def print_json(document: Mapping[str, Any]) -> None:
    """Prints one document on stdout, with the number of its format."""
    print(json.dumps({"schema": SCHEMA, **document}, indent=1, ensure_ascii=False))
