"""The tests against real servers: `/usr/bin/python3 -m real_servers [pytest's arguments]`.

A server that is not installed is one sentence and exit status 3; one that needs other rights is one
sentence, and its tests are skipped. Otherwise the exit status is that of pytest.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from conformance.run import exit_status
from real_servers import SERVERS, NotInstalled, Unavailable

FOLDER = Path(__file__).parent


def main(arguments: Sequence[str]) -> int:
    """Check that every server is there, then run the tests."""
    is_complete = True
    for server in SERVERS:
        try:
            server().check()
        except Unavailable as error:
            print(f"real_servers: {error}", file=sys.stderr)
            is_complete = is_complete and not isinstance(error, NotInstalled)
    if not is_complete:
        return exit_status.CANNOT_RUN
    command = [sys.executable, "-m", "pytest", str(FOLDER), *arguments]
    return subprocess.run(command, cwd=FOLDER.parent, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
