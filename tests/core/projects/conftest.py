"""Tagged texts from word lists, which a model can learn; they prove no quality."""

import random

import pytest

from cultivar.core.learning.encoder import StaticEncoder
from cultivar.core.projects.names import Kind
from cultivar.core.projects.training import Documents, TrainingData
from cultivar.encoder import load
from tests.small import COMMON, CONTRACT, EVERYDAY, HARVEST

WORDS = {"contract": CONTRACT, "everyday": EVERYDAY, "harvest": HARVEST}
CLASSES = tuple(WORDS)


def texts(count: int, kind: Kind = Kind.SINGLE, seed: int = 0) -> tuple[list[str], list[list[str]]]:
    """Return texts and their tags, the classes in turn; with several labels every third has two."""
    generator = random.Random(seed)
    found, tags = [], []
    for number in range(count):
        names = [CLASSES[number % 3]]
        if kind is Kind.MULTI and number % 3 == 0:
            names.append(CLASSES[1])
        words = [word for name in names for word in generator.choices(WORDS[name], k=12)]
        words += generator.choices(COMMON, k=12)
        generator.shuffle(words)
        found.append(" ".join(words))
        tags.append(names)
    return found, tags


def documents(count: int, kind: Kind = Kind.SINGLE, seed: int = 0) -> Documents:
    """Return ``texts`` as the learner takes them."""
    import pyarrow as pa

    found, tags = texts(count, kind, seed)
    return Documents(pa.array(found, pa.large_string()), tags)


def given_of(kind: Kind, count: int = 60, seed: int = 0) -> TrainingData:
    """Return training and validation documents."""
    return TrainingData(kind, CLASSES, documents(count, kind), documents(12, kind, seed=1), seed)


@pytest.fixture(scope="session")
def encoder() -> StaticEncoder:
    """Return the encoder that ships."""
    return load()
