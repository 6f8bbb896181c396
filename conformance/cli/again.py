"""`mailspec report`: the reports of earlier runs, from their results.json."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from conformance import paths
from conformance.cli import diff
from conformance.cli.run_options import add_single_file
from conformance.out_folder import cannot_write, claimed
from conformance.run import exit_status

UNDECIDED_OF_A_CASE = {
    "title": "",
    "file": "",
    "section": "",
    "unexpected": False,
    "rerun": "",
    "stderr": "",
}
"""Optional keys of a case that the reports use, with their defaults."""
USUAL_SUITE = {"variants_left_out": {}, "strict": False, "interrupted": False}
"""The same of the suite."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `report`."""
    parser.add_argument(
        "files", nargs="+", type=Path, metavar="RESULTS.json", help="results.json of a run"
    )
    parser.add_argument(
        "--out",
        metavar="DIR",
        type=Path,
        default=Path("matrix"),
        help="folder for the pages (default: matrix)",
    )
    add_single_file(parser)


def report(args: argparse.Namespace) -> int:
    """Writes one site for all of these runs, with the matrix of requirements by subjects."""
    from conformance.report import matrix

    runs = [(path.parent, read_results(path)) for path in args.files]
    with claimed(args.out, "mailspec report"):
        try:
            lines = matrix.write(args.out, runs, args.single_file)
        except OSError as error:
            raise cannot_write(args.out, error) from None
    *subjects, comparison = lines
    print("\n".join([*subjects, f"report: {paths.shown(args.out)}/index.html", "", comparison]))
    return exit_status.OK


def read_results(path: Path) -> dict[str, Any]:
    """Reads a results.json that is valid by its schema; raises BaselineError."""
    import jsonschema

    from conformance.report import headline

    found = diff.read(path)
    schema = json.loads((paths.PACKAGE / "results.schema.json").read_text("utf-8"))
    error = jsonschema.exceptions.best_match(
        jsonschema.Draft202012Validator(schema).iter_errors(found)
    )
    if error is not None:
        where = "/".join(map(str, error.absolute_path)) or "its top"
        raise diff.BaselineError(f"{path} is not a results.json of this version: {where} is wrong")
    known = {row["id"] for row in found["requirements"]}
    for row in found["cases"]:
        for name in row["requirements"]:
            if name not in known:
                raise diff.BaselineError(f"{path} has a case of {name}, but not that requirement")
    return {
        "table_error": "",
        "groups": [],
        "score": headline.score(found["counts"], found["suite"].get("strict", False)),
        **found,
        "suite": {**USUAL_SUITE, **found["suite"]},
        "cases": [{**UNDECIDED_OF_A_CASE, **row} for row in found["cases"]],
    }
