#!/usr/bin/env python3
"""How much of a microcontroller mailc takes: code, constants, structures, stack.

    client/tools/size.py            the table; exit 1 where a limit of size.toml does not hold
    client/tools/size.py --large    also the largest functions of each part

Compiles the core by arm-none-eabi-gcc as the preset arm-size does, links with
--gc-sections what a part names, and reads the compiler's own call graph.
"""

from __future__ import annotations

import argparse
import fnmatch
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CLIENT = Path(__file__).resolve().parents[1]
PREFIX = "arm-none-eabi-"
FLAGS = (
    "-std=c11 -Os -DNDEBUG -ffunction-sections -fdata-sections"
    " -fno-asynchronous-unwind-tables -fcallgraph-info=su -fstack-usage"
).split()
LARGE_SHOWN = 30

_NODE = re.compile(r'node: \{ title: "([^"]+)" label: "([^"]*)"')
_EDGE = re.compile(r'edge: \{ sourcename: "([^"]+)" targetname: "([^"]+)"')
_STACK = re.compile(r"(\d+) bytes \((\w+)")


class SizeError(Exception):
    """The measurement could not be made; the text is for the user."""


@dataclass(slots=True)
class Table:
    """The rows to be printed, and which limits do not hold."""

    rows: list[tuple[str, ...]] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def add(self, title: str, sizes: dict[str, tuple[int, str]], limits: dict[str, Any]) -> None:
        """A measured thing on each processor, each size with a note, and its limits."""
        row = [title]
        for cpu, (size, note) in sizes.items():
            row.append(f"{size}{note}")
            at_most = limits["at_most"][cpu]
            if size > at_most:
                self.broken.append(f"{title}: {size} on {cpu}, above {at_most}")
            elif size < at_most:
                row[-1] += f" (limit {at_most})"
        self.rows.append((*row, str(limits.get("goal", ""))))

    def print(self, heads: Sequence[str]) -> None:
        """As a table of Markdown."""
        widths = [max(map(len, column)) for column in zip(heads, *self.rows)]
        for row in (heads, ["-" * width for width in widths], *self.rows):
            print("| " + " | ".join(cell.ljust(w) for cell, w in zip(row, widths)) + " |")


def _run(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise SizeError(f"{command[0]} is not installed") from None
    if done.returncode != 0:
        raise SizeError(f"{' '.join(command[:1])}: {done.stderr.strip()}")
    return done.stdout


def core_files() -> list[Path]:
    """The sources of mailc::core, as files.cmake lists them."""
    text = (CLIENT / "files.cmake").read_text("utf-8")
    found = re.search(r"set\(MAILC_CORE_FILES([^)]*)\)", text)
    if found is None:
        raise SizeError("files.cmake has no MAILC_CORE_FILES")
    return [CLIENT / name for name in found[1].split()]


def _compile(folder: Path, flags: Sequence[str]) -> list[Path]:
    """The object files of the core, with .ci files beside them."""
    folder.mkdir(parents=True)
    include = [f"-I{CLIENT / 'include'}", f"-I{CLIENT / 'src'}"]

    def one(source: Path) -> Path:
        target = folder / f"{source.stem}.o"
        command = [f"{PREFIX}gcc", *FLAGS, *flags, *include, "-c", str(source), "-o", str(target)]
        _run(*command)
        return target

    with ThreadPoolExecutor() as pool:
        return list(pool.map(one, core_files()))


def public_functions() -> list[str]:
    """The names that the public headers of the core declare as functions."""
    names: set[str] = set()
    for header in sorted((CLIENT / "include" / "mailc").glob("*.h")):
        text = re.sub(r"/\*.*?\*/", "", header.read_text("utf-8"), flags=re.S)
        names |= set(re.findall(r"\b(mailc_\w+)\(", text))
    return sorted(names)


def _chosen(part: dict[str, Any], defined: Iterable[str]) -> list[str]:
    wanted = [name for name in defined if _fits(name, part["call"])]
    return [name for name in wanted if not _fits(name, part["without"])]


def _fits(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def _defined(objects: Iterable[Path]) -> set[str]:
    lines = _run(f"{PREFIX}nm", "--defined-only", "-P", *map(str, objects)).splitlines()
    rows = [line.split() for line in lines if not line.endswith(":")]
    return {row[0] for row in rows if len(row) > 1 and row[1] == "T"}


def _link(objects: Sequence[Path], roots: Sequence[str], flags: Sequence[str]) -> Path:
    """Links what the roots need and nothing else."""
    target = objects[0].parent / "linked.elf"
    keep = [f"-Wl,-u,{root}" for root in roots]
    _run(
        f"{PREFIX}gcc", *flags, "-nostdlib", "-Wl,--gc-sections", "-Wl,-e,0", "-Wl,--no-warnings",
        "-Wl,--unresolved-symbols=ignore-all", *keep, *map(str, objects), "-o", str(target),
    )  # fmt: skip
    return target


def _sections(elf: Path) -> dict[str, int]:
    rows = [line.split() for line in _run(f"{PREFIX}size", "-A", str(elf)).splitlines()]
    return {row[0]: int(row[1]) for row in rows if len(row) == 3 and row[0].startswith(".")}


def part_size(objects: Sequence[Path], part: dict[str, Any], flags: Sequence[str]) -> Path:
    """The linked part."""
    public = set(public_functions()) & _defined(objects)
    return _link(objects, _chosen(part, sorted(public)), flags)


def _code_and_constants(elf: Path) -> tuple[int, int]:
    sections = _sections(elf)
    code = sum(size for name, size in sections.items() if name.startswith(".text"))
    constants = sum(size for name, size in sections.items() if name.startswith(".rodata"))
    return code, constants


def _largest(elf: Path) -> list[str]:
    lines = _run(f"{PREFIX}nm", "-S", "--size-sort", "-r", str(elf)).splitlines()
    return [f"{int(row[1], 16):6} {row[3]}" for row in map(str.split, lines[:LARGE_SHOWN])]


def stack(objects: Iterable[Path], roots: Iterable[str]) -> tuple[int, list[str]]:
    """The deepest chain of frames from a root, and its functions. Recursion is an error."""
    frames: dict[str, int] = {}
    calls: dict[str, set[str]] = {}
    for path in objects:
        text = path.with_suffix(".ci").read_text("utf-8")
        for name, label in _NODE.findall(text):
            size = _STACK.search(label)
            if size is not None:
                if size[2] != "static":
                    raise SizeError(f"the frame of {name} has no fixed size")
                frames[name] = int(size[1])
        for caller, callee in _EDGE.findall(text):
            calls.setdefault(caller, set()).add(callee)
    deepest: dict[str, tuple[int, list[str]]] = {}

    def depth(name: str, above: tuple[str, ...]) -> tuple[int, list[str]]:
        if name in above:
            raise SizeError(f"{name} calls itself")
        if name not in deepest:
            below = [depth(each, (*above, name)) for each in sorted(calls.get(name, ()))]
            size, chain = max(below, default=(0, []))
            deepest[name] = (size + frames.get(name, 0), [name, *chain])
        return deepest[name]

    return max((depth(root, ()) for root in roots), key=lambda found: found[0])


def _structs(folder: Path, names: Iterable[str], flags: Sequence[str]) -> dict[str, int]:
    source = folder / "structs.c"
    lines = ["#include <mailc/mailc.h>"]
    lines += [f"char size_of_{name}[sizeof(struct {name})];" for name in names]
    source.write_text("\n".join(lines) + "\n", "ascii")
    target = source.with_suffix(".o")
    _run(
        f"{PREFIX}gcc",
        *FLAGS,
        *flags,
        f"-I{CLIENT / 'include'}",
        "-c",
        str(source),
        "-o",
        str(target),
    )
    rows = map(str.split, _run(f"{PREFIX}nm", "-S", str(target)).splitlines())
    return {row[3].removeprefix("size_of_"): int(row[1], 16) for row in rows}


def surroundings(objects: Sequence[Path], allowed: Sequence[str]) -> list[str]:
    """What the core must not have: variables, a heap, functions that are not allowed."""
    faults: list[str] = []
    for path in objects:
        for name, size in _sections(path).items():
            is_constant = name.startswith(".data.rel.ro")
            if name.startswith((".data", ".bss")) and size and not is_constant:
                faults.append(f"{path.stem}.c has {size} octets in {name}")
    own = {
        line.split()[0]
        for line in _run(f"{PREFIX}nm", "-P", "--defined-only", *map(str, objects)).splitlines()
    }
    for line in _run(f"{PREFIX}nm", "-P", "-u", *map(str, objects)).splitlines():
        name = line.split()[0]
        if not name.endswith(":") and name not in own and not _fits(name, allowed):
            faults.append(f"the core calls {name}()")
    return sorted(set(faults))


def measure(settings: dict[str, Any], folder: Path, large: bool) -> Table:
    """Everything, on each processor."""
    table = Table()
    cpus: dict[str, list[str]] = settings["cpu"]
    whole: dict[str, list[Path]] = {}
    for cpu, flags in cpus.items():
        whole[cpu] = _compile(folder / cpu / "all", flags)
        table.broken += [
            f"{f} ({cpu})" for f in surroundings(whole[cpu], settings["needs"]["functions"])
        ]
    for name, part in settings["part"].items():
        sizes: dict[str, tuple[int, str]] = {}
        for cpu, flags in cpus.items():
            more = [f"-D{define}" for define in part["define"]]
            objects = _compile(folder / cpu / name, [*flags, *more]) if more else whole[cpu]
            elf = part_size(objects, part, flags)
            code, constants = _code_and_constants(elf)
            sizes[cpu] = (code + constants, f" = {code} + {constants}")
            if large and cpu == "m4":
                print(f"{part['title']}:", *_largest(elf), sep="\n")
        table.add(part["title"], sizes, part)
    structs = {cpu: _structs(folder, settings["struct"], flags) for cpu, flags in cpus.items()}
    for name, limits in settings["struct"].items():
        table.add(f"struct {name}", {cpu: (structs[cpu][name], "") for cpu in cpus}, limits)
    depths: dict[str, tuple[int, str]] = {}
    for cpu in cpus:
        size, chain = stack(whole[cpu], sorted(set(public_functions()) & _defined(whole[cpu])))
        depths[cpu] = (size, "")
        if large:
            print(f"stack on {cpu}: " + " > ".join(chain))
    table.add("stack, worst case", depths, settings["stack"])
    return table


def main() -> int:
    """Print the table; 1 if a limit does not hold, 3 if it could not be measured."""
    parser = argparse.ArgumentParser(description="the size of mailc on a microcontroller")
    parser.add_argument("--large", action="store_true", help="also the largest functions")
    args = parser.parse_args()
    settings = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
    try:
        with tempfile.TemporaryDirectory(prefix="mailc-size-") as folder:
            table = measure(settings, Path(folder), args.large)
    except SizeError as error:
        print(f"size.py: {error}", file=sys.stderr)
        return 3
    table.print(["octets, code + constants", *settings["cpu"], "goal on m4"])
    for sentence in table.broken:
        print(f"size.py: {sentence}", file=sys.stderr)
    return 1 if table.broken else 0


if __name__ == "__main__":
    sys.exit(main())
