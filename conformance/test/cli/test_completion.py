"""The completions, asked for in the shells themselves."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from conformance import catalogue, features, paths
from conformance.cli import main
from conformance.cli.arguments import commands
from fake_servers.wire.delivery import VARIANTS

LAUNCHER = Path(__file__).parents[3] / "mailspec"
LOGIN = "pop3.apop.rfc1939-login"
pytestmark = pytest.mark.skipif(not LAUNCHER.is_file(), reason="the launcher is not installed")

ASKED = [
    ("cov", {"coverage"}),
    ("", set(commands())),
    ("run pop3.apop.rfc1939-l", {LOGIN}),
    ("run smtp.goal.send/rcpt/251", {"smtp.goal.send/rcpt/251"}),
    ("run --expec", {"--expect"}),
    ("run --subject cur", {"curl"}),
    ("run --variant o", {"octets"}),
    ("run --variant ", {*VARIANTS, "all"}),
    ("run --without pop3.apo", {"pop3.apop"}),
    ("doctor --without clo", {"clock"}),
    ("serve --variant o", {"octets"}),
    ("list --needs pop3.apo", {"pop3.apop"}),
    ("show RFC1939-7-APOP-02", {"RFC1939-7-APOP-02"}),
    ("completion z", {"zsh"}),
    ("setup mb", {"mbedtls"}),
    ("strength smtp-dot-missed", {"smtp-dot-missed-where-buffer-ends"}),
]


def shell(*argv: str, **env: str) -> str:
    done = subprocess.run(
        argv,
        cwd="/",
        env=os.environ | env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.fixture(name="script", scope="module")
def _script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the script for each shell."""
    folder = tmp_path_factory.mktemp("completion")
    for name in ("bash", "zsh", "fish"):
        (folder / name).write_text(shell(str(LAUNCHER), "completion", name), "utf-8")
    return folder


def need(name: str) -> None:
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")


BASH = """
source "$SCRIPT"
read -ra words <<<"$LINE"
[[ $LINE != *' ' ]] || words+=('')
COMP_WORDS=("$LAUNCHER") COMP_CWORD=${#words[@]} COMPREPLY=()
for word in "${words[@]}"; do
    [[ $word == --*=* ]] && COMP_WORDS+=("${word%%=*}" = "${word#*=}") || COMP_WORDS+=("$word")
done
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
[[ ${COMP_WORDS[COMP_CWORD]} || ${COMP_WORDS[COMP_CWORD-1]} != = ]] || unset "COMP_WORDS[COMP_CWORD--]"
_mailspec
printf '%s\\n' "${COMPREPLY[@]}"
"""


def in_bash(script: Path, line: str) -> set[str]:
    """What bash has for the word at the end of this line."""
    line = line or " "
    env = {"SCRIPT": str(script / "bash"), "LINE": line, "LAUNCHER": str(LAUNCHER)}
    return set(shell("bash", "-c", BASH, **env).split())


@pytest.mark.parametrize(("line", "wanted"), ASKED)
def test_bash_completes(script: Path, line: str, wanted: set[str]) -> None:
    need("bash")
    assert in_bash(script, line) >= wanted
    assert line.endswith(" ") or not line or in_bash(script, line) == wanted


def test_bash_completes_behind_an_equals_sign(script: Path) -> None:
    need("bash")
    assert in_bash(script, "run --variant=oc") == {"octets"}
    assert in_bash(script, "run --variant=") >= set(VARIANTS)


def test_bash_offers_every_case_subject_and_feature(script: Path) -> None:
    need("bash")
    assert in_bash(script, "run ") >= {trace.id for trace in catalogue.everything()}
    assert in_bash(script, "run --subject ") >= set(paths.subject_names())
    assert in_bash(script, "list --needs ") == set(features.load())


def in_fish(script: Path, home: Path, program: str, line: str) -> set[str]:
    """What fish has for the word at the end of this line."""
    need("fish")
    ask = 'source "$SCRIPT"; complete -C "$PROGRAM $LINE"'
    env = {"SCRIPT": str(script / "fish"), "LINE": line, "PROGRAM": program, "HOME": str(home)}
    printed = shell("fish", "--no-config", "-c", ask, **env)
    return {row.split("\t")[0] for row in printed.splitlines()}


@pytest.mark.parametrize(("line", "wanted"), ASKED)
def test_fish_completes(script: Path, tmp_path: Path, line: str, wanted: set[str]) -> None:
    assert in_fish(script, tmp_path, str(LAUNCHER), line) >= wanted


def test_fish_keeps_to_the_command_and_finds_it_at_home(script: Path, tmp_path: Path) -> None:
    """`run` is a word of `setup`, and what is not there is silent."""
    (tmp_path / "mailspec").symlink_to(LAUNCHER)
    offered = in_fish(script, tmp_path, "~/mailspec", "setup run --")
    assert "--yes" in offered and "--subject" not in offered
    assert "curl" in in_fish(script, tmp_path, "~/mailspec", "run --subject cu")
    assert in_fish(script, tmp_path, "~/missing/mailspec", "run --subject cu") == set()


def test_zsh_needs_nothing_set_up(script: Path, tmp_path: Path) -> None:
    need("zsh")
    ask = 'source "$SCRIPT"; print -- $_comps[mailspec]'
    printed = shell("zsh", "-f", "-c", ask, HOME=str(tmp_path), SCRIPT=str(script / "zsh"))
    assert printed == "_mailspec\n"
    assert list(tmp_path.iterdir()) == []


ZSH = """
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell 'PS1= PS2= RPS1=; unsetopt zle_bracketed_paste; autoload -U compinit; compinit -u -d "$SCRIPT.dump"'
zpty -w shell 'source "$SCRIPT"; bindkey "^I" complete-word; zstyle ":completion:*" list-colors'
zpty -w shell 'setopt no_beep no_auto_menu no_auto_list; compdef _mailspec $LAUNCHER mailspec'
zpty -w shell 'done-line() { print -r -- "<$BUFFER>"; BUFFER=; zle accept-line }; zle -N done-line'
zpty -w shell 'bindkey "^X" done-line; print ready'
zpty -r shell answer '*ready*ready*'
zpty -n -w shell "$LAUNCHER $LINE"$'\\t\\x18'
zpty -r shell answer '*<*>*'
answer=${answer##*<}
print -r -- ${answer%%>*}
zpty -d shell
"""


@pytest.mark.parametrize(
    ("line", "wanted"), [row for row in ASKED if len(row[1]) == 1 and "strength" not in row[0]]
)
def test_zsh_completes(script: Path, tmp_path: Path, line: str, wanted: set[str]) -> None:
    need("zsh")
    env = {"SCRIPT": str(script / "zsh"), "LINE": line, "LAUNCHER": str(LAUNCHER)}
    printed = shell("zsh", "-f", "-c", ZSH, HOME=str(tmp_path), **env)
    assert set(printed.split()[-1:]) == wanted


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_a_shell_takes_the_script(script: Path, name: str) -> None:
    need(name)
    shell(name, "-n", str(script / name))


def test_without_a_shell_they_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion"]) == 2
    assert "bash, zsh, fish" in capsys.readouterr().err
    assert main(["completion", "csh"]) == 2
