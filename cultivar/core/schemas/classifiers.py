"""Schemas of a classifier's life: seeds, tests, reviews, and what a retraining compares."""

from types import MappingProxyType

import pyarrow as pa

from cultivar.core.schemas.declaring import (
    CONTENT,
    CREATED,
    DUPLICATE_OF,
    IDENTITY,
    ITEM_ID,
    LISTED_PREDICTION,
    LOCATION,
    MESSAGE_ID,
    NEAR_DUPLICATE_OF,
    OWN_TEXT,
    PREDICTION,
    SCORE,
    STATUS,
    THREAD_ID,
    VERSION_ID,
    DeclaredSchema,
    column,
)

# by which test items of a seed's family are known
_RELATED_BY = [DUPLICATE_OF, NEAR_DUPLICATE_OF, MESSAGE_ID, THREAD_ID]

SEED_SET = DeclaredSchema(
    "seed_set",
    3,
    pa.schema(
        [
            *IDENTITY,
            *CREATED,
            STATUS,
            *CONTENT,
            column("used", pa.bool_(), "Whether the item is a seed that training learns from."),
            column(
                "skipped",
                pa.string(),
                "Why the item is not used: not among the most recently created, a duplicate, or "
                "its status; null where it is used.",
                nullable=True,
            ),
            OWN_TEXT,
            *_RELATED_BY,
        ]
    ),
    "One row is one item of the seed folder of a classifier, in the order of paths; the ones that "
    "are not used too.",
    added=MappingProxyType({OWN_TEXT.name: 2, **{each.name: 3 for each in _RELATED_BY}}),
)

TEST_SET = DeclaredSchema(
    "test_set",
    2,
    pa.schema(
        [
            *IDENTITY,
            CREATED[0],
            STATUS,
            *CONTENT,
            column("used", pa.bool_(), "Whether the item is scored and reviewed."),
            column(
                "skipped",
                pa.string(),
                "Why the item is not used: it equals or nearly equals a seed, is in the family of "
                "one (its copies, near copies and mail thread), repeats another, declares labels, "
                "or its status; null where it is used.",
                nullable=True,
            ),
            column(
                "seed_overlap",
                pa.int8(),
                "1 where the item equals or nearly equals a seed or is in the family of one, "
                "else 0.",
            ),
            column(
                "declared",
                pa.int8(),
                "What the test folder declares of the item: 1 positive, 0 negative; null where it "
                "declares nothing.",
                nullable=True,
            ),
            OWN_TEXT,
        ]
    ),
    "One row is one item of the test folders of a classifier, in the order of location and path; "
    "the ones that are not used too.",
    # A reviewer reads one item at a time.
    group_bytes=1 << 20,
    added=MappingProxyType({OWN_TEXT.name: 2}),
)

PREDICTIONS = DeclaredSchema(
    "predictions",
    1,
    pa.schema(
        [
            ITEM_ID,
            column(
                "sha256", pa.string(), "SHA-256 of the item's raw bytes, 64 hexadecimal digits."
            ),
            VERSION_ID,
            SCORE,
            PREDICTION,
        ]
    ),
    "One row is what one version says of one used test item, of one item of a release sample, or "
    "of one of the likeliest items of the content.",
)

REVIEWS = DeclaredSchema(
    "reviews",
    1,
    pa.schema(
        [
            ITEM_ID,
            column("batch", pa.int32(), "Number of the batch of the review, from 1."),
            column("position", pa.int32(), "Place of the item in the order of the review, from 0."),
            column("version_id", pa.string(), "Id of the version whose prediction was reviewed."),
            SCORE,
            PREDICTION,
            column(
                "verdict",
                pa.string(),
                "Whether the reviewer agrees with the prediction: yes, no or not sure.",
            ),
            column(
                "relevant",
                pa.int8(),
                "What the item is by that verdict: 1 relevant, 0 not relevant; null where the "
                "verdict is not sure.",
                nullable=True,
            ),
        ]
    ),
    "One row is one verdict of a closed batch, in the order of the review.",
)

ACCURACY = DeclaredSchema(
    "accuracy",
    1,
    pa.schema(
        [
            column("batch", pa.int32(), "Number of the batch, from 1."),
            column("presented", pa.int32(), "Items that this batch presented."),
            column("decided", pa.int32(), "Items of this batch that were answered yes or no."),
            column("agreed", pa.int32(), "Items of this batch that were answered yes."),
            column(
                "accuracy",
                pa.float64(),
                "Agreed by decided over all batches up to this one, from 0 to 1.",
            ),
            column("lower", pa.float64(), "Lower end of its 95 % Wilson interval, from 0 to 1."),
            column("upper", pa.float64(), "Upper end of its 95 % Wilson interval, from 0 to 1."),
        ]
    ),
    "One row is one closed batch of a review, in order.",
)

FEEDBACK = DeclaredSchema(
    "feedback",
    1,
    pa.schema(
        [
            ITEM_ID,
            LOCATION,
            column("version_id", pa.string(), "Id of the published version that was judged."),
            SCORE,
            LISTED_PREDICTION,
            column("matches", pa.int32(), "How many people say that the item is a match."),
            column("others", pa.int32(), "How many people say that it is not a match."),
            column(
                "relevant",
                pa.int8(),
                "What most of them say: 1 relevant, 0 not relevant; null where people are split.",
                nullable=True,
            ),
            column(
                "text",
                pa.large_string(),
                "What counts of the text of the item in the crawl that was judged.",
            ),
        ]
    ),
    "One row is what the standing verdicts of all people say of one item of a published version; "
    "sorted by item.",
)

CONTENT_VERDICTS = DeclaredSchema(
    "content_verdicts",
    1,
    pa.schema(
        [
            ITEM_ID,
            column("batch", pa.int32(), "Number of the batch from the content, from 1."),
            column("version_id", pa.string(), "Id of the version whose prediction was judged."),
            SCORE,
            PREDICTION,
            column(
                "relevant", pa.int8(), "What a person says of the item: 1 relevant, 0 not relevant."
            ),
            column(
                "text",
                pa.large_string(),
                "What counts of the text of the item in the crawl from which it was judged.",
            ),
        ]
    ),
    "One row is one verdict on an item of the content, of a closed batch; sorted by item. It "
    "teaches and counts towards no accuracy.",
)

COMPARISON = DeclaredSchema(
    "comparison",
    1,
    pa.schema(
        [
            ITEM_ID,
            column("with_feedback", pa.int8(), "1 where the item is one with feedback, else 0."),
            column(
                "original",
                pa.int8(),
                "1 where the item is one of the original items of the review, else 0.",
            ),
            column("relevant", pa.int8(), "What people say of it: 1 relevant, 0 not relevant."),
            column(
                "fold",
                pa.int32(),
                "Number of the fold whose model judged the item without having learned from it, "
                "from 0.",
            ),
            column(
                "published_learned",
                pa.int8(),
                "1 where the published version has learned from the item, so that a model of the "
                "fold judged in its place, else 0.",
            ),
            column(
                "published_score",
                pa.float32(),
                "Score of the item by the published version, from 0 to 1.",
            ),
            column(
                "published_prediction",
                pa.string(),
                "What the published version says: match, close match or no match.",
            ),
            column(
                "retrained_score",
                pa.float32(),
                "Score of the item by the retrained version, from 0 to 1.",
            ),
            column(
                "retrained_prediction",
                pa.string(),
                "What the retrained version says: match, close match or no match.",
            ),
            column("flips", pa.int8(), "1 where only one of the versions says match, else 0."),
            column(
                "right",
                pa.string(),
                "Which version alone is right: published or retrained; null where both or neither "
                "are.",
                nullable=True,
            ),
        ]
    ),
    "One row is what both versions of a retraining say of one judged item; items on which they "
    "differ come first.",
)

OVERVIEW = DeclaredSchema(
    "overview",
    1,
    pa.schema(
        [
            column(
                "items",
                pa.string(),
                "Set of items that it is about: items with feedback, or the original items.",
            ),
            column("version", pa.string(), "Version that it is about: published or retrained."),
            column(
                "measure",
                pa.string(),
                "What is measured: precision, recall, accuracy, true positives or false positives.",
            ),
            column("size", pa.int32(), "Number of items of the set."),
            column(
                "estimate",
                pa.float64(),
                "The figure: a share from 0 to 1, or a number of items for positives.",
            ),
            column("lower", pa.float64(), "Lower end of its 95 % interval, in the same unit."),
            column("upper", pa.float64(), "Upper end of its 95 % interval, in the same unit."),
        ]
    ),
    "One row is one figure of the overview of a retraining; a measure that is undefined has none.",
)
