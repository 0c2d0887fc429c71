"""Reads files of the sample organisation as the crawl's workers do."""

from functools import cache
from pathlib import Path

from cultivar.content.documents.parsing import Parsed, parse
from cultivar.content.limits import Limits


@cache
def read_items(folder: Path, path: str) -> list[Parsed]:
    """Items of one file, in their order."""
    return list(parse(path, (folder / path).read_bytes(), Limits()))
