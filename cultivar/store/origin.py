"""Where an artifact comes from, as its file states it, and the name that follows from its content.

Touches neither files nor the registry.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

import cultivar
from cultivar.core.learning.format import FORMAT
from cultivar.core.reference import ArtifactReference

MODEL = "model"
CODE_VERSION = f"{cultivar.__version__}+format{FORMAT}"


class Producer(StrEnum):
    """Who makes artifacts, as their files say; what was made before is found by it."""

    CRAWL = "crawl"
    OPT_IN = "opt_in"
    SEED_INGEST = "seed_ingest"
    TEST_SCORING = "test_scoring"
    REVIEW_GATE = "review_gate"
    RELEASE_REPORT = "release_report"
    LABELLING = "labelling"
    POLICIES = "policies"
    UNDO = "undo"
    RETRAIN = "retrain"
    PROJECT_IMPORT = "project_import"
    PROJECT_TRAINING = "project_training"
    STORE_SWEEP = "store_sweep"


Inputs: TypeAlias = Mapping[str, ArtifactReference | str]


@dataclass(frozen=True, slots=True)
class Origin:
    """Who made an artifact, and from what.

    ``inputs`` maps a part (``seed_set``, ``unlabelled``, ...) to the artifact taken for it. They
    and the producer stand in the file; the run stands in the registry alone, as the same work
    must give the same bytes.
    """

    producer: str
    inputs: Inputs = field(default_factory=dict)
    run_id: str | None = None

    @property
    def hashes(self) -> dict[str, str]:
        """The sha256 of each input, by part."""
        return {
            part: each if isinstance(each, str) else each.sha256
            for part, each in self.inputs.items()
        }

    def header(self, schema_name: str, version: int) -> dict[str, Any]:
        """Return the header that an artifact carries: its schema, maker and inputs."""
        return {
            "schema": schema_name,
            "schema_version": version,
            "producer": self.producer,
            "code_version": CODE_VERSION,
            "inputs": self.hashes,
        }


def path_of(schema_name: str, sha256: str) -> str:
    """Return an artifact's path below the store's root, which follows from its content."""
    suffix = "safetensors" if schema_name == MODEL else "parquet"
    return f"{schema_name}/{sha256[:2]}/{sha256}.{suffix}"
