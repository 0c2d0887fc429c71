"""Which labels policies give: the order among them, people's labels, and what changes."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cultivar.core.policies.assigning import (
    LABELS,
    PEOPLES_LABELS,
    difference,
    evaluation,
    in_order,
)
from cultivar.core.policies.conditions import ClassifierIs, FolderUnder, Not, Or
from cultivar.core.policies.policy import Action, Afterwards, Kind, Policy
from cultivar.core.policies.rowwise import reaches
from tests.core.policies.strategies import CLASSIFIERS, several_policies, tables

VERSIONS = {"invoices": "invoices-1", "contracts": "contracts-4"}
NOBODY = PEOPLES_LABELS.empty_table()
ACTIONS = {
    Kind.SENSITIVITY: Action("secret"),
    Kind.RETENTION: Action("keep", 30, Afterwards.KEEP),
    Kind.COMMUNICATION: Action("tone", queue="desk"),
}


def policy(policy_id: str, kind: Kind, **changes: Any) -> Policy:
    asked = ClassifierIs("invoices")
    return replace(Policy(policy_id, 3, policy_id, kind, asked, ACTIONS[kind]), **changes)


def items(*predictions: str | None) -> pa.Table:
    count = len(predictions)
    return pa.table(
        {
            "item_id": [f"item {n}" for n in range(count)],
            "sha256": ["0" * 64] * count,
            "folder": ["/"] * count,
            "prediction:invoices": pa.array(predictions, pa.string()),
            "score:invoices": pa.array([n / 10 for n in range(count)], pa.float32()),
        }
    )


def manual(*held: tuple[str, Kind]) -> pa.Table:
    rows = [{"item_id": item, "kind": str(kind)} for item, kind in held]
    return pa.Table.from_pylist(rows, schema=PEOPLES_LABELS)


def labels(policies: Sequence[Policy], found: pa.Table, held: pa.Table = NOBODY) -> list[Any]:
    return evaluation(policies, found, VERSIONS, held).labels.to_pylist()


def test_a_match_is_labelled_with_the_evidence_for_it() -> None:
    found = labels([policy("p", Kind.RETENTION)], items("match", "close match", None, "match"))
    assert [row["item_id"] for row in found] == ["item 0", "item 3"]
    assert found[1] == {
        "item_id": "item 3",
        "sha256": "0" * 64,
        "kind": "retention label",
        "slot": "",
        "label": "keep",
        "policy_id": "p",
        "policy_version": 3,
        "classifier_id": "invoices",
        "version_id": "invoices-1",
        "score": pytest.approx(0.3),
    }


def test_a_label_that_a_person_decided_stays() -> None:
    both = [policy("p", Kind.RETENTION), policy("q", Kind.SENSITIVITY)]
    held = manual(("item 0", Kind.RETENTION))
    found = evaluation(both, items("match", "match"), VERSIONS, held)
    assert sorted((r["item_id"], r["kind"]) for r in found.labels.to_pylist()) == [
        ("item 0", "sensitivity label"),
        ("item 1", "retention label"),
        ("item 1", "sensitivity label"),
    ]
    assert found.kept_for_people == 1


@pytest.mark.parametrize(
    ("first", "second", "winner"),
    [
        ({"priority": 2}, {"priority": 1}, "b"),
        ({"action": Action("short", 10, Afterwards.KEEP)}, {}, "b"),
        ({}, {}, "a"),
        ({"priority": 1}, {"priority": 2, "action": Action("long", 99, Afterwards.KEEP)}, "a"),
    ],
)
def test_of_policies_that_exclude_one_another_the_first_in_order_wins(
    first: dict[str, Any], second: dict[str, Any], winner: str
) -> None:
    both = [policy("a", Kind.RETENTION, **first), policy("b", Kind.RETENTION, **second)]
    for order in (both, both[::-1]):
        assert [row["policy_id"] for row in labels(order, items("match"))] == [winner]


def test_communication_policies_all_flag_an_item() -> None:
    both = [policy("a", Kind.COMMUNICATION), policy("b", Kind.COMMUNICATION)]
    found = labels(both, items("match"))
    assert [(row["policy_id"], row["slot"]) for row in found] == [("a", "a"), ("b", "b")]


def test_a_label_without_a_match_names_no_classifier() -> None:
    condition = Or((FolderUnder("/a"), Not(ClassifierIs("invoices"))))
    found = labels([policy("p", Kind.SENSITIVITY, condition=condition)], items("no match"))
    assert (found[0]["classifier_id"], found[0]["score"]) == (None, None)


def test_the_difference_names_what_is_added_removed_and_changed() -> None:
    old = policy("a", Kind.SENSITIVITY)
    mail = policy("c", Kind.COMMUNICATION)
    before = evaluation([old, mail], items("match", "match", None), VERSIONS, NOBODY).labels
    new = replace(old, version=4, action=Action("top secret"))
    after = evaluation([new, mail], items(None, "match", "match"), VERSIONS, NOBODY).labels
    found = difference(before, after)
    added = [(row["item_id"], row["slot"]) for row in found.added.to_pylist()]
    assert added == [("item 2", "c"), ("item 2", "")]
    assert {row["item_id"] for row in found.removed.to_pylist()} == {"item 0"}
    assert found.changed.to_pylist() == [
        {
            "item_id": "item 1",
            "kind": "sensitivity label",
            "slot": "",
            "before": "secret",
            "after": "top secret",
        }
    ]
    assert found.unchanged == 1


def _expected(policies: Sequence[Policy], rows: list[Any], held: set[Any]) -> set[Any]:
    """Say the rule again, one item at a time."""
    given_labels = set()
    for row in rows:
        for kind in Kind:
            if (row["item_id"], kind) in held:
                continue
            hits = [p for p in policies if p.kind == kind and reaches(p.condition, row)]
            hits.sort(key=lambda p: (p.priority, -(p.action.retain_days or 0), p.policy_id))
            for hit in hits if kind == Kind.COMMUNICATION else hits[:1]:
                given_labels.add((row["item_id"], str(kind), hit.policy_id, hit.action.label))
    return given_labels


people = st.sets(
    st.tuples(st.sampled_from([f"item {n}" for n in range(8)]), st.sampled_from(Kind)), max_size=5
)


@settings(max_examples=80, deadline=None)
@given(several_policies(), tables(), people)
def test_labels_follow_the_order_for_any_policies_and_items(
    policies: list[Policy], found: pa.Table, held: set[Any]
) -> None:
    answer = evaluation(policies, found, dict.fromkeys(CLASSIFIERS, "v"), manual(*held))
    rows = answer.labels.to_pylist()
    got = [(r["item_id"], r["kind"], r["policy_id"], r["label"]) for r in rows]
    assert answer.labels.schema == LABELS
    assert len(got) == len(set(got))
    assert set(got) == _expected(policies, found.to_pylist(), held)
    without = _expected(policies, found.to_pylist(), set())
    kept = {(item, kind) for item, kind, *_ in without} & {(i, str(k)) for i, k in held}
    assert answer.kept_for_people == len(kept)
    keys = [(r["item_id"], r["kind"], r["slot"]) for r in rows]
    assert len(keys) == len(set(keys))
    assert in_order(policies[::-1]) == in_order(policies)


@settings(max_examples=40, deadline=None)
@given(several_policies(), several_policies(), tables())
def test_the_difference_leads_from_one_evaluation_to_the_other(
    first: list[Policy], second: list[Policy], found: pa.Table
) -> None:
    before, after = (evaluation(p, found, VERSIONS, NOBODY).labels for p in (first, second))
    change = difference(before, after)

    def as_map(rows: pa.Table, value: str = "label") -> dict[Any, str]:
        listed = rows.to_pylist()
        return {(r["item_id"], r["kind"], r["slot"]): r[value] for r in listed}

    state = as_map(before)
    for key in as_map(change.removed):
        del state[key]
    assert not state.keys() & as_map(change.added).keys()
    assert all(state[key] == value for key, value in as_map(change.changed, "before").items())
    state |= as_map(change.added) | as_map(change.changed, "after")
    assert state == as_map(after)
    touched = change.removed.num_rows + change.changed.num_rows
    assert change.unchanged == before.num_rows - touched
    nothing = difference(after, after)
    assert nothing.unchanged == after.num_rows
    assert nothing.added.num_rows == nothing.removed.num_rows == nothing.changed.num_rows == 0
