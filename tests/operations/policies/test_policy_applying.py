"""Labels evaluated, put in force once, taken back, and evaluated again on other versions."""

from typing import Any

import pytest

from cultivar.core.errors import Conflict, CultivarError, GateClosed, NotPermitted, NotReady
from cultivar.core.policies.assigning import difference
from cultivar.operations.policies.application import apply_labels
from cultivar.operations.policies.evaluation import (
    current_application,
    evaluate,
    locations_to_apply,
)
from cultivar.operations.policies.label_changes import changes_between
from cultivar.operations.policies.policies import switch_policy, update_policy
from cultivar.operations.policies.undo import (
    begin_undo,
    finish_undo,
    locations_to_undo,
    undo_location,
    undone_on_record,
)
from cultivar.store.tables import ClassifierRow
from cultivar.store.workspace import Workspace
from tests.operations.organisation import (
    ADMINISTRATOR,
    CONTRACT,
    NOISE,
    Document,
    Organisation,
    documents,
)
from tests.operations.policing import (
    ACTIONS,
    MATCH,
    apply,
    label,
    labels_in_force,
    make,
    matches,
    pass_gates,
    publish_and_label,
    retrained,
)

CONTENT = [*documents(NOISE, 220, "everyday", 9000), *documents(CONTRACT, 30, "legal", 9000)]


@pytest.fixture
def labelled(stable: Organisation) -> Organisation:
    publish_and_label(stable)
    return stable


@pytest.fixture
def workspace(labelled: Organisation) -> Workspace:
    return labelled.workspace


def paths(workspace: Workspace) -> list[str]:
    return [row["path"] for row in labels_in_force(workspace)]


def expected(workspace: Workspace, *predictions: str) -> set[str]:
    return {path for path, found in matches(workspace).items() if found in predictions}


def undo(workspace: Workspace, **what: Any) -> int:
    undone = begin_undo(workspace, ADMINISTRATOR, **what)
    found = [
        undo_location(workspace, ADMINISTRATOR, name, undone)
        for name in locations_to_undo(workspace, undone)
    ]
    finish_undo(workspace, ADMINISTRATOR, undone)
    return sum(found)


@pytest.mark.requirement("RT-14", "RT-15")
def test_each_match_gets_the_label_with_its_evidence_and_a_close_match_none(
    workspace: Workspace,
) -> None:
    make(workspace)
    found = apply(workspace)
    rows = labels_in_force(workspace)
    assert {row["path"] for row in rows} == expected(workspace, "match") != set()
    assert found.counts["labels"] == found.counts["added"] == len(rows)
    assert found.counts["items"] == 250
    with workspace.registry.reading() as session:
        live = session.get_one(ClassifierRow, "contracts").published_version_id
        row = current_application(session, "intranet")
    assert row is not None
    assert (row.actor, row.number) == (ADMINISTRATOR, 1)
    for each in rows:
        assert each["label"] == "Contract, 10 years"
        assert (each["policy_id"], each["policy_version"]) == ("keep-contracts", 1)
        assert (each["classifier_id"], each["version_id"]) == ("contracts", live)
        assert each["score"] > 0
        assert each["application"] == 1


def test_nothing_is_due_twice_and_a_second_run_assigns_nothing(workspace: Workspace) -> None:
    assert locations_to_apply(workspace, ADMINISTRATOR) == []
    make(workspace)
    assert locations_to_apply(workspace, ADMINISTRATOR) == ["intranet"]
    apply(workspace)
    assert locations_to_apply(workspace, ADMINISTRATOR) == []
    again = evaluate(workspace, ADMINISTRATOR, "intranet")
    assert again.changes.rows == 0
    assert again.counts["unchanged"] == again.counts["labels"]


def test_a_run_killed_before_its_transaction_leaves_nothing_and_its_repetition_all(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(workspace)
    found = evaluate(workspace, ADMINISTRATOR, "intranet")
    pass_gates(workspace, found)
    with monkeypatch.context() as patch:
        patch.setattr(
            "cultivar.operations.policies.application.activate",
            lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt()),
        )
        with pytest.raises(KeyboardInterrupt):
            apply_labels(workspace, ADMINISTRATOR, found)
    with workspace.registry.reading() as session:
        assert current_application(session, "intranet") is None
    again = evaluate(workspace, ADMINISTRATOR, "intranet")
    assert again == found
    assert apply_labels(workspace, ADMINISTRATOR, again) == 1
    with pytest.raises(Conflict):
        apply_labels(workspace, ADMINISTRATOR, again)
    listed = paths(workspace)
    assert len(listed) == len(set(listed)) == found.counts["labels"]


def test_only_what_is_new_is_assigned_anew(labelled: Organisation) -> None:
    workspace = labelled.workspace
    make(workspace)
    apply(workspace)
    before = {row["path"]: row["application"] for row in labels_in_force(workspace)}
    gone = CONTENT[-1].path
    labelled.add("intranet", [*CONTENT[:-1], *documents(CONTRACT, 3, "legal", 9900)])
    with pytest.raises(NotReady) as refusal:
        evaluate(workspace, ADMINISTRATOR, "intranet")
    assert refusal.value.code == "not-labelled"
    label(workspace)
    found = apply(workspace)
    after = {row["path"]: row["application"] for row in labels_in_force(workspace)}
    assert found.counts["added"] == len(set(after) - set(before))
    assert set(before) - set(after) <= {gone}
    assert {after[path] for path in set(before) & set(after)} == {1}
    assert {after[path] for path in set(after) - set(before)} == {2}


def test_an_item_that_cannot_be_read_is_never_labelled(labelled: Organisation) -> None:
    workspace = labelled.workspace
    broken = Document("broken/file.pdf", "", status="corrupt")
    labelled.add("intranet", [broken, *CONTENT])
    label(workspace)
    make(workspace, condition={"or": [{"not": MATCH}, MATCH]})
    apply(workspace)
    assert set(paths(workspace)) == {document.path for document in CONTENT}


def test_not_a_match_reaches_what_was_scored_and_not_listed(workspace: Workspace) -> None:
    make(workspace, condition={"and": [{"not": MATCH}, {"folder": "legal"}]})
    apply(workspace)
    legal = {document.path for document in CONTENT if document.path.startswith("legal/")}
    assert set(paths(workspace)) == legal - expected(workspace, "match")


def test_a_score_below_what_is_listed_stays_unknown(workspace: Workspace) -> None:
    low = {"classifier": "contracts", "at_least": 0.0}
    make(workspace, condition={"or": [low, {"not": low}]})
    apply(workspace)
    assert set(paths(workspace)) == expected(workspace, "match", "close match")


def test_both_sorts_of_policy_label_one_item(workspace: Workspace) -> None:
    for kind in ACTIONS:
        make(workspace, kind=kind, name=kind)
    apply(workspace)
    assert len(paths(workspace)) == 3 * len(expected(workspace, "match"))


@pytest.mark.parametrize("gate", ["labels", "label_changes"])
def test_a_shut_gate_keeps_labels_from_being_applied(labelled: Organisation, gate: str) -> None:
    workspace = labelled.workspace
    make(workspace)
    found = evaluate(workspace, ADMINISTRATOR, "intranet")
    with pytest.raises(GateClosed):
        apply_labels(workspace, ADMINISTRATOR, found)
    pass_gates(workspace, found)
    artifact = found.labels if gate == "labels" else found.changes
    labelled.finds(gate, artifact, None, ["broken"])
    with pytest.raises(GateClosed) as refusal:
        apply_labels(workspace, ADMINISTRATOR, found)
    assert refusal.value.facts["gates"] == [gate]


def test_a_policy_changed_meanwhile_is_not_applied(workspace: Workspace) -> None:
    make(workspace)
    found = evaluate(workspace, ADMINISTRATOR, "intranet")
    pass_gates(workspace, found)
    update_policy(workspace, ADMINISTRATOR, "keep-contracts", {"priority": 2})
    with pytest.raises(Conflict):
        apply_labels(workspace, ADMINISTRATOR, found)


def test_another_policy_version_is_applied_once_its_difference_is_accepted(
    workspace: Workspace,
) -> None:
    make(workspace)
    apply(workspace)
    before = paths(workspace)
    action = {**ACTIONS["retention label"], "label": "Other"}
    update_policy(workspace, ADMINISTRATOR, "keep-contracts", {"action": action})
    found = evaluate(workspace, ADMINISTRATOR, "intranet")
    pass_gates(workspace, found)
    assert found.counts["changed"] == len(before)
    assert not found.only_adds
    for accepted in ((), ("000000000000",)):
        with pytest.raises(NotReady) as refusal:
            apply_labels(workspace, ADMINISTRATOR, found, accepted)
        assert refusal.value.code == "difference-not-accepted"
    assert paths(workspace) == before
    apply_labels(workspace, ADMINISTRATOR, found, [found.token])
    rows = labels_in_force(workspace)
    assert {(row["label"], row["policy_version"], row["application"]) for row in rows} == {
        ("Other", 2, 2)
    }


@pytest.mark.requirement("RT-31")
def test_on_republish_past_labels_are_evaluated_again_and_the_difference_shown_first(
    workspace: Workspace,
) -> None:
    make(workspace)
    apply(workspace)
    scores = sorted(row["score"] for row in labels_in_force(workspace))
    middle = {"classifier": "contracts", "at_least": float(scores[len(scores) // 2])}
    update_policy(workspace, ADMINISTRATOR, "keep-contracts", {"condition": middle})
    narrowed = evaluate(workspace, ADMINISTRATOR, "intranet")
    apply(workspace, narrowed.token)
    before = set(paths(workspace))
    version = retrained(workspace)
    found = evaluate(workspace, ADMINISTRATOR, "intranet")
    pass_gates(workspace, found)
    changes = workspace.artifacts.read(found.changes).to_pylist()
    removed = {row["path"] for row in changes if row["change"] == "removed"}
    added = {row["path"] for row in changes if row["change"] == "added"}
    assert found.reconsidered
    assert removed or added
    apply_labels(workspace, ADMINISTRATOR, found, [found.token])
    assert set(paths(workspace)) == (before - removed) | added
    assert {row["version_id"] for row in labels_in_force(workspace)} <= {version}


@pytest.mark.requirement("RT-31")
def test_what_a_republished_version_adds_waits_too_and_a_new_policys_labels_do_not(
    workspace: Workspace,
) -> None:
    make(workspace, condition={"classifier": "contracts", "at_least": 1.0})
    assert not apply(workspace).needs_acceptance
    retrained(workspace)
    make(workspace, kind="sensitivity label", name="Secret")
    found = evaluate(workspace, ADMINISTRATOR, "intranet")
    assert found.counts["added"] > 0
    assert (found.counts["removed"], found.counts["changed"]) == (0, 0)
    assert found.needs_acceptance
    assert found.only_adds
    assert found.why_it_waits == (
        "At intranet, other versions of classifiers would take back 0 labels, change 0 and add "
        f"{found.counts['added']}."
    )
    pass_gates(workspace, found)
    with pytest.raises(NotReady) as refusal:
        apply_labels(workspace, ADMINISTRATOR, found)
    assert refusal.value.code == "difference-not-accepted"
    apply_labels(workspace, ADMINISTRATOR, found, [found.token])


def test_a_disabled_policys_labels_go_once_that_is_accepted(workspace: Workspace) -> None:
    make(workspace)
    apply(workspace)
    switch_policy(workspace, ADMINISTRATOR, "keep-contracts", False)
    found = evaluate(workspace, ADMINISTRATOR, "intranet")
    pass_gates(workspace, found)
    with pytest.raises(NotReady):
        apply_labels(workspace, ADMINISTRATOR, found)
    apply_labels(workspace, ADMINISTRATOR, found, [found.token])
    assert paths(workspace) == []


def test_undoing_a_policy_version_takes_back_its_labels_and_no_others(
    workspace: Workspace,
) -> None:
    make(workspace)
    make(workspace, kind="sensitivity label", name="Secret")
    apply(workspace)
    count = len(expected(workspace, "match"))
    assert undo(workspace, policy="Keep contracts", reason="too broad") == count
    assert {row["policy_id"] for row in labels_in_force(workspace)} == {"secret"}
    assert len(paths(workspace)) == count
    assert undo(workspace, policy="Keep contracts") == 0
    apply(workspace)
    assert {row["policy_id"] for row in labels_in_force(workspace)} == {"secret"}
    assert {row["application"] for row in labels_in_force(workspace)} == {1}
    update_policy(workspace, ADMINISTRATOR, "keep-contracts", {"priority": 2})
    apply(workspace)
    assert len(paths(workspace)) == 2 * count


def test_undoing_a_classifier_version_takes_back_what_it_decided(workspace: Workspace) -> None:
    make(workspace)
    apply(workspace)
    version = labels_in_force(workspace)[0]["version_id"]
    assert undo(workspace, classifier_version=version) == len(expected(workspace, "match"))
    assert paths(workspace) == []
    apply(workspace)
    assert paths(workspace) == []


def test_who_may_not_undo_does_not_take_labels_back_either(workspace: Workspace) -> None:
    make(workspace)
    apply(workspace)
    subject = begin_undo(workspace, ADMINISTRATOR, policy="Keep contracts").subject
    with pytest.raises(NotPermitted):
        undone_on_record(workspace, "nobody", subject)
    assert undone_on_record(workspace, ADMINISTRATOR, subject).subject == subject


def test_undo_falls_through_to_the_next_policy_only_by_an_application(
    workspace: Workspace,
) -> None:
    make(workspace)
    make(workspace, name="Second", priority=2, action=ACTIONS["retention label"])
    apply(workspace)
    assert {row["policy_id"] for row in labels_in_force(workspace)} == {"keep-contracts"}
    undo(workspace, policy="keep-contracts")
    assert paths(workspace) == []
    assert locations_to_apply(workspace, ADMINISTRATOR) == ["intranet"]
    apply(workspace)
    assert {row["policy_id"] for row in labels_in_force(workspace)} == {"second"}


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ({}, "nothing-to-undo"),
        ({"policy": "a", "classifier_version": "b"}, "nothing-to-undo"),
        ({"policy": "a"}, "unknown-policy"),
        ({"policy": "keep-contracts", "version": 7}, "unknown-policy-version"),
        ({"classifier_version": "b"}, "unknown-version"),
    ],
)
def test_what_cannot_be_undone_is_named(
    workspace: Workspace, what: dict[str, Any], code: str
) -> None:
    make(workspace)
    with pytest.raises(CultivarError) as refusal:
        begin_undo(workspace, ADMINISTRATOR, **what)
    assert refusal.value.code == code


def test_the_comparison_on_disk_agrees_with_the_cores(workspace: Workspace) -> None:
    make(workspace)
    make(workspace, kind="sensitivity label", name="Secret", condition={"not": MATCH})
    first = workspace.artifacts.read(evaluate(workspace, ADMINISTRATOR, "intranet").labels)
    action = {**ACTIONS["retention label"], "label": "Other"}
    update_policy(workspace, ADMINISTRATOR, "keep-contracts", {"action": action})
    update_policy(workspace, ADMINISTRATOR, "secret", {"condition": MATCH})
    second = workspace.artifacts.read(evaluate(workspace, ADMINISTRATOR, "intranet").labels)
    stated, found = difference(first, second), changes_between(first, second, {})
    assert stated.added.num_rows == found.counts["added"] > 0
    assert stated.removed.num_rows == found.counts["removed"] > 0
    assert stated.changed.num_rows == found.counts["changed"] > 0
    assert stated.unchanged == found.counts["unchanged"]
