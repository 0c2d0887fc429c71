"""A small organisation of text files, made in a moment: two kinds of documents and everyday noise.

Its texts are drawn from word lists, so a classifier can learn them; they prove no quality.
"""

import os
import random
from dataclasses import dataclass
from pathlib import Path


def _words(listed: str) -> list[str]:
    return listed.split()


CONTRACT = _words(
    "agreement supplier party clause liability indemnity term termination notice warranty "
    "delivery purchase governing law confidentiality breach remedy invoice payment obligations "
    "schedule annex signature hereby thereof amendment assignment insurer penalty audit"
)
HARVEST = _words(
    "orchard apple pruning blossom harvest soil compost irrigation frost pollination bees cider "
    "rootstock grafting mulch nursery greenhouse seedling ripening picking crates weather rain "
    "sunlight variety pest mildew fungus spray yield"
)
EVERYDAY = _words(
    "meeting lunch parking printer holiday birthday kitchen travel hotel laptop password office "
    "calendar room minutes agenda budget quarter report team coffee window door lift ticket train"
)
COMMON = _words("the of and to in for on with from that this is was are be by as at it an or")


@dataclass(frozen=True, slots=True)
class Organisation:
    """Folders on disk: content to label, seeds, and test items by declared kind."""

    content: Path
    seeds: Path
    tests: Path


def grow(
    root: Path, *, seeds: int = 60, tests: int = 220, content: int = 160, mark: str = ""
) -> Organisation:
    """Write the files; the same arguments give the same bytes and times.

    ``mark`` makes other texts of the same kinds.
    """
    made = Organisation(root / "content", root / "seeds", root / "tests")
    for folder in (made.content, made.seeds, made.tests):
        folder.mkdir(parents=True, exist_ok=True)
    for number in range(seeds):
        _write(made.seeds / f"seed-{number:03}.txt", CONTRACT, f"{mark}seed{number}")
    for number in range(tests):
        kind = "positive" if number % 2 else "negative"
        words = CONTRACT if number % 2 else (HARVEST, EVERYDAY)[number % 4 // 2]
        _write(made.tests / kind / f"item-{number:03}.txt", words, f"{mark}test{number}")
    for number in range(content):
        words = (CONTRACT, HARVEST, EVERYDAY, EVERYDAY)[number % 4]
        folder = made.content / f"shelf-{number % 5}"
        _write(folder / f"item-{number:03}.txt", words, f"{mark}content{number}")
    return made


def _write(path: Path, words: list[str], seed: str) -> None:
    draw = random.Random(seed)
    pool = words * 3 + COMMON * 2
    text = " ".join(draw.choice(pool) for _ in range(draw.randint(60, 160)))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{text} {seed}.\n", encoding="utf-8")
    moment = 1_700_000_000 + draw.randrange(10_000_000)
    os.utime(path, (moment, moment))
