"""Schemas of a project: its tagged documents, how they were divided, and how it validates."""

import pyarrow as pa

from cultivar.core.schemas.declaring import DeclaredSchema, column

_DOCUMENT = column(
    "document",
    pa.string(),
    "Name of the document, unique in the project: its path in the container, or what the import "
    "called it.",
)
_LANGUAGE = column(
    "language", pa.string(), "Language that the import states; empty where it states none."
)

PROJECT_DOCUMENTS = DeclaredSchema(
    "project_documents",
    1,
    pa.schema(
        [
            _DOCUMENT,
            _LANGUAGE,
            column(
                "dataset",
                pa.string(),
                "Part of the data that the import asks for: train or test; null where it leaves "
                "that open.",
                nullable=True,
            ),
            column(
                "classes",
                pa.list_(pa.string()),
                "Classes that the document is tagged with; an empty list where it is not tagged.",
            ),
            column("class_count", pa.int32(), "Number of these classes, from 0."),
            column(
                "text",
                pa.large_string(),
                "Text of the document; null where none could be read.",
                nullable=True,
            ),
            column(
                "text_sha256",
                pa.string(),
                "SHA-256 of the text, 64 hexadecimal digits; null where there is no text.",
                nullable=True,
            ),
            column(
                "characters", pa.int64(), "Length of the text in characters; 0 where there is none."
            ),
            column(
                "status", pa.string(), "ok, or how reading failed; see status in the schema items."
            ),
            column(
                "reason",
                pa.string(),
                "Why there is no text, in a few words; null where the status says it all.",
                nullable=True,
            ),
            column("repeated", pa.int8(), "1 where an earlier document has the same text, else 0."),
        ]
    ),
    "One row is one document of a project with its tags, in the order of the import.",
)

PROJECT_SPLIT = DeclaredSchema(
    "project_split",
    1,
    pa.schema(
        [
            _DOCUMENT,
            column("text_sha256", pa.string(), "SHA-256 of the text, 64 hexadecimal digits."),
            column("class_count", pa.int32(), "Number of classes of the document, at least 1."),
            column(
                "part",
                pa.string(),
                "Part of the data that the document belongs to: train, validation or test.",
            ),
        ]
    ),
    "One row is one document that takes part in a training; sorted by document.",
)

PROJECT_VALIDATION = DeclaredSchema(
    "project_validation",
    1,
    pa.schema(
        [
            _DOCUMENT,
            _LANGUAGE,
            column("tagged", pa.list_(pa.string()), "Classes that people tagged it with."),
            column("predicted", pa.list_(pa.string()), "Classes that the model gives it."),
            column(
                "scores",
                pa.list_(pa.float32()),
                "Score of each predicted class, from 0 to 1, in the order of predicted.",
            ),
            column("right", pa.int8(), "1 where both are the same classes, else 0."),
        ]
    ),
    "One row is what a model says of one validation document; of the test set nothing is kept by "
    "row.",
)
