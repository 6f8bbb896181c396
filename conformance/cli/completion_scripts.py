"""The scripts of `mailspec completion`, one generator a shell."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator, Sequence

from conformance.cli.completion_words import FILES, FOLDERS, Described, Option


def script(shell: str, commands: Sequence[Described]) -> str:
    """The whole script for one shell."""
    made = {"bash": _bash, "zsh": _zsh, "fish": _fish}[shell](commands)
    return "\n".join(made) + "\n"


BASH = """\
# Completion of mailspec for bash: source <(./mailspec completion bash)
_mailspec_words() { "$program" completion --words "$1" 2>/dev/null; }
_mailspec_of() {
    local IFS=$'\\n'
    [[ $1 == -W ]] || compopt -o filenames 2>/dev/null
    COMPREPLY+=($(compgen "$@" -- "$cur"))
}
_mailspec() {
    local program=${COMP_WORDS[0]} cur=${COMP_WORDS[COMP_CWORD]} command= i
    local prev=${COMP_WORDS[COMP_CWORD-1]}
    program=${program/#\\~/$HOME}
    # --option=value comes as three words.
    if [[ $cur == = ]]; then cur=; elif [[ $prev == = ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi
    for ((i = 1; i < COMP_CWORD; i++)); do
        [[ ${COMP_WORDS[i]} == -* ]] || { command=${COMP_WORDS[i]}; break; }
    done
    COMPREPLY=()"""


Words = Callable[[Sequence[str], Iterable[str]], str]
"""Statements of a shell that offer fixed words and the words of some kinds."""


def _values(commands: Sequence[Described], words: Words) -> Iterator[str]:
    """The value of an option, which the word before the cursor names."""
    yield "    case $command:$prev in"
    for command in commands:
        for option in command.options:
            if option.value is not None:
                pattern = " | ".join(f"{command.name}:{name}" for name in option.names)
                yield f"    {pattern}) {words(option.choices, option.value)} return ;;"
    yield "    esac"


def _bash(commands: Sequence[Described]) -> Iterator[str]:
    yield BASH
    yield from _values(commands, _bash_of)
    yield "    case $command in"
    yield f"    '') {_bash_of((*_names(commands), '--help', '--version'), ())} ;;"
    for command in commands:
        options = _bash_of(_option_names(command), ())
        operands = _bash_of(command.choices, command.operands)
        yield f"    {command.name}) if [[ $cur == -* ]]; then {options} else {operands} fi ;;"
    yield "    esac"
    yield "}"
    yield "complete -F _mailspec mailspec"


def _bash_of(fixed: Iterable[str], kinds: Iterable[str]) -> str:
    """Statements that collect words; each ends in a semicolon."""
    made = []
    if words := "\n".join(fixed):
        made.append(f"_mailspec_of -W {_ansi(words)};")
    for kind in kinds:
        if kind == FILES:
            made.append("_mailspec_of -f;")
        elif kind == FOLDERS:
            made.append("_mailspec_of -d;")
        else:
            made.append(f'_mailspec_of -W "$(_mailspec_words {kind})";')
    return " ".join(made) or ":;"


def _ansi(text: str) -> str:
    return "$'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'"


ZSH = """\
#compdef mailspec
# Completion of mailspec for zsh: source <(./mailspec completion zsh), or this file as _mailspec
# in a folder of $fpath.
_mailspec_words() { compadd -- ${(f)"$($program completion --words $1 2>/dev/null)"}; }
_mailspec() {
    local program=${words[1]/#\\~/$HOME} prev=${words[CURRENT-1]} command= word
    for word in ${words[2,CURRENT-1]}; do
        [[ $word == -* ]] || { command=$word; break; }
    done
    if [[ $PREFIX == --*=* ]]; then
        prev=${PREFIX%%=*}
        compset -P '*='
    fi
    local -a described"""


ZSH_END = """\
if [[ $funcstack[1] == _mailspec ]]; then
    _mailspec "$@"
else
    (( $+functions[compdef] )) || { autoload -Uz compinit && compinit -i -D; }
    compdef _mailspec mailspec
fi"""


def _zsh(commands: Sequence[Described]) -> Iterator[str]:
    yield ZSH
    yield from _values(commands, _zsh_of)
    yield "    case $command in"
    rows = [(command.name, command.help) for command in commands]
    yield f"    '') {_zsh_described('command', rows)} ;;"
    for command in commands:
        options = _zsh_described("option", _option_rows(command))
        operands = _zsh_of(command.choices, command.operands)
        yield f"    {command.name}) if [[ $PREFIX == -* ]]; then {options} else {operands} fi ;;"
    yield "    esac"
    yield "}"
    yield ZSH_END


def _zsh_of(fixed: Sequence[str], kinds: Iterable[str]) -> str:
    made = [f"compadd -- {shlex.join(fixed)};"] if fixed else []
    for kind in kinds:
        made.append({FILES: "_files;", FOLDERS: "_files -/;"}.get(kind, f"_mailspec_words {kind};"))
    return " ".join(made) or ":;"


def _zsh_described(what: str, rows: Iterable[tuple[str, str]]) -> str:
    pairs = " ".join(shlex.quote(f"{name}:{text}") for name, text in rows)
    return f"described=({pairs}); _describe {what} described;"


FISH = """\
# Completion of mailspec for fish: ./mailspec completion fish | source
function __mailspec_words
    set -l program (string replace -r '^~/' "$HOME/" -- (commandline -poc)[1])
    command -q $program; and $program completion --words $argv[1] 2>/dev/null
end
# Whether this is the command of the line, or, without an argument, whether it has none yet.
function __mailspec_is
    for word in (commandline -poc)[2..-1]
        string match -q -- '-*' $word; or begin
            test "$word" = "$argv[1]"
            return
        end
    end
    test -z "$argv[1]"
end
complete -c mailspec -f"""


def _fish(commands: Sequence[Described]) -> Iterator[str]:
    yield FISH
    for command in commands:
        name, text = shlex.quote(command.name), shlex.quote(command.help)
        yield f"complete -c mailspec -n __mailspec_is -a {name} -d {text}"
        here = f"complete -c mailspec -n '__mailspec_is {command.name}'"
        for option in command.options:
            yield here + _fish_option(option)
        if words := _fish_words(command.choices, command.operands):
            yield here + words


def _fish_option(option: Option) -> str:
    names = "".join(
        f" -l {name[2:]}" if name.startswith("--") else f" -s {name[1:]}" for name in option.names
    )
    if option.value is None:
        return f"{names} -d {shlex.quote(option.help)}"
    words = _fish_words(option.choices, option.value)
    return f"{names} -x -d {shlex.quote(option.help)}{words}"


def _fish_words(fixed: Sequence[str], kinds: Sequence[str]) -> str:
    made = list(fixed)
    for kind in kinds:
        made.append(
            {FILES: "(__fish_complete_path)", FOLDERS: "(__fish_complete_directories)"}.get(
                kind, f"(__mailspec_words {kind})"
            )
        )
    return f" -a {shlex.quote(' '.join(made))}" if made else ""


def _names(commands: Sequence[Described]) -> list[str]:
    return [command.name for command in commands]


def _option_names(command: Described) -> list[str]:
    return [name for option in command.options for name in option.names]


def _option_rows(command: Described) -> list[tuple[str, str]]:
    return [(name, option.help) for option in command.options for name in option.names]
