import pytest

from cultivar.core.learning.encoder import StaticEncoder
from cultivar.core.learning.model import Model
from cultivar.encoder import load
from tests.core.learning.material import garden


@pytest.fixture(scope="session")
def encoder() -> StaticEncoder:
    return load()


@pytest.fixture(scope="session")
def model(encoder: StaticEncoder) -> Model:
    return garden(encoder)
