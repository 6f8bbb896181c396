"""The seeded bugs fit the sources, mutants are what they say, and fates are told apart."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from conformance.cli import main
from conformance.requirements import load as load_register
from conformance.verdict import Verdict
from strength import bug, build_tree, killing, mutate
from strength.bug import BugError
from strength.killing import Fate

REGISTER = load_register()
BUGS = bug.load(REGISTER)
LEAST = {"reply": 50, "argument": 20, "login": 20, "order": 20}
"""So many bugs of each of these kinds, and LEAST_BUGS in all."""
LEAST_BUGS = 150
ONE = """\
title = "A bug"
breaks = "RFC1939-7-APOP-02"
kind = "login"

[[edit]]
file = "client/src/pop3/pop3_login.c"
find = "{find}"
replace = "x"
"""

pytestmark = pytest.mark.skipif(
    not (build_tree.ROOT / "client").is_dir(), reason="mailc's sources are not installed"
)


def written(folder: Path, text: str) -> Path:
    path = folder / "one.toml"
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize("one", BUGS, ids=[one.name for one in BUGS])
def test_a_bug_fits_the_sources_and_breaks_what_binds_a_client(one: bug.Bug) -> None:
    texts = one.texts()
    assert all(text != (build_tree.ROOT / file).read_text("utf-8") for file, text in texts.items())
    assert all(file.startswith("client/") for file in texts)
    assert one.breaks.party == "client" and one.breaks.breach is not Verdict.INFO
    assert not one.title.endswith(".")


def test_there_are_bugs_of_each_kind() -> None:
    kinds = Counter(one.kind for one in BUGS)
    assert len(BUGS) >= LEAST_BUGS
    assert set(kinds) == set(bug.KINDS)
    assert {kind: kinds[kind] for kind in LEAST if kinds[kind] < LEAST[kind]} == {}


def test_there_are_bugs_of_each_protocol_and_no_two_are_one() -> None:
    assert {one.name.partition("-")[0] for one in BUGS} == {"pop3", "smtp", "sasl", "tls"}
    assert len({(one.name.partition("-")[0], one.title) for one in BUGS}) == len(BUGS)
    assert len({one.edits for one in BUGS}) == len(BUGS)


def test_a_text_that_is_gone_is_an_error_that_names_the_bug(tmp_path: Path) -> None:
    one = bug.read(written(tmp_path, ONE.format(find="never written")), REGISTER)
    with pytest.raises(
        BugError,
        match="the bug one does not fit: .* occurs 0 times in client/src/pop3/pop3_login.c",
    ):
        one.texts()


def test_a_text_that_stands_there_twice_is_an_error(tmp_path: Path) -> None:
    one = bug.read(written(tmp_path, ONE.format(find="return")), REGISTER)
    with pytest.raises(BugError, match="not once"):
        one.texts()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("RFC1939-7-APOP-02", "RFC1939-7-APOP-99", "there is no requirement RFC1939-7-APOP-99"),
        ("title", "tittle", "unknown key tittle"),
        ("find", "found", "unknown key found"),
        ('file = "client/src/pop3/pop3_login.c"\n', "", "an edit has no file"),
        ('replace = "x"', 'replace = "return"', "an edit changes nothing"),
        ("[[edit]]", "[[edit]", "one.toml: "),
        ('kind = "login"\n', "", "the kind of a bug is one of reply, argument, login, order"),
        ("login", "logging", "the kind of a bug is one of reply, argument, login, order"),
        ("kind", 'goals = " "\nkind', "goals must say why no goal can show the bug"),
    ],
)
def test_wrong_data_is_one_sentence(tmp_path: Path, old: str, new: str, message: str) -> None:
    text = ONE.format(find="return").replace(old, new)
    with pytest.raises(BugError) as caught:
        bug.read(written(tmp_path, text), REGISTER)
    assert message in str(caught.value) and "\n" not in str(caught.value)


SOURCE = """\
#define A (1 < 2)
/* a < b */
static int f(int a) {
  const char *text = "a < b";
  if (a < 7 && !text) {
    g(a);
  }
  return a == '\\n' ? -1 : a;
}
"""


def changes(source: str, file: str = "x.c") -> list[tuple[int, str]]:
    return [(one.line, one.what) for one in mutate.mutants(file, source)]


def test_mutants_are_those_of_the_code_alone() -> None:
    assert changes(SOURCE) == [
        (5, "the condition is always met"),
        (5, "the condition is never met"),
        (5, "< becomes <="),
        (5, "< becomes >="),
        (5, "7 becomes (7 + 1)"),
        (5, "&& becomes ||"),
        (5, "! is left out"),
        (6, "g(a); is left out"),
        (8, "== becomes !="),
        (8, "'\\n' becomes ('\\n' + 1)"),
        (8, "1 becomes (1 + 1)"),
    ]


def test_a_mutant_differs_from_its_source_at_its_place() -> None:
    never = next(one for one in mutate.mutants("x.c", SOURCE) if "never" in one.what)
    assert never.applied(SOURCE) == SOURCE.replace("(a < 7 && !text)", "(false)")
    assert never.place == "x.c:5"


def test_a_row_of_a_state_machine_is_left_out() -> None:
    rows = 'ROW(START, CONNECTED, AWAIT, GREETED, "RFC 1")\nROW(ANY, EOF, FAIL, FAILED, "RFC 1")\n'
    first, second = mutate.mutants("x.def", rows)
    assert first.what == "the row START CONNECTED is left out"
    assert second.applied(rows).splitlines() == [rows.splitlines()[0], ""]


def test_a_sample_stays_as_it_is_where_another_line_changes() -> None:
    longer = SOURCE.replace("  g(a);", "  g(a);\n    h();")
    chosen = []
    for source in (SOURCE, longer):
        found = mutate.mutants("x.c", source)
        sample = mutate.sample(found, 5, 1, {"x.c": source})
        assert len(sample) == 5
        chosen.append({one.what for one in sample} - {"h(); is left out"})
    assert len(chosen[0] & chosen[1]) >= 4


def test_another_seed_is_another_sample() -> None:
    found = mutate.mutants("x.c", SOURCE)
    samples = [mutate.sample(found, 4, seed, {"x.c": SOURCE}) for seed in range(8)]
    assert len({tuple(sample) for sample in samples}) > 1


class Bench(build_tree.BuildTree):
    """A build tree whose program is a script: what the build makes of the one source."""

    scripts: dict[str, str] = {}

    def change(self, texts: object) -> None:
        self.texts = dict(texts)  # type: ignore[call-overload]

    def build(self, *targets: str) -> str:
        script = self.scripts[self.texts.get("x.c", "")]
        if not script:
            raise build_tree.Unbuildable("no")
        program = self.program("mailc-replay")
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text("#!/bin/sh\n" + script, "utf-8")
        program.chmod(0o755)
        return ""


@pytest.mark.parametrize(
    ("script", "fate", "by"),
    [
        ("echo 'a trace, cut: other octets' >&2; exit 1", Fate.KILLED, "a trace, cut"),
        ("kill -SEGV $$", Fate.KILLED, "it dies by SIGSEGV"),
        ("kill -XCPU $$", Fate.KILLED, "it does not finish"),
        ("exit 0 # another program", Fate.SURVIVED, ""),
        ("exit 0", Fate.SAME, ""),
        ("", Fate.NO_BUILD, ""),
    ],
)
def test_the_fates_of_a_mutant(tmp_path: Path, script: str, fate: Fate, by: str) -> None:
    bench = Bench(tmp_path)
    bench.scripts = {"": "exit 0", "b": script}
    judge = killing.Judge(tmp_path / "vectors.json", {"x.c": "a"})
    judge.prepare(bench)
    found = judge.kill(mutate.Mutant("x.c", 1, "a becomes b", 0, 1, "b"), bench)
    assert found.fate is fate and found.by.startswith(by)


def test_nothing_is_measured_where_mailc_itself_has_a_fault(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.scripts = {"": "exit 1"}
    with pytest.raises(build_tree.Trouble, match="the unchanged mailc does not pass the vectors"):
        killing.Judge(tmp_path / "vectors.json", {}).prepare(bench)


def test_a_workshop_takes_a_change_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "root"
    (root / "client").mkdir(parents=True)
    (root / "CMakeLists.txt").write_text("")
    for name in ("one.c", "two.c"):
        (root / "client" / name).write_text(name)
    monkeypatch.setattr(build_tree, "ROOT", root)
    shop = build_tree.BuildTree(tmp_path / "shop")
    (tmp_path / "shop" / "build").mkdir(parents=True)
    (tmp_path / "shop" / "build" / "CMakeCache.txt").write_text("")
    (tmp_path / "shop" / "source" / "client").mkdir(parents=True)
    (tmp_path / "shop" / "source" / "client" / "gone.c").write_text("")
    shop.open()
    shop.change({"client/one.c": "bug"})
    shop.change({"client/two.c": "bug"})
    copies = {path.name: path.read_text() for path in (shop.source / "client").iterdir()}
    assert copies == {"one.c": "one.c", "two.c": "bug"}


@pytest.mark.parametrize(
    "words",
    [
        ["--limit", "few"],
        ["--jobs", "0"],
        ["--no-such"],
        ["--bugs", "no-such-bug"],
        ["--grain", "threads"],
        ["--mutants", "a-bug"],
    ],
)
def test_usage_is_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["strength", *words]) == 2
    assert "mailspec strength: " in capsys.readouterr().err
