"""The command line: exit statuses, and one clear sentence for what the user can mend."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from conformance.cli import main
from conformance.test.small_cases import APOP, FAKE_DRIVER, FETCH, POP3_DRIVER

GOOD = f"cmd:{shlex.join(POP3_DRIVER)}"
LOGIN = "pop3.apop.rfc1939-login"


def bad(bug: str) -> str:
    return f"{GOOD} {bug}"


def run(out: Path, *words: str) -> int:
    return main(["run", "--seed", "1", "--out", str(out), *words])


def trace(folder: Path, text: str, name: str = "mine.trace") -> str:
    file = folder / name
    file.write_text(text, "utf-8")
    return str(file)


def test_as_expected_is_0_and_leaves_the_reports(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, "--subject", GOOD, "pop3.apop.*", "--variant", "whole") == 0
    printed = capsys.readouterr().out
    assert "seed 1" in printed and "PASS" in printed
    results = json.loads((tmp_path / "results.json").read_text())
    assert results["counts"]["FAIL"] == 0 and results["suite"]["seed"] == 1
    assert {row["variant"] for row in results["cases"]} == {"whole"}
    for row in results["cases"]:
        assert row["log"] is None or (tmp_path / row["log"]).is_file()
    for name in ("index.html", "junit.xml", "summary.md", "results.sarif"):
        assert (tmp_path / name).stat().st_size > 0


def test_a_failure_is_1_and_names_file_line_octet_and_requirement(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, "--subject", bad("upper-digest"), LOGIN) == 1
    printed = capsys.readouterr().out
    assert "traces/pop3/apop.trace:13" in printed
    lines = printed.splitlines()
    at = next(n for n, line in enumerate(lines) if "APOP mrose C4C9" in line)
    assert lines[at + 1].index("^") == lines[at].index("C4C9")
    assert "^ octet 11" in lines[at + 1]
    assert "RFC1939-7-APOP-02 (implied by RFC 1939 section 7): The digest is sent" in printed
    assert f"{LOGIN} --variant crlf --seed 1" in printed


def test_processes_give_the_same_verdicts_as_one(tmp_path: Path) -> None:
    found = []
    for jobs in ("1", "2"):
        assert run(tmp_path, "--subject", bad("upper-digest"), "pop3.apop.*", "-j", jobs) == 1
        results = json.loads((tmp_path / "results.json").read_text())
        found.append([{**row, "seconds": 0} for row in results["cases"]])
    assert found[0] == found[1]


def test_the_same_seed_gives_the_same_results(tmp_path: Path) -> None:
    texts = []
    for _ in range(2):
        run(tmp_path, "--subject", GOOD, "pop3.apop.drawn-timestamp")
        results = json.loads((tmp_path / "results.json").read_text())
        for row in results["cases"]:
            row["seconds"] = 0
        texts.append(json.dumps(results))
    assert texts[0] == texts[1]


def test_non_strict_counts_as_a_failure_only_when_asked(tmp_path: Path) -> None:
    should = trace(tmp_path, APOP.replace("RFC1939-7-APOP-02", "RFC1939-3-STATE-03"))
    assert run(tmp_path, "--subject", bad("wrong-count"), should) == 0
    assert run(tmp_path, "--subject", bad("wrong-count"), should, "--strict") == 1


def test_a_known_failure_is_as_expected_and_its_pass_is_not(tmp_path: Path) -> None:
    entry = '[[case]]\nid = "{}"\nverdict = "FAIL"\nmatch = "WORDS"\nreason = "known"\n'
    known = tmp_path / "known.toml"
    known.write_text(entry.format(LOGIN).replace("WORDS", "the digest has another form"))
    expect = ("--expect", str(known), LOGIN)
    assert run(tmp_path, "--subject", bad("upper-digest"), *expect) == 0
    assert run(tmp_path, "--subject", GOOD, *expect) == 1
    known.write_text(entry.format(LOGIN))
    assert run(tmp_path, "--subject", bad("upper-digest"), *expect) == 1


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        (["--subject", "nobody"], 2, "there is no subject 'nobody'"),
        (["--subject", "./absent.toml"], 2, "absent.toml cannot be read"),
        (["--subject", "cmd:/nonexistent/driver"], 3, "/nonexistent/driver cannot be started"),
        (["--subject", "cmd:true"], 3, "the driver true does not start"),
        (["--subject", GOOD, "pop3.nothing"], 4, "unknown case 'pop3.nothing'"),
        (["--subject", GOOD, "absent.trace"], 2, "absent.trace:1: the trace cannot be read"),
        (["--subject", GOOD, "--expect", "absent.toml"], 2, "expectations cannot be read"),
        (["--variant", "sideways"], 2, "invalid choice: 'sideways'"),
        (["-j", "none"], 2, "auto or a number from 1 to 64"),
        (["--bogus"], 2, "unrecognized arguments: --bogus"),
    ],
)
def test_bad_input_is_one_sentence_and_its_status(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    status: int,
    sentence: str,
) -> None:
    assert run(tmp_path, *words) == status
    printed = capsys.readouterr()
    assert sentence in printed.err
    assert "Traceback" not in printed.err + printed.out


def test_a_broken_trace_is_named_with_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = trace(tmp_path, APOP.replace("= ", "").replace("S: +OK 2", "X: +OK 2"))
    assert run(tmp_path, "--subject", GOOD, broken) == 2
    line = next(n for n, text in enumerate(APOP.splitlines(), 1) if "+OK 2 320" in text)
    assert f"mine.trace:{line}: " in capsys.readouterr().err


def test_a_variant_that_the_case_leaves_out_selects_nothing(tmp_path: Path) -> None:
    text = APOP.replace("moves:   all", "variants: not octets: a reason")
    assert run(tmp_path, "--subject", GOOD, trace(tmp_path, text), "--variant", "octets") == 4


def test_reports_that_cannot_be_written_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    assert run(tmp_path / "file", "--subject", GOOD, LOGIN) == 3
    assert "the reports cannot be written" in capsys.readouterr().err


def test_a_subject_that_is_not_fit_gets_no_verdicts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, "--subject", bad("ok-for-err"), LOGIN) == 3
    assert "refuses everything" in capsys.readouterr().err
    assert not (tmp_path / "results.json").exists()


def test_an_adapter_that_breaks_makes_the_run_invalid(tmp_path: Path) -> None:
    text = FETCH.replace("n=[1]", "n=[99]") + "R: refused\n"
    assert run(tmp_path, "--subject", GOOD, trace(tmp_path, text), "--variant", "whole") == 3


def test_list_show_and_lint(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "pop3.apop.*"]) == 0
    assert LOGIN in capsys.readouterr().out
    assert main(["list", "--requirements", "rfc1939#7"]) == 0
    assert "RFC1939-7-APOP-02" in capsys.readouterr().out
    assert main(["show", LOGIN]) == 0
    assert "C: APOP mrose c4c9334bac560ecc979e58001b3e22fb" in capsys.readouterr().out
    assert main(["show", "RFC1939-7-APOP-02"]) == 0
    assert LOGIN in capsys.readouterr().out
    assert main(["lint", trace(tmp_path, APOP.replace("APOP-02", "APOP-99"))]) == 1
    assert "RFC1939-7-APOP-99" in capsys.readouterr().out


def test_subjects_and_doctor(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["subjects"]) == 0
    assert "python-stdlib" in capsys.readouterr().out
    assert main(["doctor", "--subject", GOOD]) == 0
    assert "small is fit: ipv6 moves pop3" in capsys.readouterr().out
    assert main(["doctor", "--subject", f"cmd:{shlex.join(FAKE_DRIVER)}"]) == 3
