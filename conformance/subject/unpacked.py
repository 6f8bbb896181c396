"""Where programs are looked for: on the PATH, then in Debian packages that are only unpacked.

Packages that conflict with each other, such as mail transport agents, cannot all be installed.
`./mailspec setup clients` unpacks them into build/packages, one folder a package, by dpkg -x.
"""

from __future__ import annotations

import os
from pathlib import Path

from conformance import paths

VARIABLE = "MAILSPEC_PACKAGES"
"""The environment variable that names another folder of unpacked packages."""

PROGRAM_FOLDERS = ("usr/bin", "usr/sbin", "bin", "sbin")
MOST_PACKAGES = 100


def folder() -> Path:
    """The folder with one folder for each package."""
    return Path(os.environ.get(VARIABLE) or paths.PACKAGE.parent / "build" / "packages")


def search_path() -> str:
    """The PATH of a client: that of the user, then the unpacked programs."""
    return os.pathsep.join([os.environ.get("PATH", os.defpath), *map(str, _program_folders())])


def _program_folders() -> list[Path]:
    try:
        packages = sorted(folder().iterdir())[:MOST_PACKAGES]
    except OSError:
        return []
    places = [each / kind for each in packages for kind in PROGRAM_FOLDERS]
    return [place for place in places if place.is_dir()]
