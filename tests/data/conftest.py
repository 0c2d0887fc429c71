"""The sample organisation, written once for all tests of this room."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from data.sample import Manifest, generate


@dataclass(frozen=True, slots=True)
class Organisation:
    """A generated organisation: its folder and its held labels."""

    folder: Path
    manifest: Manifest


@pytest.fixture(scope="session")
def organisation(tmp_path_factory: pytest.TempPathFactory) -> Organisation:
    """The whole organisation of seed 0; nobody writes into it."""
    folder = tmp_path_factory.mktemp("sample") / "organisation"
    return Organisation(folder, generate(folder))
