"""The temporary folders of a run are removed, and nothing outside of them is touched."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from fake_servers.files import scratch


@pytest.mark.parametrize("is_there", [True, False])
def test_what_a_folder_lies_in_keeps_its_mode(tmp_path: Path, is_there: bool) -> None:
    """It is the system's folder for temporary files, where everybody can write."""
    tmp_path.chmod(0o1777)
    folder = tmp_path / "run"
    if is_there:
        folder.mkdir()
    scratch.remove(folder)
    assert not folder.exists()
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o1777


def test_a_folder_that_a_client_closed_is_removed(tmp_path: Path) -> None:
    inner = tmp_path / "run" / "closed" / "inner"
    inner.mkdir(parents=True)
    (inner / "file").write_text("x")
    inner.chmod(0)
    inner.parent.chmod(0)
    inner.parent.parent.chmod(0)
    scratch.remove(tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_folder_nested_deeper_than_python_recurses_is_removed(tmp_path: Path) -> None:
    """Its path is longer than any call takes, so it is made step by step."""
    folder = tmp_path / "run"
    folder.mkdir()
    make = "import os\nfor _ in range(1500):\n    os.mkdir('deep')\n    os.chdir('deep')\n"
    subprocess.run([sys.executable, "-c", make], cwd=folder, check=True, timeout=50)
    scratch.remove(folder)
    assert not folder.exists()
