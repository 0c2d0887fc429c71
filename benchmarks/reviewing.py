"""How long a reviewer waits for the next item, and for a verdict, in a test set of 10,000 items.

``python -m benchmarks.reviewing`` prints median and slowest; it measures and asserts nothing.
"""

import argparse
import statistics
import sys
import tempfile
import time

from cultivar.operations.review.items import next_items
from cultivar.operations.review.verdicts import open_batch, record_verdict
from cultivar.settings import read_settings
from cultivar.store.workspace import Workspace, open_workspace
from tests.operations.organisation import (
    ADMINISTRATOR,
    CONTRACT,
    NOISE,
    Document,
    Organisation,
    written,
)

WORDS = 1_200  # about 8 KB an item


def _documents(kind: list[str], count: int, folder: str) -> list[Document]:
    return [
        Document(f"Documents/{folder}/{number:05d}.txt", written(kind, number + 5_000, WORDS))
        for number in range(count)
    ]


def _prepare(workspace: Workspace, count: int) -> str:
    from cultivar.content.locations import Source  # noqa: PLC0415

    organisation = Organisation(workspace)
    organisation.opt_in()
    classifier = organisation.create()
    organisation.train(classifier)
    half = count // 2
    documents = [*_documents(CONTRACT, half, "positive"), *_documents(NOISE, half, "negative")]
    organisation.add("tests", documents, "test")
    organisation.add_test(classifier, Source("tests", "Documents"))
    open_batch(workspace, ADMINISTRATOR, classifier)
    return classifier


def main() -> int:
    """Run the measurements and print them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reviewing", description=__doc__)
    parser.add_argument("--items", type=int, default=10_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cultivar-benchmark-") as scratch:
        settings = read_settings({"CULTIVAR_HOME": scratch, "CULTIVAR_USER": ADMINISTRATOR})
        with open_workspace(settings) as workspace:
            classifier = _prepare(workspace, options.items)
            shown, kept = [], []
            for _ in range(25):
                asked = time.perf_counter()
                item = next_items(workspace, ADMINISTRATOR, classifier, 1)[0]
                shown.append((time.perf_counter() - asked) * 1e3)
                told = time.perf_counter()
                record_verdict(workspace, ADMINISTRATOR, classifier, item.item_id, "yes")
                kept.append((time.perf_counter() - told) * 1e3)
    for name, found in (("next item", shown), ("verdict", kept)):
        print(
            f"{name} of {options.items:,}: median {statistics.median(found):.0f} ms, "
            f"slowest {max(found):.0f} ms"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
