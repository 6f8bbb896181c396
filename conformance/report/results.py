"""results.json: the results of a run, from which every report is made.

The same run with the same seed gives the same file except for `seconds`: keys and lists are sorted,
and there are no absolute paths. conformance/results.schema.json is its schema.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from conformance.excerpt import shorten
from conformance.report import groups, headline
from conformance.report.context import RunContext
from conformance.report.text import one_line, plain_json, section_name
from conformance.subject.table import TableRow
from conformance.verdict import MEMBERS, MISSING, SEVERITY, CaseRun, Verdict, worst

SCHEMA = 1
ANY_STATE = "*"
Pair = tuple[str, str]
Move = tuple[str, str, str]
_ROOT = Path(__file__).resolve().parents[2]


def suite_version() -> str:
    """The version of the suite: of the installed package, or of the clone it runs from."""
    project = _ROOT / "pyproject.toml"
    if project.is_file():
        for line in project.read_text(encoding="utf-8").splitlines():
            if line.startswith("version"):
                return line.partition("=")[2].strip().strip('"')
    from importlib import metadata  # slow to import, and needed only where it is installed

    return metadata.version("mailspec")


def build(runs: Iterable[CaseRun], context: RunContext) -> dict[str, Any]:
    """The content of results.json, as plain JSON types.

    Needs at most one run for each id and variant. A requirement that the register
    does not know raises KeyError: the linter refuses such traces.
    """
    ordered = sorted(runs, key=lambda run: (run.id, run.variant))
    clean = _Relative(context.out_dir_name)
    counted = counts(ordered)
    return {
        "schema": SCHEMA,
        "suite": {
            "version": suite_version(),
            "seed": context.seed,
            "variants": sorted(context.variants),
            "variants_left_out": dict(context.variants_left_out),
            "strict": context.strict,
            "interrupted": context.interrupted,
        },
        "subject": {
            "name": shorten(one_line(context.subject_name)),
            "version": shorten(one_line(context.subject_version)),
            "level": context.subject_level,
            "features": sorted(context.subject_features),
            "without": sorted(context.subject_without),
        },
        "counts": counted,
        "score": headline.score(counted, context.strict),
        "groups": [
            {**group, "cause": clean(group["cause"])}
            for group in groups.build(ordered, context.unexpected)
        ],
        "cases": [_case(run, context, context.proves.get(run.id, ()), clean) for run in ordered],
        "requirements": _requirements(ordered, context),
        "transitions": _transitions(ordered, context.tables),
        "table_error": clean(context.table_error),
    }


def counts(runs: Iterable[CaseRun]) -> dict[str, int]:
    """How many cases got each verdict; a case counts once, by the worst of its variants."""
    by_case: dict[str, list[Verdict]] = defaultdict(list)
    for run in runs:
        by_case[run.id].append(run.verdict)
    found = [worst(verdicts) for verdicts in by_case.values()]
    return {verdict.value: found.count(verdict) for verdict in SEVERITY}


class _Relative:
    """Removes the paths of this machine from a text that a subject or the suite wrote."""

    def __init__(self, out_dir: Path | None) -> None:
        folders = {str(_ROOT), str(Path.cwd())}
        if out_dir is not None:
            folders.add(str(out_dir.resolve()))
        self._folders = sorted((f for f in folders if f != "/"), key=len, reverse=True)

    def __call__(self, text: str) -> str:
        for folder in self._folders:
            text = text.replace(folder + "/", "").replace(folder, ".")
        return text


def _case(
    run: CaseRun, context: RunContext, proves: Sequence[str], clean: _Relative
) -> dict[str, Any]:
    """One element of `cases`: one id in one variant."""
    expected = context.expected.get(run.id)
    difference = None
    if run.difference is not None:
        difference = {
            "file": clean(run.difference.file),
            "line": run.difference.line,
            "octet": run.difference.octet,
            "expected": run.difference.expected,
            "actual": run.difference.actual,
        }
        if run.difference.mark is not None:
            difference["mark"] = run.difference.mark
        if run.difference.row:
            difference["row"] = run.difference.row
    first = (*proves, *run.requirements)[:1]
    missing = {MISSING: sorted(run.details[MISSING])} if MISSING in run.details else {}
    row = {
        "id": run.id,
        "variant": run.variant,
        "title": run.title,
        "file": clean(run.file),
        "section": _section(context, first[0]) if first else "",
        "verdict": run.verdict.value,
        "expected": None if expected is None else expected.value,
        "unexpected": (run.id, run.variant) in context.unexpected,
        "wire": _axis(run.wire),
        "api": _axis(run.api),
        "moves": _axis(run.moves),
        "reason": shorten(clean(run.reason)),
        "difference": difference,
        "requirements": sorted(set(run.requirements)),
        "monitors": sorted(set(run.monitors)),
        "seconds": round(run.seconds, 4),
        "log": run.log,
        "rerun": clean(run.rerun),
        "stderr": clean(run.stderr),
        **missing,
    }
    if MEMBERS in run.details:
        row["members"] = run.details[MEMBERS]
    return row


def _axis(verdict: Verdict | None) -> str | None:
    return None if verdict is None else verdict.value


def _section(context: RunContext, requirement: str) -> str:
    """`RFC 1939 section 7`: where the first requirement that a case proves stands."""
    row = context.register[requirement]
    return section_name(row.rfc, row.section)


def _requirements(runs: Sequence[CaseRun], context: RunContext) -> list[dict[str, Any]]:
    """Each requirement that a case of this run is about, with the worst verdict of its cases."""
    verdicts: dict[str, list[Verdict]] = defaultdict(list)
    cases: dict[str, set[str]] = defaultdict(set)
    for run in runs:
        for requirement in run.requirements:
            verdicts[requirement].append(run.verdict)
            cases[requirement].add(run.id)
    rows = []
    for requirement in sorted(verdicts):
        entry = context.register[requirement]
        rows.append(
            {
                "id": entry.id,
                "rfc": entry.rfc,
                "section": entry.section,
                "level": str(entry.level),
                "breach": str(entry.breach),
                "text": entry.text,
                "verdict": worst(verdicts[requirement]).value,
                "cases": sorted(cases[requirement]),
            }
        )
    return rows


def _transitions(
    runs: Sequence[CaseRun], tables: Mapping[str, Sequence[TableRow]] | None
) -> dict[str, Any]:
    """The subject's compiled tables and which rows its moves took; {} without a table.

    A case's protocol is the first part of its id. A move that no row allows is left
    out here: the moves axis of its case has failed already.
    """
    found = {}
    for protocol, rows in sorted((tables or {}).items()):
        index = {(row.state, row.event): number for number, row in enumerate(rows)}
        takers: list[set[str]] = [set() for _ in rows]
        pairs: set[Pair] = set()
        successive: set[tuple[Pair, Pair]] = set()
        refused: set[Pair] = set()
        for run in runs:
            if run.id.partition(".")[0] != protocol:
                continue
            refused.update((state, event) for state, event in run.details.get("refused", ()))
            successive.update(_successive(run.moves_taken))
            for state, event, _ in run.moves_taken:
                number = index.get((state, event), index.get((ANY_STATE, event)))
                if number is not None:
                    takers[number].add(run.id)
                    pairs.add((state, event))
        found[protocol] = {
            "rows": [_row(row, cases) for row, cases in zip(rows, takers, strict=True)],
            "hit": [number for number, cases in enumerate(takers) if cases],
            "pairs": {
                "taken": [list(pair) for pair in sorted(pairs)],
                "refused": [list(pair) for pair in sorted(refused - pairs)],
                "successive": len(successive),
            },
        }
    return found


def _successive(moves: Sequence[Move]) -> Iterator[tuple[Pair, Pair]]:
    """Each pair of consecutive moves of a session."""
    for before, after in zip(moves, moves[1:]):
        if before[2] == after[0]:
            yield before[:2], after[:2]


def _row(row: TableRow, cases: set[str]) -> dict[str, Any]:
    return {
        "state": row.state,
        "event": row.event,
        "action": row.action,
        "next": row.next,
        "rfc": row.rfc,
        "internal": row.internal,
        "cases": sorted(cases),
    }


def dumps(results: Mapping[str, Any]) -> str:
    """results.json as text: sorted keys, and one line for each case, requirement and row."""
    return plain_json(_text(results, "")) + "\n"


def _text(value: Any, indent: str) -> str:
    deeper = indent + " "
    if isinstance(value, Mapping) and any(_is_deep(item) for item in value.values()):
        rows = (
            f"{deeper}{json.dumps(key)}: {_text(item, deeper)}"
            for key, item in sorted(value.items())
        )
        return "{\n" + ",\n".join(rows) + f"\n{indent}}}"
    if isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
        return "[\n" + ",\n".join(deeper + _flat(item) for item in value) + f"\n{indent}]"
    return _flat(value)


def _is_deep(value: Any) -> bool:
    return isinstance(value, Mapping | list)


def _flat(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
