"""One good table a gate, as Arrow with the declared types, and one planted fault a check."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from cultivar.core.schemas import SCHEMAS
from expectations import COLUMNS

NOW = datetime(2026, 5, 1, tzinfo=UTC)
Columns = dict[str, list[Any]]


def _identity(rows: int) -> Columns:
    return {
        "item_id": [f"item-{row}" for row in range(rows)],
        "workload": ["files"] * rows,
        "sha256": [f"{row:064x}" for row in range(rows)],
    }


def _stamped(rows: int) -> Columns:
    return {
        "created_at": [NOW - timedelta(days=row % 900) for row in range(rows)],
        "status": ["ok"] * (rows - 1) + ["empty"],
        "characters": [200] * (rows - 1) + [0],
    }


def _items() -> Columns:
    rows = 40
    return (
        _identity(rows)
        | _stamped(rows)
        | {
            "media_type": ["text/plain"] * rows,
            "size": [200] * rows,
            "created_source": ["modified"] * rows,
            "modified_at": [NOW] * rows,
        }
    )


def _baseline() -> Columns:
    return {
        "location": ["sites", "sites"],
        "workload": ["sharepoint", "sharepoint"],
        "media_type": ["text/plain", "text/plain"],
        "language": ["en", "de"],
        "status": ["ok", "ok"],
        "items": [90, 10],
        "bytes": [9000, 1000],
        "characters": [9000, 1000],
        "duplicates": [3, 0],
        "near_duplicates": [4, 0],
    }


def _seed_set() -> Columns:
    return _identity(61) | _stamped(61) | {"used": [True] * 60 + [False]}


def a_test_set_of(usable: int) -> Columns:
    rows = usable + 1
    return (
        _identity(rows)
        | _stamped(rows)
        | {
            "used": [True] * usable + [False],
            "seed_overlap": [0] * rows,
            "declared": [row % 2 for row in range(rows)],
        }
    )


def _predictions() -> Columns:
    rows = 100
    return {
        "item_id": [f"item-{row}" for row in range(rows)],
        "sha256": [f"{row:064x}" for row in range(rows)],
        "version_id": ["complaints-0123456789ab"] * rows,
        "score": [row / rows for row in range(rows)],
        "prediction": ["match" if row >= 50 else "no match" for row in range(rows)],
    }


def _reviews() -> Columns:
    rows = 60
    return {
        "item_id": [f"item-{row}" for row in range(rows)],
        "batch": [row // 30 for row in range(rows)],
        "position": [row % 30 for row in range(rows)],
        "version_id": ["complaints-0123456789ab"] * rows,
        "score": [0.5] * rows,
        "prediction": ["match"] * rows,
        "verdict": ["not sure"] + ["yes"] * (rows - 1),
        "relevant": [None] + [1] * (rows - 1),
    }


def _accuracy() -> Columns:
    return {
        "batch": [1, 2, 3],
        "presented": [30, 30, 30],
        "decided": [29, 30, 28],
        "agreed": [20, 25, 27],
        "accuracy": [0.69, 0.83, 0.96],
        "lower": [0.5, 0.66, 0.82],
        "upper": [0.83, 0.93, 0.99],
    }


def _assignments() -> Columns:
    return _identity(20) | {
        "classifier_id": ["complaints"] * 20,
        "version_id": ["complaints-0123456789ab"] * 20,
        "score": [0.9] * 20,
        "prediction": ["match"] * 15 + ["close match"] * 5,
    }


def _labels() -> Columns:
    rows = 20
    return _identity(rows) | {
        "kind": ["retention label"] * rows,
        "slot": [""] * rows,
        "label": ["Contract"] * rows,
        "policy_id": ["keep-contracts"] * rows,
        "policy_version": [1] * rows,
        "application": [1] * (rows - 1) + [2],
        "score": [0.9] * (rows - 1) + [None],
    }


def _label_changes() -> Columns:
    return {
        "item_id": [f"item-{row}" for row in range(20)],
        "kind": ["retention label"] * 20,
        "slot": [""] * 20,
        "change": ["changed"] * 9 + ["carried"] + ["added"] * 5 + ["removed"] * 5,
        "before": ["Letter"] * 10 + [None] * 5 + ["Letter"] * 5,
        "after": ["Contract"] * 15 + [None] * 5,
    }


def _feedback() -> Columns:
    rows = 30
    return {
        "item_id": [f"item-{row}" for row in range(rows)],
        "version_id": ["complaints-0123456789ab"] * rows,
        "score": [0.9] * rows,
        "prediction": ["match"] * 20 + ["close match"] * 10,
        "matches": [1] * rows,
        "others": [0] * (rows - 1) + [1],
        "relevant": [1] * (rows - 1) + [None],
    }


def _content_verdicts() -> Columns:
    rows = 30
    return {
        "item_id": [f"item-{row}" for row in range(rows)],
        "batch": [1] * rows,
        "version_id": ["complaints-0123456789ab"] * rows,
        "score": [0.9] * rows,
        "prediction": ["match"] * 20 + ["no match"] * 10,
        "relevant": [1, 0] * 15,
    }


def _comparison() -> Columns:
    rows = 40
    return {
        "item_id": [f"item-{row}" for row in range(rows)],
        "with_feedback": [1] * 10 + [0] * 30,
        "original": [0] * 10 + [1] * 30,
        "relevant": [1, 0] * 20,
        "fold": [row % 5 for row in range(rows)],
        "published_score": [0.8] * rows,
        "published_prediction": ["match"] * rows,
        "retrained_score": [0.2] * rows,
        "retrained_prediction": ["match"] * 20 + ["no match"] * 20,
        "flips": [0] * 20 + [1] * 20,
    }


def _overview() -> Columns:
    figures = [
        (items, version, measure)
        for items in ("items with feedback", "original items")
        for version in ("published", "retrained")
        for measure in ("precision", "recall", "accuracy", "true positives", "false positives")
    ]
    items, versions, measures = (list(each) for each in zip(*figures, strict=True))
    return {
        "items": items,
        "version": versions,
        "measure": measures,
        "size": [40] * 20,
        "estimate": [0.9] * 20,
        "lower": [0.8] * 20,
        "upper": [0.95] * 20,
    }


def _project_documents() -> Columns:
    return {
        "class_count": [1] * 29 + [0],
        "text_sha256": [f"{row:064x}" for row in range(29)] + [None],
        "characters": [200] * 29 + [0],
        "status": ["ok"] * 29 + ["empty"],
        "repeated": [0] * 28 + [1, 0],
    }


def _project_split() -> Columns:
    return {
        "text_sha256": [f"{row:064x}" for row in range(30)],
        "class_count": [1] * 30,
        "part": ["train"] * 24 + ["validation"] * 3 + ["test"] * 3,
    }


GOOD: Mapping[str, Callable[[], Columns]] = {
    "items": _items,
    "baseline": _baseline,
    "document_frequencies": lambda: {"feature": [1, 5, 9], "documents": [1, 40, 100]},
    "unlabelled": lambda: _identity(30) | {"characters": [80] * 30},
    "seed_set": _seed_set,
    "test_set": lambda: a_test_set_of(200),
    "predictions": _predictions,
    "reviews": _reviews,
    "accuracy": _accuracy,
    "assignments": _assignments,
    "labels": _labels,
    "label_changes": _label_changes,
    "feedback": _feedback,
    "content_verdicts": _content_verdicts,
    "comparison": _comparison,
    "overview": _overview,
    "project_documents": _project_documents,
    "project_split": _project_split,
    "project_validation": lambda: {"language": ["en"] * 12, "right": [1] * 10 + [0] * 2},
}

FACTS: Mapping[str, dict[str, Any]] = {
    "comparison": {"items": 40},
    "document_frequencies": {"documents": 100},
    "predictions": {"items": 100, "declared": False},
    "assignments": {"scored": 900, "listed": 20},
    "labels": {"items": 900, "listed": 20},
    "label_changes": {"changes": 20},
    "project_documents": {"kind": "single-label"},
    "project_split": {"documents": 30},
    "project_validation": {"documents": 12},
}


def facts_of(gate: str) -> dict[str, Any]:
    return {"now": NOW} | FACTS.get(gate, {})


def as_table(gate: str, columns: Columns) -> pa.Table:
    """Give columns the declared types, where their values allow it."""
    schema = SCHEMAS[gate].arrow
    arrays = {}
    for name, values in columns.items():
        try:
            arrays[name] = pa.array(values, schema.field(name).type)
        except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
            arrays[name] = pa.array(values)
    return pa.table(arrays)


def good(gate: str) -> pa.Table:
    return as_table(gate, GOOD[gate]())


def put(**values: Any) -> Callable[[Columns], Columns]:
    """Overwrite the first row of the named columns."""
    return lambda columns: (
        columns | {name: [value, *columns[name][1:]] for name, value in values.items()}
    )


def put_last(**values: Any) -> Callable[[Columns], Columns]:
    """Overwrite the last row of the named columns: the one that is not used."""
    return lambda columns: (
        columns | {name: [*columns[name][:-1], value] for name, value in values.items()}
    )


def fill(**values: Any) -> Callable[[Columns], Columns]:
    """Overwrite every row of the named columns."""
    return lambda columns: (
        columns | {name: [value] * len(columns[name]) for name, value in values.items()}
    )


def repeat(*names: str) -> Callable[[Columns], Columns]:
    """Give the first row the second row's value."""
    return lambda columns: (
        columns | {name: [columns[name][1], *columns[name][1:]] for name in names}
    )


def _only_one(**values: Any) -> Callable[[Columns], Columns]:
    """Overwrite all but the first row of the named columns."""
    return lambda columns: (
        columns
        | {name: [columns[name][0], *[value] * (len(columns[name]) - 1)]
           for name, value in values.items()}
    )  # fmt: skip


def no_rows(columns: Columns) -> Columns:
    return {name: [] for name in columns}


def without(name: str) -> Callable[[Columns], Columns]:
    return lambda columns: {key: values for key, values in columns.items() if key != name}


def first(rows: int) -> Callable[[Columns], Columns]:
    return lambda columns: {name: values[:rows] for name, values in columns.items()}


def _mostly_seeds(columns: Columns) -> Columns:
    rows = len(columns["used"])
    seeds = [row <= rows // 2 for row in range(rows)]
    return columns | {
        "seed_overlap": [int(seed) for seed in seeds],
        "used": [used and not seed for used, seed in zip(columns["used"], seeds, strict=True)],
    }


def _numbered(name: str) -> Callable[[Columns], Columns]:
    return lambda columns: columns | {name: list(range(len(columns[name])))}


def _first_third_positive(columns: Columns) -> Columns:
    used = len(columns["declared"])
    return columns | {"declared": [int(row < used // 3) for row in range(used)]}


def _too_many_seeds(_columns: Columns) -> Columns:
    return (
        _identity(501)
        | _stamped(501)
        | {"used": [True] * 501}
        | {
            "characters": [200] * 501,
            "status": ["ok"] * 501,
        }
    )


def _one_large_batch(columns: Columns) -> Columns:
    return columns | {
        "batch": [0] * 31 + [1] * 29,
        "position": [*range(31), *range(29)],
    }


def _missing(gate: str, nullable: tuple[str, ...] = ()) -> dict[str, Callable[[Columns], Columns]]:
    return {
        f"missing-{name.replace('_', '-')}": put(**{name: None})
        for name in COLUMNS[gate]
        if name not in nullable
    }


_KINDS = {"missing-column": without("item_id"), "wrong-type": _numbered("item_id")}
_WORKLOAD = {"unknown-workload": put(workload="pigeon")}
_STATUS = {"unknown-status": put_last(status="lost")}
_SHA = {"bad-sha256": put(sha256="XYZ")}
_TIMES = {"implausible-created-time": fill(created_at=datetime(2999, 1, 1, tzinfo=UTC))}
_REPEATED = {"repeated-item-id": repeat("item_id")}
_TEXT = {"no-text": put(characters=0), "characters-out-of-range": put_last(characters=-1)}

FAULTS: Mapping[str, dict[str, Callable[[Columns], Columns]]] = {
    "items": {
        "no-items": no_rows,
        "unknown-created-source": put(created_source="guess"),
        "size-out-of-range": put(size=-1),
        **_missing("items"),
        **_KINDS,
        **_WORKLOAD,
        **_STATUS,
        **_SHA,
        **_TIMES,
        **_REPEATED,
        **_TEXT,
    },
    "baseline": {
        "no-content": no_rows,
        "nothing-readable": fill(status="empty"),
        "missing-column": without("bytes"),
        "wrong-type": fill(location=7),
        "repeated-group": repeat("location", "workload", "media_type", "language", "status"),
        "unknown-status": put(status="lost"),
        "items-out-of-range": put(items=0, duplicates=0, near_duplicates=0),
        "bytes-out-of-range": put(bytes=-1),
        "characters-out-of-range": put(characters=-1),
        "duplicates-out-of-range": put(duplicates=-1),
        "near-duplicates-out-of-range": put(near_duplicates=-1),
        "duplicates-above-items": put(duplicates=91),
        "near-duplicates-above-items": put(near_duplicates=91),
        **_missing("baseline"),
        **_WORKLOAD,
    },
    "document_frequencies": {
        "no-features": no_rows,
        "missing-column": without("documents"),
        "wrong-type": lambda columns: columns | {"feature": ["one", "two", "three"]},
        "repeated-feature": repeat("feature"),
        "feature-out-of-range": put(feature=-1),
        "documents-out-of-range": put(documents=101),
        **_missing("document_frequencies"),
    },
    "unlabelled": {
        "no-unlabelled-items": no_rows,
        "no-text": put(characters=0),
        **_missing("unlabelled"),
        **_KINDS,
        **_WORKLOAD,
        **_SHA,
        **_REPEATED,
    },
    "seed_set": {
        "no-seeds": no_rows,
        "too-few-seeds": first(49),
        "too-many-seeds": _too_many_seeds,
        **_missing("seed_set"),
        **_KINDS,
        **_WORKLOAD,
        **_STATUS,
        **_SHA,
        **_TIMES,
        **_REPEATED,
        **_TEXT,
    },
    "test_set": {
        "no-test-items": no_rows,
        "nothing-usable": fill(used=False),
        "too-many-test-items": lambda _columns: a_test_set_of(10_001),
        "leaked-seed": put(seed_overlap=1),
        "seed-test-overlap": _mostly_seeds,
        "unbalanced-test-set": _first_third_positive,
        "unknown-declared": put(declared=2),
        **_missing("test_set", ("declared",)),
        **_KINDS,
        **_WORKLOAD,
        **_STATUS,
        **_SHA,
        **_TIMES,
        **_REPEATED,
        **_TEXT,
    },
    "predictions": {
        "no-predictions": no_rows,
        "missing-predictions": first(99),
        "mixed-versions": put(version_id="complaints-ba9876543210"),
        "score-out-of-range": put(score=1.5),
        "unknown-prediction": put(prediction="perhaps"),
        "unbalanced-test-set": lambda columns: (
            columns | {"prediction": ["match"] * 39 + ["no match"] * 61}
        ),
        **_missing("predictions"),
        **_KINDS,
        **_SHA,
        **_REPEATED,
    },
    "reviews": {
        "no-reviews": no_rows,
        "repeated-position": repeat("batch", "position"),
        "batch-out-of-range": put(batch=-1),
        "position-out-of-range": put(position=-1),
        "score-out-of-range": put(score=-0.5),
        "unknown-prediction": put(prediction="perhaps"),
        "unknown-verdict": put_last(verdict="whatever"),
        "unknown-relevant": put_last(relevant=2),
        "undecided-verdict": put_last(relevant=None),
        "decided-unsure": put(relevant=1),
        "batch-too-large": _one_large_batch,
        **_missing("reviews", ("relevant",)),
        "missing-verdict": put_last(verdict=None),
        **_KINDS,
        **_REPEATED,
    },
    "accuracy": {
        "no-accuracy": no_rows,
        "missing-column": without("upper"),
        "wrong-type": fill(batch="one"),
        "batch-out-of-order": put(batch=5),
        "presented-out-of-range": put(presented=0, decided=0, agreed=0),
        "agreed-out-of-range": put(agreed=-1),
        "lower-out-of-range": put(lower=-0.1),
        "upper-out-of-range": put(upper=1.1),
        "decided-above-presented": put(decided=31),
        "agreed-above-decided": put(agreed=30),
        "lower-above-accuracy": put(lower=0.7),
        "accuracy-above-upper": put(upper=0.6),
        **_missing("accuracy"),
    },
    "assignments": {
        "no-assignments": no_rows,
        "lost-assignments": first(19),
        "repeated-assignment": repeat("item_id", "classifier_id"),
        "score-out-of-range": put(score=1.5),
        "unknown-prediction": put(prediction="no match"),
        **_missing("assignments"),
        **_KINDS,
        **_WORKLOAD,
        **_SHA,
    },
    "labels": {
        "no-labels": no_rows,
        "lost-labels": first(19),
        "repeated-label": repeat("item_id", "kind", "slot"),
        "unknown-kind": put(kind="parking permit"),
        "policy-version-out-of-range": put(policy_version=0),
        "application-out-of-range": put(application=-1),
        "score-out-of-range": put(score=1.5),
        **_missing("labels", ("score",)),
        **_KINDS,
        **_WORKLOAD,
        **_SHA,
    },
    "label_changes": {
        "no-changes": no_rows,
        "lost-changes": first(19),
        "repeated-change": repeat("item_id", "kind", "slot"),
        "unknown-kind": put(kind="parking permit"),
        "unknown-change": put(change="forgotten"),
        **_missing("label_changes", ("after",)),
        "missing-after": put(after=None),
        **_KINDS,
    },
    "feedback": {
        "too-little-feedback": first(29),
        "nothing-decided": fill(relevant=None),
        "repeated-item-id": repeat("item_id"),
        "score-out-of-range": put(score=1.5),
        "matches-out-of-range": put(matches=-1),
        "others-out-of-range": put(others=-1),
        "unknown-prediction": put(prediction="no match"),
        "unknown-relevant": put(relevant=2),
        **_missing("feedback", ("relevant",)),
        **_KINDS,
    },
    "content_verdicts": {
        "no-content-verdicts": no_rows,
        "repeated-item-id": repeat("item_id"),
        "batch-out-of-range": put(batch=0),
        "score-out-of-range": put(score=1.5),
        "unknown-prediction": put(prediction="perhaps"),
        "unknown-relevant": put(relevant=2),
        **_missing("content_verdicts"),
        **_KINDS,
    },
    "comparison": {
        "nothing-compared": no_rows,
        "lost-comparisons": first(39),
        "repeated-item-id": repeat("item_id"),
        "unknown-with-feedback": put(with_feedback=2),
        "unknown-original": put(original=2),
        "unknown-relevant": put(relevant=2),
        "unknown-flips": put(flips=2),
        "fold-out-of-range": put(fold=-1),
        "published-score-out-of-range": put(published_score=1.5),
        "retrained-score-out-of-range": put(retrained_score=1.5),
        "unknown-published-prediction": put(published_prediction="perhaps"),
        "unknown-retrained-prediction": put(retrained_prediction="perhaps"),
        **_missing("comparison"),
        **_KINDS,
    },
    "overview": {
        "missing-figures": no_rows,
        "repeated-figure": repeat("items", "version", "measure"),
        "unknown-items": put(items="other items"),
        "unknown-version": put(version="candidate"),
        "unknown-measure": put(measure="charm"),
        "size-out-of-range": put(size=-1),
        "estimate-out-of-range": put(estimate=-1.0),
        "lower-out-of-range": put(lower=-1.0),
        "upper-out-of-range": put(upper=-1.0),
        **_missing("overview"),
        "missing-column": without("measure"),
        "wrong-type": fill(size="one"),
    },
    "project_documents": {
        "no-documents": no_rows,
        "nothing-readable": _only_one(status="empty"),
        "not-tagged": _only_one(class_count=0),
        **_missing("project_documents"),
        "bad-text-sha256": put(text_sha256="abc"),
        "unknown-status": put_last(status="torn"),
        "unknown-repeated": put(repeated=7),
        "several-classes": put(class_count=2),
        "document-too-long": put(characters=128_001),
        "missing-column": without("repeated"),
        "wrong-type": fill(characters="one"),
    },
    "project_split": {
        "documents-without-part": first(29),
        "nothing-trains": fill(part="test"),
        **_missing("project_split"),
        "bad-text-sha256": put(text_sha256="abc"),
        "unknown-part": put(part="secret"),
        "missing-column": without("text_sha256"),
        "class-count-out-of-range": put(class_count=0),
        "wrong-type": fill(class_count="one"),
    },
    "project_validation": {
        "validation-incomplete": first(11),
        **_missing("project_validation"),
        "unknown-right": put(right=7),
        "missing-column": without("language"),
        "wrong-type": _numbered("language"),
    },
}
