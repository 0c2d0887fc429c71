"""Declared Arrow schemas of every artifact, by name, with a version each.

A column is added by raising the version and saying which version brought it; readers take older
files, with nulls in what they lack, and refuse a version that they do not know.
Descriptions are no part of the comparison: files written without them, or with older ones, open.
"""

from collections.abc import Mapping
from types import MappingProxyType

from cultivar.core.schemas.classifiers import (
    ACCURACY,
    COMPARISON,
    CONTENT_VERDICTS,
    FEEDBACK,
    OVERVIEW,
    PREDICTIONS,
    REVIEWS,
    SEED_SET,
    TEST_SET,
)
from cultivar.core.schemas.content import (
    BASELINE,
    CRAWL_DIFFERENCES,
    DOCUMENT_FREQUENCIES,
    ITEMS,
    UNLABELLED,
)
from cultivar.core.schemas.declaring import UTC, DeclaredSchema, description_of
from cultivar.core.schemas.labels import ASSIGNMENTS, LABEL_CHANGES, LABELS
from cultivar.core.schemas.projects import PROJECT_DOCUMENTS, PROJECT_SPLIT, PROJECT_VALIDATION

__all__ = [
    "ACCURACY",
    "ASSIGNMENTS",
    "BASELINE",
    "COMPARISON",
    "CONTENT_VERDICTS",
    "CRAWL_DIFFERENCES",
    "DOCUMENT_FREQUENCIES",
    "FEEDBACK",
    "ITEMS",
    "LABELS",
    "LABEL_CHANGES",
    "OVERVIEW",
    "PREDICTIONS",
    "PROJECT_DOCUMENTS",
    "PROJECT_SPLIT",
    "PROJECT_VALIDATION",
    "REVIEWS",
    "SCHEMAS",
    "SEED_SET",
    "TEST_SET",
    "UNLABELLED",
    "UTC",
    "DeclaredSchema",
    "description_of",
]

SCHEMAS: Mapping[str, DeclaredSchema] = MappingProxyType(
    {
        schema.name: schema
        for schema in (
            ITEMS,
            CRAWL_DIFFERENCES,
            BASELINE,
            DOCUMENT_FREQUENCIES,
            UNLABELLED,
            SEED_SET,
            TEST_SET,
            PREDICTIONS,
            REVIEWS,
            ACCURACY,
            ASSIGNMENTS,
            LABELS,
            LABEL_CHANGES,
            CONTENT_VERDICTS,
            FEEDBACK,
            COMPARISON,
            OVERVIEW,
            PROJECT_DOCUMENTS,
            PROJECT_SPLIT,
            PROJECT_VALIDATION,
        )
    }
)
