"""The command line: `cultivar`, one command a thing that a person can do.

It asks, shows and starts; what is allowed and what happens is decided by the operations and flows.
"""

import gc
import os
import sys

# Starting makes many objects that all stay; looking for garbage among them costs a tenth of it.
_ALLOCATIONS_BETWEEN_LOOKS = 50_000


def main() -> None:
    """Run the command line of this process and exit with 0, 1 (refused) or 2 (misused)."""
    gc.set_threshold(_ALLOCATIONS_BETWEEN_LOOKS)
    # Processes that parse documents are started by the standard library; none of them may take
    # modules from the folder in which the command was typed.
    os.environ["PYTHONSAFEPATH"] = "1"
    from flows.cli.program import run

    sys.exit(run(sys.argv[1:]))
