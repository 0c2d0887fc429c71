"""Fixtures of the content room: a folder to crawl, and a crawl that keeps its artifact."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cultivar.content.crawl.crawling import Crawl, Summary, crawl
from cultivar.content.crawl.requests import Request
from cultivar.content.limits import Limits
from cultivar.content.locations import Location
from cultivar.core.schemas import ITEMS


@dataclass(frozen=True)
class Crawled:
    """A finished crawl: its figures, its rows by path, and the artifact's file."""

    summary: Summary
    changed: bool
    table: pa.Table
    path: Path
    outcome: Crawl

    @property
    def rows(self) -> dict[str, dict[str, Any]]:
        """Every row, by path."""
        return {row["path"]: row for row in self.table.to_pylist()}

    @property
    def statuses(self) -> dict[str, str]:
        """Every row's status, by path."""
        return {path: row["status"] for path, row in self.rows.items()}


Crawler = Callable[..., Crawled]


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """An empty folder to fill and to crawl."""
    folder = tmp_path / "content"
    folder.mkdir()
    return folder


def crawl_into(
    target: Path, location: Location, previous: Crawled | None = None, **asked: Any
) -> Crawled:
    """Crawl a location, keep the artifact in ``target``, return both."""
    asked.setdefault("limits", Limits(workers=1))
    last = pq.ParquetFile(previous.path) if previous else None
    with crawl(Request(location, last, **asked)) as outcome:
        with pq.ParquetWriter(target, ITEMS.arrow) as writer:
            for batch in outcome.batches():
                writer.write_batch(batch)
        return Crawled(outcome.summary, outcome.changed, pq.read_table(target), target, outcome)


@pytest.fixture
def crawled(content: Path, tmp_path: Path) -> Crawler:
    """Crawl a location (default: the folder ``content``); see ``crawl_into``."""

    def run(
        location: Location | None = None, previous: Crawled | None = None, **asked: Any
    ) -> Crawled:
        target = tmp_path / f"items-{len(list(tmp_path.glob('items-*')))}.parquet"
        return crawl_into(target, location or Location("shelf", str(content)), previous, **asked)

    return run
