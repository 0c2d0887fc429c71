"""Verdicts from the content beside ASReview's ELAS u4, on real screening of literature.

``python -m benchmarks.screening`` prints, for each review, the work saved over sampling at 95 % of
the relevant records (WSS@95). Both begin with the same two records, one relevant, and see the same
others. ELAS u4 is ASReview's own simulation (``asreview simulate``), in an environment of its own:
the variable ``ASREVIEW`` names its executable. It learns again from every record. Cultivar shows
ten at a time, as ``cultivar seeds suggest`` does until ten relevant records are known, the fewest
seeds that a classifier takes, and ``cultivar review NAME --from content`` from then on, which draws
the rest of a batch of 30 again after ten verdicts and learns a version from each batch.
``--kept FOLDER`` keeps what ASReview answered.
"""

import argparse
import csv
import json
import os
import sqlite3
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.corpora import folder
from cultivar.core.learning import features, quick, rounds
from cultivar.core.learning.rounds import NEGATIVE, POSITIVE, UNLABELLED, Material
from cultivar.core.learning.solver import Rows
from cultivar.core.learning.text import document_frequencies
from cultivar.core.learning.writing.forms import folding_of
from cultivar.core.limits import BATCH_SIZE as BATCH
from cultivar.core.review.content_batch import AT_HAND, RENEWED_AFTER
from cultivar.core.seeds.suggestion import Language, Sought, row_of
from cultivar.encoder import load

RECALL = 0.95
SEEDS = 10

Marks = npt.NDArray[np.bool_]
Order = list[int]
Places = npt.NDArray[np.int64]


class Screening:
    """One review's records: ``relevant`` are those that it finally included."""

    def __init__(self, name: str, texts: list[str], relevant: Marks) -> None:
        self.name, self.texts, self.relevant = name, texts, relevant

    def start(self, draw: int) -> Order:
        """Return the two records that both begin with: one relevant, one not."""
        generator = np.random.default_rng([draw, len(self.texts)])
        sides = (np.flatnonzero(self.relevant == side) for side in (True, False))
        return [int(generator.choice(side)) for side in sides]

    def saved(self, order: Order, start: Order) -> float:
        """Return WSS@95 of an order of records; the first ones are no part of it."""
        rest = [row for row in order if row not in start]
        found = np.cumsum(self.relevant[rest])
        wanted = np.ceil(RECALL * (self.relevant.sum() - 1))
        read = int(np.argmax(found >= wanted)) + 1
        return 1.0 - read / (len(self.texts) - len(start)) - (1.0 - RECALL)


def screenings() -> Iterator[Screening]:
    """Yield each review of the corpus."""
    table = pq.read_table(folder() / "screening_reviews.parquet")
    reviews = np.asarray(table.column("review").to_pylist(), dtype=object)
    for name in sorted(set(reviews)):
        rows = table.filter(pa.array(reviews == name))
        relevant = np.array([label == "included" for label in rows.column("label").to_pylist()])
        yield Screening(name, rows.column("text").to_pylist(), relevant)


def elas(review: Screening, start: Order, draw: int, executable: str) -> Order:
    """Return the order in which ASReview's simulation shows the records."""
    with tempfile.TemporaryDirectory(prefix="cultivar-screening-") as scratch:
        records, project = Path(scratch) / "records.csv", Path(scratch) / "answer.asreview"
        with records.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(("title", "abstract", "included"))
            for text, relevant in zip(review.texts, review.relevant, strict=True):
                title, _, abstract = text.partition("\n\n")
                writer.writerow((title, abstract, int(relevant)))
        subprocess.run(
            [executable, "simulate", str(records), "--ai", "elas_u4", "--seed", str(draw),
             "--prior-idx", *map(str, start), "--output", str(project)],
            cwd=scratch, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        database = Path(scratch) / "results.db"
        database.write_bytes(zipfile.ZipFile(project).read("results.db"))
        with sqlite3.connect(database) as answer:
            return [
                row for (row,) in answer.execute("select record_id from results order by rowid")
            ]


class Content:
    """A review's records as the product sees content, and what a person said of them."""

    def __init__(self, review: Screening) -> None:
        texts = pa.array(review.texts, pa.large_string())
        frequencies = features.inverse_frequencies(document_frequencies(texts), len(texts))
        self.rows: Rows = Language(load(), frequencies, folding_of()).rows(texts)
        self.relevant = review.relevant

    def order(self, start: Order, seeds: int, renewed: int, draw: int) -> Order:
        """Return the order in which records are judged, until enough of them are found."""
        judged, picked = list(start), list(start)
        wanted = np.ceil(RECALL * (self.relevant.sum() - 1)) + 1
        hand, closed = self._likest(start[0]), 0
        while self.relevant[judged].sum() < wanted:
            known = int(self.relevant[judged].sum())
            if known < seeds:
                picked, closed = judged, len(judged) - BATCH
            elif len(judged) - closed >= BATCH:
                hand, closed = self._top(judged, picked, draw), len(judged)
            left = np.setdiff1d(hand, judged)
            values = self._learned(judged, left, draw)
            judged = judged + left[np.argsort(-values, kind="stable")[:renewed]].tolist()
        return judged

    def _likest(self, row: int) -> Places:
        likeness = Sought.of(row_of(self.rows, row)).likeness(self.rows)
        return np.argsort(-likeness, kind="stable")[:AT_HAND]

    def _learned(self, judged: Order, left: Places, draw: int) -> npt.NDArray[np.float64]:
        return quick.fit(self.rows, self._roles(judged), draw).decide(self.rows, left)

    def _roles(self, judged: Order) -> npt.NDArray[np.int8]:
        roles = np.full(len(self.rows), UNLABELLED, np.int8)
        roles[judged] = np.where(self.relevant[judged], POSITIVE, NEGATIVE)
        return roles

    def _top(self, judged: Order, picked: Order, draw: int) -> Places:
        """Return what a version ranks first; those after the picked were chosen by their score."""
        roles = self._roles(judged)
        left = np.flatnonzero(roles == UNLABELLED)
        if len(left) <= AT_HAND:
            return left
        chosen = roles != UNLABELLED
        chosen[picked] = False
        learned = rounds.learn(Material(self.rows, roles, chosen), draw)
        values = learned.linear.decide(self.rows, left)
        return left[np.argsort(-values, kind="stable")[:AT_HAND]]


def _kept(path: Path | None, review: Screening, start: Order, draw: int) -> Order:
    if path is not None and path.exists():
        return [int(row) for row in json.loads(path.read_text(encoding="utf-8"))]
    order = elas(review, start, draw, os.environ["ASREVIEW"])
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(order), encoding="utf-8")
    return order


def main() -> None:
    """Print a line a review, then the means."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--draws", type=int, default=3, help="of the first two records")
    parser.add_argument("--renewed", type=int, default=RENEWED_AFTER, help="records shown at once")
    parser.add_argument(
        "--seeds", type=int, default=SEEDS, help="relevant ones before it is a classifier"
    )
    parser.add_argument("--reviews", nargs="+", help="these alone")
    parser.add_argument("--kept", type=Path, help="folder for what ASReview answered")
    said = parser.parse_args()
    print(f"{'WSS@95':<28}{'records':>8}{'relevant':>9}{'ELAS u4':>9}{'Cultivar':>9}")
    lines = []
    for review in screenings():
        if said.reviews and review.name not in said.reviews:
            continue
        content, found = Content(review), []
        for draw in range(said.draws):
            start = review.start(draw)
            path = said.kept and said.kept / f"{review.name}-{draw}.json"
            orders = (
                _kept(path, review, start, draw),
                content.order(start, said.seeds, said.renewed, draw),
            )
            found.append([review.saved(order, start) for order in orders])
        lines.append(np.mean(found, axis=0))
        counts = f"{len(review.texts):>8,}{review.relevant.sum():>9}"
        print(f"{review.name:<28}{counts}{lines[-1][0]:9.3f}{lines[-1][1]:9.3f}", flush=True)
    rival, own = np.mean(lines, axis=0)
    print(f"{f'mean of {len(lines)}':<45}{rival:9.3f}{own:9.3f}, ratio {own / rival:.2f}")


if __name__ == "__main__":
    main()
