"""What a sanitizer or valgrind writes to stderr about a fault of the program."""

from __future__ import annotations

import re

_SANITIZER = re.compile(
    r"==\d+==\s*ERROR: (?:Address|HWAddress|Leak|Memory|Thread)Sanitizer(?!.*fatal error)"
    r"|WARNING: (?:Memory|Thread)Sanitizer: (?!.*(?:unknown option|memory layout))"
    r"|:\d+: runtime error: "
    r"|ERROR: UndefinedBehaviorSanitizer"
)
_VALGRIND = re.compile(
    r"==\d+== (?:\S.* |)"
    r"(?:Invalid (?:read|write) of size|Invalid free\(\)|Mismatched free\(\)"
    r"|Conditional jump or move depends on uninit|Use of uninit"
    r"|Syscall param .* (?:uninit|unaddressable)|Source and destination overlap"
    r"|definitely lost in loss record"
    r"|Process terminating with default action of signal)"
    r"|==\d+==\s+definitely lost: [1-9]"
    r"|==\d+== ERROR SUMMARY: [1-9]"
)
_SUMMARY = re.compile(r"==\d+== ERROR SUMMARY: ")
_FRAME = re.compile(r"^\s*#\d+ |^==\d+==\s+(?:at|by) 0x")
_WHERE = re.compile(r"#\d+ 0x[0-9a-f]+ in (.*)|==\d+==\s+(?:at|by) 0x[0-9A-F]+: (.*)")
_STAMP = re.compile(r"^==\d+==\s*")
_TOOL = re.compile(r"libsanitizer|compiler-rt|libasan|liblsan|vg_replace|vgpreload")
_LEGEND = re.compile(r"^Shadow bytes around|^Shadow byte legend")
_FRAMES_NAMED = 3
_FRAMES_SHOWN = 12
_LINES_SHOWN = 40


def complaint_in(text: str) -> str:
    """The first line of a report of a fault in `text`, or the empty string."""
    for line in text.splitlines():
        if is_complaint(line):
            return line.strip()
    return ""


def is_complaint(line: str) -> bool:
    """Whether this line begins or sums up a report of a fault."""
    return bool(_SANITIZER.search(line) or _VALGRIND.search(line))


def is_new(text: str) -> bool:
    """Whether there is a report of a new fault, and not only the summary of earlier ones."""
    return any(is_complaint(line) and not _SUMMARY.search(line) for line in text.splitlines())


def summary(text: str) -> str:
    """The first report in one line, with the innermost frames of its stack; empty without one."""
    lines = text.splitlines()
    first = next((n for n, line in enumerate(lines) if is_complaint(line)), None)
    if first is None:
        return ""
    what = _STAMP.sub("", lines[first].strip()).removeprefix("ERROR: ")
    frames: list[str] = []
    for line in lines[first + 1 :]:
        found = _WHERE.search(line)
        if found and not _TOOL.search(line):
            frames.append((found.group(1) or found.group(2)).strip())
        if len(frames) == _FRAMES_NAMED or (frames and not _FRAME.search(line)):
            break
    return what + (f", in {' < '.join(frames)}" if frames else "")


def excerpt(text: str) -> str:
    """The report with its frames, without the map of the memory; `text` if there is no report."""
    lines = text.splitlines()
    first = next((n for n, line in enumerate(lines) if is_complaint(line)), None)
    if first is None:
        return text
    kept: list[str] = []
    frames = 0
    in_legend = False
    for line in lines[first:]:
        in_legend = not line.startswith("SUMMARY") and (in_legend or bool(_LEGEND.search(line)))
        frames = frames + 1 if _FRAME.search(line) else 0
        if not in_legend and frames <= _FRAMES_SHOWN:
            kept.append(line)
    if len(kept) > _LINES_SHOWN:
        left_out = len(kept) - _LINES_SHOWN
        kept[_LINES_SHOWN:] = [f"[{left_out} lines left out]"]
    return "\n".join(kept) + "\n"
