"""Puts the arguments of a goal into the placeholders of a TOML file, or says why that cannot be."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote as url_quote

from conformance.message_body import has_header, is_text_of_lines
from conformance.subject.spec import QUOTABLE, GoalSpec, placeholders

_PLACED_ELSEWHERE = frozenset({"host", "port", "timeout_ms", "login", "mech", "tls"})
_LINE_ENDS = "\r\n"
_NAMES = {"\0": "NUL", "\r": "CR", "\n": "LF"}
_IN_C = str.maketrans({'"': '\\"', "\\": "\\\\", "\r": "\\r", "\n": "\\n"})


def hindrance(spec: GoalSpec, args: Mapping[str, Any]) -> str:
    """Why the command cannot be asked for this goal with these arguments, or the empty string."""
    for name, text in _choices(spec, args).items():
        if text is None:
            return f"its TOML file has no text of {{{name}}} for this"
    for key, value in args.items():
        if not _has_place(spec, key, value):
            return f"its TOML file has no place for {key}"
    if "message" in args and (reason := _message_hindrance(spec, args["message"])):
        return reason
    in_files = _in_files(spec, args)
    for key, text in _odd_texts(args):
        barred = "\0" + spec.cannot.get(key, "")
        if key in in_files and spec.quote.get(key) != "c":
            barred += _LINE_ENDS
        if found := [each for each in barred if each in text]:
            shown = _NAMES.get(found[0], repr(found[0]))
            return f"its TOML file cannot hand over {shown} in {key}"
    return ""


def _message_hindrance(spec: GoalSpec, message: Any) -> str:
    octets = message if isinstance(message, bytes) else str(message).encode()
    if spec.stores_lf and not is_text_of_lines(octets):
        return "the client takes lines that end in LF, and the message has a bare CR or LF"
    if spec.own_header and not spec.takes_body() and not has_header(octets):
        return "the client writes header fields of its own, and the message has no header"
    return ""


def _odd_texts(args: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The arguments that are free text, each with its name; of a list every item."""
    for key in QUOTABLE & args.keys():
        value = args[key]
        for item in value if isinstance(value, (list, tuple)) else (value,):
            yield key, _text(item)


def _in_files(spec: GoalSpec, args: Mapping[str, Any]) -> set[str]:
    """The arguments that stand in a file of configuration, where a line end would end their line."""
    names = {name for text in spec.files.values() for name in placeholders(text)}
    for name, text in _choices(spec, args).items():
        if name in names and text is not None:
            names.update(placeholders(text))
    return names


def texts(spec: GoalSpec, args: Mapping[str, Any], folder: Path) -> dict[str, str]:
    """The texts of the placeholders that these arguments fill."""
    found = {key: quoted(spec, key, value) for key, value in args.items() if key != "message"}
    found.update(dir=str(folder), message=str(folder / "message"), body=str(folder / "body"))
    timeout_ms = int(args["timeout_ms"])
    found["timeout_s"] = f"{timeout_ms / 1000:g}"
    found["timeout_whole_s"] = str(-(-timeout_ms // 1000))
    for key in ("user", "secret", "name", "params", "from", "to", "n", "ca"):
        found.setdefault(key, "")
    chosen = {name: text or "" for name, text in _choices(spec, args).items()}
    return found | {name: text.format_map(found) for name, text in chosen.items()}


def quoted(spec: GoalSpec, key: str, value: Any) -> str:
    """The text of an argument, in the form that the place of it needs."""
    text = _text(value)
    if spec.quote.get(key) == "url":
        return url_quote(os.fsencode(text), safe="")
    return text.translate(_IN_C) if spec.quote.get(key) == "c" else text


def _text(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return " ".join(_text(item) for item in value)
    return os.fsdecode(value) if isinstance(value, bytes) else str(value)


def tls_kind(args: Mapping[str, Any]) -> str:
    """`none`, `implicit`, or `starttls` if TLS is required but the connection starts without it."""
    if args.get("tls", "none") != "none":
        return "implicit"
    return "starttls" if args.get("policy") == "tls" else "none"


def _choices(spec: GoalSpec, args: Mapping[str, Any]) -> dict[str, str | None]:
    """The texts of the placeholders with a choice; None for one that the file has no text of."""
    login = str(args.get("login", "none"))
    if login == "auth":
        login = str(args.get("mech", "")).lower()
    delete = "yes" if args.get("delete") else "no"
    return {
        "login": spec.login.get(login, "" if login == "none" else None),
        "tls": _tls_text(spec, tls_kind(args)),
        "delete": spec.delete.get(delete, "" if delete == "no" else None),
        "fail": _fail_text(spec, fails="fail_after" in args),
        "hello": _hello_text(spec, has_name="name" in args),
    }


def _tls_text(spec: GoalSpec, kind: str) -> str | None:
    """The text of `{tls}`; empty for a kind that only has arguments of its own."""
    return spec.tls.get(kind, "" if kind == "none" or kind in spec.tls_args else None)


def _fail_text(spec: GoalSpec, *, fails: bool) -> str | None:
    """The text of `{fail}`: whether the client's source or sink of the message fails."""
    return spec.fail.get("yes") if fails else spec.fail.get("no", "")


def _hello_text(spec: GoalSpec, *, has_name: bool) -> str | None:
    """The text of `{hello}`; without a name, None if the file only has a place for a name."""
    if spec.hello:
        return spec.hello.get("name" if has_name else "own")
    return "" if has_name or "name" not in spec.places() else None


def _has_place(spec: GoalSpec, key: str, value: Any) -> bool:
    """Whether the file has a place for this argument, or the argument asks for nothing special."""
    if key == "n":
        if spec.fetches_all or value == "all":
            return spec.fetches_all and value == "all"
        return isinstance(value, list) and value != [] and "n" in spec.places()
    if key == "policy":
        return value in ("clear", "tls")
    return key in _PLACED_ELSEWHERE or key in spec.places() or value in ([], False)
