"""The columnar evaluation says what the row-wise one says, whatever is asked of whatever items."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings

from cultivar.core.policies.columnar import reached, truths
from cultivar.core.policies.conditions import (
    And,
    ClassifierIs,
    Condition,
    FileTypeIn,
    FolderUnder,
    Not,
    Or,
    SizeIs,
    WorkloadIn,
)
from cultivar.core.policies.rowwise import reaches, truth
from tests.core.policies.strategies import conditions, tables


@settings(max_examples=200, deadline=None)
@given(conditions, tables())
def test_both_evaluations_agree_on_every_item(condition: Condition, items: pa.Table) -> None:
    rows = items.to_pylist()
    assert truths(condition, items).to_pylist() == [truth(condition, row) for row in rows]
    assert reached(condition, items).to_pylist() == [reaches(condition, row) for row in rows]


def test_columns_that_a_store_encodes_as_dictionaries_are_read() -> None:
    plain = pa.table(
        {
            "workload": ["exchange", None, "files"],
            "folder": ["/a", "/b", None],
            "name": ["x.pdf"] * 3,
        }
    )
    encoded = pa.table({name: plain[name].dictionary_encode() for name in plain.column_names})
    for condition in (WorkloadIn(("files",)), FolderUnder("/a"), FileTypeIn(("pdf",))):
        assert truths(condition, encoded).equals(truths(condition, plain))


def test_an_item_that_no_classifier_saw_is_not_labelled_for_want_of_a_match() -> None:
    row = {"prediction:invoices": None, "size": 5}
    condition = And((Not(ClassifierIs("invoices")), SizeIs(1)))
    assert truth(condition, row) is None
    assert not reaches(condition, row)
    assert reaches(Or((Not(ClassifierIs("invoices")), SizeIs(1))), row)


@pytest.mark.parametrize(
    ("at_least", "prediction", "score", "expected"),
    [
        ("match", "match", 0.9, True),
        ("match", "close match", 0.9, False),
        ("close match", "close match", 0.4, True),
        ("close match", "match", 0.9, True),
        ("close match", "no match", 0.1, False),
        (0.4, "close match", 0.4, True),
        (0.41, "close match", 0.4, False),
        (0.7, "match", float(np.float32(0.7)), True),
    ],
)
def test_a_minimum_confidence_is_a_minimum(
    at_least: str | float, prediction: str, score: float, expected: bool
) -> None:
    row = {"prediction:a": prediction, "score:a": score}
    assert truth(ClassifierIs("a", at_least), row) is expected


@pytest.mark.parametrize(
    ("folder", "found", "expected"),
    [
        ("/Finance", "/Finance", True),
        ("/Finance/", "/Finance", True),
        ("/Finance", "/Finance/2026/May", True),
        ("/Finance", "/Finances", False),
        ("/Finance", "/Old/Finance", False),
        ("/Finance", "/finance", False),
    ],
)
def test_a_folder_holds_what_lies_below_it_and_no_namesake(
    folder: str, found: str, expected: bool
) -> None:
    assert truth(FolderUnder(folder), {"folder": found}) is expected


@pytest.mark.parametrize(
    ("name", "expected"), [("a.PDF", True), ("a.pdf.txt", False), ("pdf", False), (".pdf", True)]
)
def test_a_file_type_is_the_end_of_a_name(name: str, expected: bool) -> None:
    assert truth(FileTypeIn(("pdf",)), {"name": name}) is expected
