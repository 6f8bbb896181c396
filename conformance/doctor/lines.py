"""Checks every line of a driver against driver.schema.json."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from typing import Any

from conformance import paths
from conformance.doctor.finding import DoctorFinding, of_op


@functools.cache
def schema() -> dict[str, Any]:
    """driver.schema.json."""
    text = (paths.PACKAGE / "driver.schema.json").read_text("utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


@functools.cache
def _validator(*place: str) -> Any:
    """A validator of the definition at this place below `$defs`."""
    import jsonschema

    reference = "#/$defs/" + "/".join(place)
    return jsonschema.Draft202012Validator({"$ref": reference, "$defs": schema()["$defs"]})


def fault(row: Any, *place: str) -> str:
    """What is wrong with an object, or an empty string; `place` names its definition."""
    for error in errors(row, *place):
        where = ".".join(str(part) for part in error.absolute_path)
        return f"{where}: {error.message}" if where else str(error.message)
    return ""


def errors(row: Any, *place: str) -> Iterator[Any]:
    """Each jsonschema.ValidationError of an object."""
    yield from _validator(*place).iter_errors(row)


class LineCheck:
    """Checks each exchange with a driver; `found` has a finding for each bad line."""

    def __init__(self) -> None:
        self.found: list[DoctorFinding] = []
        self.count = 0  # of answers of ok
        self.has_moves = False

    def hello(self, row: dict[str, Any]) -> list[DoctorFinding]:
        """What is wrong with the answer to hello."""
        wrong = fault(row, "welcome")
        sentence = f"its answer to hello is not valid: {wrong}"
        return [DoctorFinding(sentence, "driver.schema.json, welcome")] if wrong else []

    def exchange(self, request: dict[str, Any], answer: dict[str, Any]) -> None:
        """Checks one answer, and its value if the op succeeded."""
        self.count += answer.get("outcome") == "ok"
        self.has_moves = self.has_moves or bool(answer.get("moves"))
        name, kind = (request["goal"], "goal_") if "goal" in request else (request["op"], "")
        wrong = fault(answer, "answer")
        values = schema()["$defs"][f"{kind}values"]
        if not wrong and answer["outcome"] == "ok" and answer.get("value") and name in values:
            wrong = fault(answer["value"], f"{kind}values", name)
        if wrong:
            sentence = f"its answer to {name} is not valid by driver.schema.json: {wrong[:200]}"
            self.found.append(of_op(sentence, name))
