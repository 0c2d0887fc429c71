"""The table of speed and memory: ``python -m benchmarks``.

It runs each measurement in a process of its own, one after another, and prints what they print.
"""

import os
import subprocess
import sys

MEASUREMENTS = ("crawl", "scoring", "labelling", "reviewing", "explorer", "serving")
NEEDS_CORPORA = {"scoring"}


def main() -> int:
    """Run all measurements; return 1 if one broke off."""
    failed = 0
    for name in MEASUREMENTS:
        print(f"\n== {name}", flush=True)
        if name in NEEDS_CORPORA and not os.environ.get("CULTIVAR_CORPORA"):
            print("skipped: CULTIVAR_CORPORA is not set")
            continue
        failed |= subprocess.run(
            [sys.executable, "-m", f"benchmarks.{name}"], check=False
        ).returncode
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
