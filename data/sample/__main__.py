"""Command line of the generator: ``python -m data.sample TARGET``.

It reports what was written and decides nothing.
"""

import argparse
from collections import Counter
from pathlib import Path

from data.sample.generator import generate


def main() -> None:
    """Write the sample organisation into a folder and print the counts."""
    parser = argparse.ArgumentParser(prog="python -m data.sample", description=__doc__)
    parser.add_argument("target", type=Path, help="a folder that is empty or does not exist")
    parser.add_argument("--seed", type=int, default=0, help="another seed, other documents")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the main body, to 1")
    chosen = parser.parse_args()
    try:
        manifest = generate(chosen.target, chosen.seed, chosen.scale)
    except (FileExistsError, ValueError) as error:
        parser.error(str(error))
    print(f"{len(manifest)} items in {chosen.target}")
    for field in ("role", "kind", "format", "language", "broken"):
        counts = Counter(getattr(entry, field) or "-" for entry in manifest)
        figures = ", ".join(f"{name} {count}" for name, count in counts.most_common())
        print(f"{field:9} {figures}")


if __name__ == "__main__":
    main()
