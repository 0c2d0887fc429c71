"""Conditions read from JSON, written to JSON and words, and what is wrong with the others."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cultivar.core.errors import InvalidInput
from cultivar.core.policies.condition_json import condition_as_json, condition_from_json
from cultivar.core.policies.conditions import (
    And,
    ClassifierIs,
    Condition,
    DateIs,
    FileTypeIn,
    FolderUnder,
    LocationIn,
    Not,
    Or,
    SizeIs,
    WorkloadIn,
    classifiers_of,
    confidence_asked,
    nodes,
    require_well_formed,
)
from cultivar.core.policies.rewriting import with_probabilities
from cultivar.core.policies.wording import condition_in_words
from tests.core.policies.strategies import conditions

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


@given(conditions)
def test_a_condition_reads_back_from_its_json(condition: Condition) -> None:
    text = json.dumps(condition_as_json(condition))
    assert condition_from_json(json.loads(text)) == condition


def test_every_form_reads_as_it_is_meant() -> None:
    found = condition_from_json(
        {
            "and": [
                {"classifier": "invoices", "at_least": "close match"},
                {"or": [{"classifier": "contracts", "at_least": 0.75}, {"location": ["mail"]}]},
                {"not": {"workload": ["teams", "files"]}},
                {"folder": "/Finance"},
                {"file_type": ["pdf", "tar.gz"]},
                {"size": {"at_most": 10}},
                {"created": {"since": "2026-01-01T01:00:00+01:00"}},
                {"modified": {"before": "2026-01-01T00:00:00Z"}},
                {"classifier": "letters"},
            ]
        }
    )
    assert found == And(
        (
            ClassifierIs("invoices", "close match"),
            Or((ClassifierIs("contracts", 0.75), LocationIn(("mail",)))),
            Not(WorkloadIn(("teams", "files"))),
            FolderUnder("/Finance"),
            FileTypeIn(("pdf", "tar.gz")),
            SizeIs(None, 10),
            DateIs("created", NEW_YEAR),
            DateIs("modified", None, NEW_YEAR),
            ClassifierIs("letters", "match"),
        )
    )
    assert classifiers_of(found) == ("invoices", "contracts", "letters")


DEEP: dict[str, Any] = {"classifier": "a"}
for _ in range(5000):
    DEEP = {"not": DEEP}


@pytest.mark.parametrize(
    ("found", "code", "path"),
    [
        ({}, "empty-condition", "$"),
        (None, "bad-condition", "$"),
        ([], "bad-condition", "$"),
        ("invoices", "bad-condition", "$"),
        ({"and": []}, "empty-condition", "$"),
        ({"or": {}}, "bad-condition", "$.or"),
        ({"not": {}}, "empty-condition", "$.not"),
        ({"xor": []}, "unknown-condition", "$"),
        ({1: 2}, "unknown-condition", "$"),
        ({"at_least": 0.5}, "unknown-condition", "$"),
        ({"folder": "/a", "size": {"at_least": 1}}, "bad-condition", "$"),
        ({"classifier": ""}, "empty-condition", "$"),
        ({"classifier": 7}, "bad-condition", "$.classifier"),
        ({"classifier": "a", "at_least": "maybe"}, "bad-value", "$"),
        ({"classifier": "a", "at_least": 1.01}, "bad-value", "$"),
        ({"classifier": "a", "at_least": 10**400}, "bad-value", "$"),
        ({"classifier": "a", "at_least": float("nan")}, "bad-value", "$"),
        ({"classifier": "a", "at_least": True}, "bad-condition", "$.at_least"),
        ({"location": []}, "empty-condition", "$"),
        ({"location": [""]}, "empty-condition", "$"),
        ({"location": ["a", 1]}, "bad-condition", "$.location[1]"),
        ({"workload": ["fax"]}, "bad-value", "$"),
        ({"folder": "/"}, "empty-condition", "$"),
        ({"file_type": [".pdf"]}, "bad-value", "$"),
        ({"file_type": ["PDF"]}, "bad-value", "$"),
        ({"size": {}}, "empty-condition", "$"),
        ({"size": {"at_least": -1}}, "bad-value", "$"),
        ({"size": {"at_least": 2, "at_most": 1}}, "bad-value", "$"),
        ({"size": {"at_least": 2**63}}, "bad-value", "$"),
        ({"size": {"at_least": 1.5}}, "bad-condition", "$.size"),
        ({"size": {"at_least": True}}, "bad-condition", "$.size"),
        ({"size": {"more": 1}}, "unknown-condition", "$.size"),
        ({"size": 3}, "bad-condition", "$.size"),
        ({"created": {}}, "empty-condition", "$"),
        ({"created": {"since": "yesterday"}}, "bad-value", "$.created"),
        ({"created": {"since": "2026-01-01"}}, "bad-value", "$"),
        ({"created": {"since": "0001-01-01T00:00:00+14:00"}}, "bad-value", "$.created"),
        (
            {"modified": {"since": "2026-01-02T00:00:00Z", "before": "2026-01-01T00:00:00Z"}},
            "bad-value",
            "$",
        ),
        ({"and": [{"folder": "/a"}, {"or": [{"size": {}}]}]}, "empty-condition", "$.and[1].or[0]"),
        (DEEP, "condition-too-deep", "$" + 20 * ".not"),
        ({"or": [{"folder": "/a"}] * 200}, "condition-too-large", "$.or[199]"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(found: object, code: str, path: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        condition_from_json(found)
    assert (raised.value.code, raised.value.facts["path"]) == (code, path)
    assert raised.value.sentence.startswith(f"At {path}: ")
    assert len(raised.value.sentence) < 400


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["and", "or", "not", "classifier", "at_least", "size", "folder", "x"]),
            inner,
            max_size=2,
        )
    ),
    max_leaves=8,
)


@given(json_values)
def test_any_json_is_read_or_refused_without_a_traceback(found: object) -> None:
    try:
        condition = condition_from_json(found)
    except InvalidInput:
        return
    assert condition_from_json(condition_as_json(condition)) == condition


@given(conditions)
def test_what_is_read_is_well_formed_and_nodes_have_paths_of_their_own(
    condition: Condition,
) -> None:
    assert require_well_formed(condition) is condition
    paths = [node.path for node in nodes(condition)]
    assert len(set(paths)) == len(paths)


def test_an_operating_point_stands_for_its_probability() -> None:
    asked = condition_from_json({"not": {"classifier": "contracts", "at_least": "be-sure"}})
    assert condition_from_json(condition_as_json(asked)) == asked
    assert confidence_asked(asked) == "be-sure"
    assert condition_in_words(asked) == "not (contracts is a match at the point be-sure)"
    known = with_probabilities(asked, {"contracts": {"be-sure": 0.75}})
    assert known == Not(ClassifierIs("contracts", 0.75))
    assert with_probabilities(asked, {}) == Not(ClassifierIs("contracts"))
    both = And((ClassifierIs("contracts", "be-sure"), ClassifierIs("invoices", 0.5)))
    assert confidence_asked(both) is None
    assert confidence_asked(ClassifierIs("invoices", 0.5)) == 0.5
    assert confidence_asked(ClassifierIs("invoices")) is None


def test_words_keep_and_or_and_not_apart() -> None:
    condition = And(
        (
            Or((ClassifierIs("invoices"), ClassifierIs("contracts", 0.8))),
            Not(And((FolderUnder("/Old"), SizeIs(1000, 2000)))),
            DateIs("created", NEW_YEAR),
            FileTypeIn(("pdf", "docx")),
        )
    )
    assert condition_in_words(condition) == (
        "(invoices is a match or contracts is at least 80 % sure) and "
        "not (the folder is /Old or below it and the size is at least 1,000 bytes and at most "
        "2,000 bytes) and it was created at or after 2026-01-01 00:00:00 UTC and "
        "the file type is pdf or docx"
    )


@settings(max_examples=50)
@given(conditions)
def test_every_condition_has_words(condition: Condition) -> None:
    words = condition_in_words(condition)
    assert words
    assert words.count("(") >= sum(isinstance(n.condition, Not) for n in nodes(condition))
