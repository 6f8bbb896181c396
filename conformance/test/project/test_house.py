"""The house itself: data goes one way, and no room is larger than a reader can take in."""

from __future__ import annotations

import ast
import re
import subprocess
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PACKAGES = ("conformance", "fake_servers", "coverage", "real_servers")
LONGEST_FUNCTION = 60
LONGEST_FILE = 400
LONGEST_TEST_FILE = 500
MOST_FILES = 40
"""More files than this in one folder need sub-folders."""
DATA = (".jsonl", ".toml", ".tsv", ".json")
"""Files of a kind that nobody reads from the first to the last."""


def _files(*suffixes: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    return [Path(name) for name in listed if name.endswith(suffixes) and (ROOT / name).is_file()]


def _modules() -> dict[str, Path]:
    """Every module of the product, by its dotted name."""
    found = {}
    for path in _files(".py"):
        if path.parts[0] in PACKAGES and "test" not in path.parts:
            found[".".join(path.with_suffix("").parts).removesuffix(".__init__")] = path
    return found


def _imports(path: Path) -> Iterator[str]:
    """Dotted names that a module imports, also within a function."""
    for node in ast.walk(ast.parse((ROOT / path).read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{each.name}" for each in node.names)
        elif isinstance(node, ast.Import):
            yield from (each.name for each in node.names)


def _module_of(name: str, modules: Collection[str]) -> str:
    """The module that a dotted name stands for; "" for one of another project."""
    while name and name not in modules:
        name = name.rpartition(".")[0]
    return name


def _graph() -> dict[str, set[str]]:
    modules = _modules()
    return {
        name: {_module_of(each, modules) for each in _imports(path)} - {"", name}
        for name, path in modules.items()
    }


def _folders(graph: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """The same for the folders directly below the packages; a file there is a room of its own."""
    modules = _modules()

    def room(name: str) -> str:
        first = ".".join(name.split(".")[:2])
        return first if first in modules else name

    found: dict[str, set[str]] = defaultdict(set)
    for name, imported in graph.items():
        found[room(name)] |= {room(each) for each in imported} - {room(name)}
    return found


def _circle(graph: Mapping[str, set[str]]) -> list[str]:
    """The names of one circle, none where everything goes one way."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        circle: list[str] = error.args[1]
        return circle
    return []


def test_a_circle_is_found() -> None:
    assert _circle({"a": {"b"}, "b": {"c"}, "c": {"a"}}) and not _circle({"a": {"b"}, "b": set()})


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert _circle(_graph()) == []


def test_no_folders_import_each_other_in_a_circle() -> None:
    assert _circle(_folders(_graph())) == []


@pytest.mark.parametrize(
    "lower, higher",
    [
        ("fake_servers", "conformance"),
        ("conformance", "coverage"),
        ("conformance", "real_servers"),
        ("fake_servers", "real_servers"),
        ("conformance.run", "conformance.report"),
        ("conformance.run", "conformance.cli"),
        ("conformance.run", "pytest"),
        ("conformance.model", "conformance.run"),
        ("conformance.monitors", "conformance.run"),
        ("fake_servers.trace", "fake_servers.scripted"),
        ("fake_servers.wire", "fake_servers.scripted"),
    ],
)
def test_a_lower_floor_knows_no_higher_one(lower: str, higher: str) -> None:
    """Data goes one way: up from the wire to the verdict, and from there to the reports."""
    rooms = {name: path for name, path in _modules().items() if f"{name}.".startswith(f"{lower}.")}
    assert rooms
    wrong = [
        f"{name} imports {each}"
        for name, path in rooms.items()
        for each in _imports(path)
        if f"{each}.".startswith(f"{higher}.") and (name, each.split(".")[0]) not in ALLOWED
    ]
    assert wrong == []


ALLOWED = {("conformance.cli.own", "coverage")}
"""The one hook by which the launcher of a clone finds the commands that only a clone has."""


def _python_functions(path: Path) -> Iterator[tuple[str, int, int]]:
    """Name, first line and number of lines of each function, from its `def` to its end."""
    for node in ast.walk(ast.parse((ROOT / path).read_text("utf-8"))):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, node.lineno, (node.end_lineno or node.lineno) - node.lineno + 1


_C_NAME = re.compile(r"(\w+)\(")


def _c_functions(text: str) -> Iterator[tuple[str, int, int]]:
    """The same of C, as clang-format lays it out: both ends of a function begin their line."""
    first, name = 0, ""
    for number, line in enumerate(text.splitlines(), 1):
        if line == "}" and name:
            yield name, first, number - first + 1
        if line[:1] in ("", "}", "#", "/", " ") and not name:
            first = 0
        elif line[:1].isalpha() and not first:
            first = number
        if line.startswith("}") or line.endswith(";") and not line.startswith(" "):
            first, name = 0, ""
        elif first and not name and (found := _C_NAME.search(line)):
            name = found.group(1)


def test_functions_of_c_are_counted_from_their_first_line_to_their_last() -> None:
    text = "int x;\n\nstatic int\nf(int a,\n  int b) {\n  return a;\n}\n\nvoid g(void) {\n}\n"
    assert list(_c_functions(text)) == [("f", 3, 5), ("g", 9, 2)]


def test_no_function_is_longer_than_a_screen() -> None:
    found = {path: list(_python_functions(path)) for path in _files(".py")}
    found |= {path: list(_c_functions((ROOT / path).read_text("utf-8"))) for path in _files(".c")}
    assert sum(map(len, found.values())) > 4000
    long = [
        f"{path}:{first}: {name} has {lines} lines"
        for path, functions in found.items()
        for name, first, lines in functions
        if lines > LONGEST_FUNCTION
    ]
    assert long == []


def test_no_file_is_longer_than_a_sitting() -> None:
    lines = {
        path: len((ROOT / path).read_bytes().splitlines()) for path in _files(".py", ".c", ".h")
    }
    limit = {path: LONGEST_TEST_FILE if "test" in path.parts else LONGEST_FILE for path in lines}
    assert {str(path): n for path, n in lines.items() if n > limit[path]} == {}


def test_no_folder_has_more_files_than_a_reader_looks_through() -> None:
    counts = Counter(str(path.parent) for path in _files("") if path.suffix not in DATA)
    assert {folder: n for folder, n in counts.items() if n > MOST_FILES} == {}
