"""`python3 -m conformance`: the command line without its launcher."""

import sys

from conformance.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
