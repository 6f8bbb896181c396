"""The keeper of a client removes the folder of a suite that has died, and of no other."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

from conformance.subject.keeper import PROGRAM

DYING_SUITE = """
import os, socket, subprocess, sys
ours, theirs = socket.socketpair()
words = [str(theirs.fileno()), str(os.getpid()), sys.argv[2]]
subprocess.Popen([sys.executable, "-I", "-S", sys.argv[1], *words], pass_fds=[theirs.fileno()])
os._exit(9)
"""


def test_a_suite_that_only_closed_its_socket_keeps_its_folder(tmp_path: Path) -> None:
    """An error on the socket looks like the end of the suite."""
    ours, theirs = socket.socketpair()
    words = [str(theirs.fileno()), str(os.getpid()), str(tmp_path)]
    keeper = subprocess.Popen(
        [sys.executable, "-I", "-S", str(PROGRAM), *words], pass_fds=[theirs.fileno()]
    )
    theirs.close()
    ours.close()
    assert keeper.wait(30) == 0
    assert tmp_path.is_dir()


def test_the_folder_of_a_suite_that_died_is_removed(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    # The keeper holds the pipe: it has ended when the output has.
    argv = [sys.executable, "-c", DYING_SUITE, str(PROGRAM), str(folder)]
    done = subprocess.run(argv, capture_output=True, timeout=30)
    assert done.returncode == 9, done.stderr
    assert not folder.exists()
