"""Schemas of what is found and labelled: assignments, labels, and what changes of them."""

from types import MappingProxyType

import pyarrow as pa

from cultivar.core.schemas.declaring import (
    IDENTITY,
    ITEM_ID,
    LISTED_PREDICTION,
    LOCATION,
    PATH,
    RUNS_OF_PARTS,
    SCORE,
    SOURCE_PATH,
    VERSION_ID,
    DeclaredSchema,
    column,
)

KIND = column(
    "kind",
    pa.string(),
    "Kind of the label: sensitivity label, retention label or communication compliance.",
)
SLOT = column(
    "slot",
    pa.string(),
    "What excludes other labels of the item: empty, so that an item has one of the kind; for "
    "communication compliance the id of the policy.",
)

_ROW = column(
    "row",
    pa.int64(),
    "Number of the item's row in the items that the file was made from, from 0; null where an "
    "earlier release wrote it, or where the location was renamed since.",
    nullable=True,
)

ASSIGNMENTS = DeclaredSchema(
    "assignments",
    2,
    pa.schema(
        [
            *IDENTITY,
            column("classifier_id", pa.string(), "Id of the classifier."),
            VERSION_ID,
            SCORE,
            LISTED_PREDICTION,
            _ROW,
        ]
    ),
    "One row is one item of a location that one published version matches or nearly matches; items "
    "that do not match are counted in the registry, not listed.",
    added=MappingProxyType({_ROW.name: 2}),
)

ASSIGNMENT_PARTS = DeclaredSchema(
    "assignment_parts",
    1,
    pa.schema(RUNS_OF_PARTS),
    "One row is one run of rows of a part, an artifact of assignments, that a version lists at a "
    "location; runs stand in the order of the location's items. Each part is of one part of the "
    "items.",
    counts="rows",
)

LABELS = DeclaredSchema(
    "labels",
    1,
    pa.schema(
        [
            *IDENTITY,
            SOURCE_PATH,
            KIND,
            SLOT,
            column("label", pa.string(), "Name of the label."),
            column("policy_id", pa.string(), "Id of the policy that gave it."),
            column("policy_version", pa.int32(), "Version of that policy, from 1."),
            column(
                "classifier_id",
                pa.string(),
                "Id of the classifier whose match decided; null where the condition held without "
                "one.",
                nullable=True,
            ),
            column(
                "version_id",
                pa.string(),
                "Id of the version that matched; null where classifier_id is.",
                nullable=True,
            ),
            column(
                "score",
                pa.float32(),
                "Score of the item by that version, from 0 to 1; null where classifier_id is.",
                nullable=True,
            ),
            column(
                "application",
                pa.int32(),
                "Number of the application in the location that gave the label, which the registry "
                "dates; 0 before that.",
            ),
        ]
    ),
    "One row is one label that a policy gave to one item of a location; sorted by item, kind and "
    "slot.",
)


def _side(prefix: str, when: str, missing: str) -> list[pa.Field]:
    return [
        column(
            prefix,
            pa.string(),
            f"Name of the label {when}; null where it {missing}.",
            nullable=True,
        ),
        column(
            f"{prefix}_policy_id",
            pa.string(),
            f"Id of the policy that gives it {when}; null where there is no label.",
            nullable=True,
        ),
        column(
            f"{prefix}_policy_version",
            pa.int32(),
            f"Version of that policy, from 1; null where there is no label {when}.",
            nullable=True,
        ),
    ]


LABEL_CHANGES = DeclaredSchema(
    "label_changes",
    1,
    pa.schema(
        [
            ITEM_ID,
            LOCATION,
            PATH,
            SOURCE_PATH,
            KIND,
            SLOT,
            column(
                "change",
                pa.string(),
                "What becomes of the label: added, removed, changed, and of the same label renewed "
                "(to be written on content that was replaced) or carried (by a policy with other "
                "writers).",
            ),
            *_side("before", "before the application", "is added"),
            *_side("after", "after the application", "is removed"),
        ]
    ),
    "One row is one label of an item that an application of policies changes; sorted by item, kind "
    "and slot.",
)
