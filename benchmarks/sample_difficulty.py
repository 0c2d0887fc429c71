"""How hard the sample organisation is: what documents share, and what a plain model makes of it.

``python -m benchmarks.sample_difficulty`` writes the organisation into a temporary folder, reads
every file back as a crawl does, and prints one row a kind; it asserts nothing. The organisation is
synthetic: the figures say that the sample is no child's play, and nothing about Cultivar's quality.

*Overlap* is containment: the word 5-grams that two documents of a kind have in common, over those
of the shorter one; a row shows the largest and the mean of each document's closest neighbour.
*F1, test set*: TF-IDF of word 1-2-grams and logistic regression, trained on 50 items of the kind
and 50 others drawn from all items outside of the kind's test set, and tested on that set, which is
balanced and many of whose negatives quote the kind; mean and spread over the draws.
*F1, at random*: the same training, tested on the kind's other items and as many random others.
"""

import argparse
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.pipeline import make_pipeline

from cultivar.content.documents.parsing import parse
from cultivar.content.limits import Limits
from data.sample import Entry, Manifest, generate
from data.sample.originality import largest_overlaps

EXAMPLES = 50
_FEWEST = 2 * EXAMPLES


@dataclass(frozen=True, slots=True)
class Sample:
    """An item that is neither broken nor a copy, and its text as the crawl reads it."""

    entry: Entry
    text: str


def read_samples(target: Path, manifest: Manifest) -> Iterator[Sample]:
    """Read the unique items of a generated organisation.

    Raises:
        ValueError: when an item that the manifest calls good cannot be read.
    """
    mailboxes: dict[str, list[str | None]] = {}
    for entry in manifest:
        if not entry.unique:
            continue
        if entry.path not in mailboxes:
            content = (target / entry.path).read_bytes()
            mailboxes[entry.path] = [row.text for row in parse(entry.path, content, Limits())]
        text = mailboxes[entry.path][int(entry.member or 0)]
        if text is None:
            msg = f"{entry.path} {entry.member} has no text"
            raise ValueError(msg)
        yield Sample(entry, text)


def overlaps(samples: Sequence[Sample], kind: str) -> list[float]:
    """Containment of each of a kind's documents with the closest before it, 0 to 1."""
    return largest_overlaps(sample.text for sample in samples if sample.entry.kind == kind)


def held_out_scores(samples: Sequence[Sample], kind: str, draws: int = 5) -> list[float]:
    """F1 on the kind's test set for each draw of the training items; none without a test set."""
    tests = [s for s in samples if s.entry.role == "test" and s.entry.classifier == kind]
    rest = [s for s in samples if not (s.entry.role == "test" and s.entry.classifier == kind)]
    if not tests:
        return []
    return [_score(_drawn(rest, kind, EXAMPLES, draw), tests, kind) for draw in range(draws)]


def random_scores(samples: Sequence[Sample], kind: str, draws: int = 5) -> list[float]:
    """F1 on the kind's remaining items and as many random others, for each draw."""
    count = sum(sample.entry.kind == kind for sample in samples)
    if count < _FEWEST:
        return []
    scores = []
    for draw in range(draws):
        drawn = _drawn(samples, kind, count, draw)
        inside, outside = drawn[:count], drawn[count:]
        train = [*inside[:EXAMPLES], *outside[:EXAMPLES]]
        scores.append(_score(train, [*inside[EXAMPLES:], *outside[EXAMPLES:]], kind))
    return scores


def _drawn(samples: Sequence[Sample], kind: str, count: int, draw: int) -> list[Sample]:
    """Items of the kind, then as many others."""
    random = Random(f"{kind}/{draw}")
    inside = [sample for sample in samples if sample.entry.kind == kind]
    outside = [sample for sample in samples if sample.entry.kind != kind]
    return random.sample(inside, count) + random.sample(outside, count)


def _score(train: Sequence[Sample], test: Sequence[Sample], kind: str) -> float:
    model = make_pipeline(
        TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2)),
        LogisticRegression(C=10, solver="liblinear"),
    )
    model.fit([s.text for s in train], [s.entry.kind == kind for s in train])
    predicted = model.predict([s.text for s in test])
    return float(f1_score([s.entry.kind == kind for s in test], predicted))


def _shown(scores: Sequence[float]) -> str:
    if not scores:
        return "-"
    return f"{statistics.mean(scores):.3f} ± {statistics.pstdev(scores):.3f}"


def table(samples: Sequence[Sample]) -> Iterator[str]:
    """Rows of the report, in Markdown."""
    yield "| kind | items | median words | largest overlap | mean | F1, test set | F1, at random |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    for kind in sorted({sample.entry.kind for sample in samples}):
        texts = [sample.text for sample in samples if sample.entry.kind == kind]
        words = statistics.median(len(text.split()) for text in texts)
        shared = overlaps(samples, kind)
        scores = (
            f"{_shown(held_out_scores(samples, kind))} | {_shown(random_scores(samples, kind))}"
        )
        yield (
            f"| {kind} | {len(texts)} | {words:.0f} | {max(shared):.2f} "
            f"| {statistics.mean(shared):.2f} | {scores} |"
        )


def main() -> None:
    """Generate, read, measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sample_difficulty")
    parser.add_argument("--seed", type=int, default=0, help="seed of the organisation")
    seed = parser.parse_args().seed
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "organisation"
        samples = list(read_samples(target, generate(target, seed)))
    for line in table(samples):
        print(line)


if __name__ == "__main__":
    main()
