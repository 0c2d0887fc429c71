"""Artifacts as an earlier release wrote them."""

from unittest.mock import patch

import pyarrow as pa

from cultivar.core.reference import ArtifactReference
from cultivar.core.schemas import ITEMS, SCHEMAS, DeclaredSchema
from cultivar.store.artifacts import ArtifactStore


def written_as(store: ArtifactStore, version: int, rows: pa.Table) -> ArtifactReference:
    """Write items as a version of their schema had them, columns of later ones left out."""
    columns = ITEMS.at(version)
    assert columns is not None
    older = DeclaredSchema(ITEMS.name, version, columns, ITEMS.about)
    with patch("cultivar.store.parquet.SCHEMAS", {**SCHEMAS, ITEMS.name: older}):
        return store.write(ITEMS.name, rows.select(columns.names), producer="crawl")
