"""The TOML files of subjects: what may stand in them, and what is said of what may not."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest

from conformance import features
from conformance.subject import NotInstalled, UnknownSubject, load, names, spec
from conformance.subject.spec import schema

GOOD = """\
name = "x"
features = ["goals", "pop3"]
[goal."pop3.fetch"]
argv = ["x", "{host}", "{port}", "{n}"]
data = "stdout"
[exit]
0 = "ok"
"""


def write(folder: Path, text: str) -> str:
    file = folder / "x.toml"
    file.write_text(text, "utf-8")
    return str(file)


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("name", names())
def test_every_subject_of_the_suite_is_valid(name: str) -> None:
    found = spec(name)
    assert found.name == name
    assert found.features <= features.load()


@pytest.mark.parametrize("name", [name for name in names() if spec(name).cmake is None])
def test_a_subject_that_is_not_installed_names_its_packages(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By whatever means it finds that something is missing, where a shell is the only program."""
    (tmp_path / "sh").symlink_to("/bin/sh")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("MAILSPEC_PACKAGES", str(tmp_path))
    with pytest.raises(NotInstalled) as caught:
        load(name).start()
    assert f"(package {spec(name).package}" in str(caught.value)


def test_a_command_is_read(tmp_path: Path) -> None:
    found = spec(write(tmp_path, GOOD))
    assert found.goals["pop3.fetch"].argv == ("x", "{host}", "{port}", "{n}")
    assert found.exit == {"0": "ok"}


def test_a_driver_is_found_beside_its_file(tmp_path: Path) -> None:
    (tmp_path / "program").touch()
    text = 'name = "x"\ndriver = ["./program", "-v"]\ntable = ["python3", "../t.py"]\n'
    found = spec(write(tmp_path, text))
    assert found.driver == (str(tmp_path / "program"), "-v")
    assert found.table == ("python3", "../t.py")


def test_words_that_name_files_beside_the_toml_are_these_files(tmp_path: Path) -> None:
    for name in ("client.py", "rc", "true"):
        (tmp_path / name).touch()
    (tmp_path / "run").touch(mode=0o755)
    text = GOOD.replace('["x", "{host}"', '["run", "client.py", "-rc", "rc", "absent", "{host}"')
    found = spec(write(tmp_path, text)).goals["pop3.fetch"].argv
    beside = (str(tmp_path / "run"), str(tmp_path / "client.py"), "-rc", str(tmp_path / "rc"))
    assert found[:5] == (*beside, "absent")
    text = 'name = "x"\ndriver = ["true", "client.py"]\ncrash = [99]\n'
    driver = spec(write(tmp_path, text))
    assert driver.driver == ("true", str(tmp_path / "client.py"))  # that one is not executable
    assert driver.crash == {99}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("name = ", "is not TOML"),
        ('name = "x"', "neither a driver nor a goal"),
        (GOOD.replace("[goal.", "[gaol."), "is not a subject: there is no key 'gaol'; there are "),
        (GOOD.replace('name = "x"', 'name = "X y"'), "is not a subject: name: "),
        (GOOD.replace("argv", "args"), "is not a subject: goal.pop3.fetch: "),
        (GOOD.replace('"ok"', '"fine"'), "'fine' is not one of"),
        (GOOD.replace("0 =", "127 ="), "'127' does not match"),
        (GOOD.replace("{host}", "{hots}"), "{hots} in '{hots}' is not an argument of pop3.fetch"),
        (GOOD.replace("{host}", "{host"), "'{host'"),
        (GOOD.replace('data = "stdout"\n', ""), "needs data, the place of the message"),
        (GOOD + '\n[cmake]\nsource = "."\n', "'build' is a required property"),
        ('driver = ["x"]\n' + GOOD, "a driver reports its features itself"),
    ],
)
def test_a_fault_is_told_in_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(UnknownSubject) as caught:
        spec(write(tmp_path, text))
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["nobody", "./absent.toml", "cmd:", "cmd:'open", "../x"])
def test_an_unknown_subject_is_told_in_one_sentence(text: str) -> None:
    with pytest.raises(UnknownSubject):
        spec(text)
