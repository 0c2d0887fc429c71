"""The command line: `cultivar`, one command a thing that a person can do.

It asks, shows and starts; what is allowed and what happens is decided by the operations and flows.
"""

import sys


def main() -> None:
    """Run the command line of this process and exit with 0, 1 (refused) or 2 (misused)."""
    from flows.cli.program import run

    sys.exit(run(sys.argv[1:]))
