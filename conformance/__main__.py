"""`python3 -m conformance`: the command line without its launcher."""

import sys

from conformance.cli import entry

if __name__ == "__main__":
    sys.exit(entry())
