"""Expected failures, unexpected passes and other ways of failing are told apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.run.expect import Expectations, ExpectError, Standing, for_subject, load
from conformance.verdict import CaseRun, Verdict

FILE = """
[[case]]
id = "pop3.a"
verdict = "FAIL"
match = "octet 7"
reason = "known since 1.0"

[[case]]
id = "pop3.b"
verdict = "HANG"
match = "QUIT"
reason = "waits for ever"
variants = ["octets"]

[[case]]
id = ["pop3.d", "pop3.e"]
verdict = "FAIL"
match = "octet 9"
reason = "both fail so"

[[case]]
id = "pop3.f"
verdict = "CRASH"
match = "SIGPIPE"
reason = "dies if the server closes before its last write"
sometimes = true
"""


@pytest.fixture(name="expectations")
def _expectations(tmp_path: Path) -> Expectations:
    path = tmp_path / "x.expect.toml"
    path.write_text(FILE, encoding="utf-8")
    return load(path)


def run(case: str, verdict: Verdict, reason: str = "", variant: str = "whole") -> CaseRun:
    """A run of a case."""
    return CaseRun(id=case, variant=variant, verdict=verdict, reason=reason)


@pytest.mark.parametrize(
    ("case", "verdict", "reason", "variant", "standing"),
    [
        ("pop3.a", Verdict.FAIL, "octet 7 differs", "whole", Standing.KNOWN),
        ("pop3.a", Verdict.FAIL, "octet 7 differs", "octets", Standing.KNOWN),
        ("pop3.a", Verdict.FAIL, "octet 8 differs", "whole", Standing.OTHERWISE),
        ("pop3.a", Verdict.CRASH, "octet 7", "whole", Standing.OTHERWISE),
        ("pop3.a", Verdict.PASS, "", "whole", Standing.PASSED),
        ("pop3.a", Verdict.NON_STRICT, "octet 7", "whole", Standing.PASSED),
        ("pop3.a", Verdict.UNSUPPORTED, "", "whole", Standing.USUAL),
        ("pop3.a", Verdict.ERROR, "octet 7", "whole", Standing.FAILED),
        ("pop3.b", Verdict.HANG, "after QUIT", "octets", Standing.KNOWN),
        ("pop3.b", Verdict.HANG, "after QUIT", "whole", Standing.FAILED),
        ("pop3.b", Verdict.PASS, "", "whole", Standing.USUAL),
        ("pop3.c", Verdict.FAIL, "octet 7", "whole", Standing.FAILED),
        ("pop3.d", Verdict.FAIL, "octet 9", "whole", Standing.KNOWN),
        ("pop3.e", Verdict.FAIL, "octet 9", "whole", Standing.KNOWN),
        ("pop3.e", Verdict.PASS, "", "whole", Standing.PASSED),
        ("pop3.f", Verdict.CRASH, "by SIGPIPE", "whole", Standing.KNOWN),
        ("pop3.f", Verdict.PASS, "", "whole", Standing.USUAL),
        ("pop3.f", Verdict.NON_STRICT, "", "whole", Standing.USUAL),
        ("pop3.f", Verdict.CRASH, "by SIGSEGV", "whole", Standing.OTHERWISE),
        ("pop3.f", Verdict.FAIL, "octet 7", "whole", Standing.OTHERWISE),
        ("pop3.c", Verdict.PASS, "", "whole", Standing.USUAL),
        ("pop3.c", Verdict.NON_STRICT, "", "whole", Standing.USUAL),
        ("pop3.c", Verdict.INFO, "", "whole", Standing.USUAL),
    ],
)
def test_standing(
    expectations: Expectations,
    case: str,
    verdict: Verdict,
    reason: str,
    variant: str,
    standing: Standing,
) -> None:
    applied = expectations.apply(run(case, verdict, reason, variant))
    assert applied.standing is standing
    assert applied.standing.unexpected == (standing not in (Standing.USUAL, Standing.KNOWN))


def test_strict_makes_non_strict_a_failure(expectations: Expectations) -> None:
    weak = run("pop3.c", Verdict.NON_STRICT)
    assert expectations.apply(weak, strict=True).standing is Standing.FAILED


def test_sentences(expectations: Expectations) -> None:
    known = expectations.apply(run("pop3.a", Verdict.FAIL, "octet 7"))
    assert known.sentence == "known since 1.0"
    other = expectations.apply(run("pop3.a", Verdict.FAIL, "octet 8"))
    assert other.sentence == "FAIL: octet 8; FAIL with 'octet 7' was expected"
    passed = expectations.apply(run("pop3.a", Verdict.PASS))
    assert passed.sentence == "PASS, though FAIL with 'octet 7' was expected"


def test_ids_and_verdicts(expectations: Expectations) -> None:
    assert expectations.unknown(["pop3.a", "pop3.e", "pop3.f"]) == ["pop3.b", "pop3.d"]
    assert expectations.verdicts() == {
        "pop3.a": Verdict.FAIL,
        "pop3.b": Verdict.HANG,
        "pop3.d": Verdict.FAIL,
        "pop3.e": Verdict.FAIL,
        "pop3.f": Verdict.CRASH,
    }
    assert expectations.by_chance() == {"pop3.f"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[case]", "not TOML"),
        ("case = 1", r"a list of \[\[case\]\]"),
        ("mood = 1", r"a list of \[\[case\]\]"),
        ("case = [1]", "case 1 is not a table"),
        (FILE.replace('match = "octet 7"\n', ""), "case 1: match is missing"),
        (FILE.replace('"octet 7"', '" "'), "case 1: match is missing"),
        (FILE.replace('"HANG"', '"PASS"'), "case 2: verdict must be one of .*, not 'PASS'"),
        (FILE.replace("match", "mismatch", 1), "there is no key 'mismatch'"),
        (FILE.replace('["octets"]', "1"), "variants must be a list"),
        (FILE.replace("sometimes = true", "sometimes = 1"), "sometimes must be true or false"),
        (FILE.replace("pop3.b", "pop3.a"), "pop3.a has two entries for the same variant"),
    ],
)
def test_broken_files(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "x.expect.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ExpectError, match=message):
        load(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ExpectError, match="cannot be read"):
        load(tmp_path / "none.toml")
    assert for_subject("nobody-has-this-name") == Expectations()
