"""A mount namespace, in which one process sees other files and the machine keeps its own.

Servers that are only unpacked look for accounts and folders that their packages would have made.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from real_servers.error import NeedsRoot

TRY_S = 10.0
_REFUSED = "{name} needs a mount namespace, which only root may make, and not in every container"
_SCRIPT = """\
while [ "$1" != -- ]; do mount --bind "$1" "$2" || exit 1; shift 2; done
shift
exec "$@"
"""


def check(name: str) -> None:
    """Raise NeedsRoot if this process may not make one."""
    try:
        subprocess.run(
            ["unshare", "--mount", "true"], capture_output=True, timeout=TRY_S, check=True
        )
    except subprocess.CalledProcessError as error:
        if b"propagation" in error.stderr:
            raise NeedsRoot(
                f"{name} needs a mount namespace, which cannot be made where / is no mount point;"
                " run mount --bind NEW_ROOT NEW_ROOT before chroot NEW_ROOT"
            ) from error
        raise NeedsRoot(_REFUSED.format(name=name)) from error
    except (OSError, subprocess.SubprocessError) as error:
        raise NeedsRoot(_REFUSED.format(name=name)) from error


def inside(mounts: Mapping[Path, str], command: Sequence[str]) -> list[str]:
    """The command in a namespace where each file or folder is seen at another place."""
    words = [word for here, there in mounts.items() for word in (str(here), there)]
    return ["unshare", "--mount", "sh", "-c", _SCRIPT, "sh", *words, "--", *command]


def accounts(folder: Path, *users: tuple[str, int]) -> dict[Path, str]:
    """Copies of /etc/passwd and /etc/group with further system users, each with its group."""
    mounts = {}
    for path, line in (
        ("/etc/passwd", "{name}:x:{number}:{number}::/nonexistent:/usr/sbin/nologin\n"),
        ("/etc/group", "{name}:x:{number}:\n"),
    ):
        copy = folder / Path(path).name
        more = "".join(line.format(name=name, number=number) for name, number in users)
        copy.write_text(Path(path).read_text("utf-8") + more, "utf-8")
        copy.chmod(0o644)
        mounts[copy] = path
    return mounts
