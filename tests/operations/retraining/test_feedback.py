"""Feedback: kept whole or not at all, replaced, withdrawn, refused with what is missing."""

import pytest
from sqlalchemy import func, select

from cultivar.core.errors import CultivarError, InvalidInput, NotFound, NotPermitted, NotReady
from cultivar.core.retraining.feedback import MATCH, NOT_A_MATCH
from cultivar.core.roles import Role
from cultivar.operations.audit.audit import audit_entries
from cultivar.operations.classifiers.classifiers import grant_trainer
from cultivar.operations.outbox import RETRAINING_DUE, due
from cultivar.operations.policies.policies import create_policy, switch_policy
from cultivar.operations.publishing.publishing import publish
from cultivar.operations.retraining.candidates import Candidate
from cultivar.operations.retraining.feedback import Copied, Verdict, give_feedback
from cultivar.operations.retraining.feedback_views import (
    feedback_status,
    items_to_judge,
    own_verdicts,
)
from cultivar.operations.retraining.sends import feedback_sends, withdraw_send
from cultivar.operations.retraining.withdrawals import withdraw_feedback
from cultivar.operations.tenant.people import grant_role
from cultivar.store.tables import (
    AuditRow,
    ClassifierRow,
    FeedbackRow,
    LabellingRow,
    SuggestionRow,
    VersionRow,
)
from tests.operations.mail import (
    CLASSIFIER,
    POLICY,
    add_mail,
    allow_retention,
    give,
    judged,
    label,
    listed,
    show_close_matches,
)
from tests.operations.organisation import (
    ADMINISTRATOR,
    CONTRACT,
    Document,
    Organisation,
    documents,
)


def kept(organisation: Organisation) -> list[FeedbackRow]:
    with organisation.workspace.registry.reading() as session:
        return list(session.scalars(select(FeedbackRow).order_by(FeedbackRow.id)))


def refused(organisation: Organisation, *verdicts: Verdict) -> CultivarError:
    with pytest.raises(CultivarError) as found:
        give_feedback(organisation.workspace, ADMINISTRATOR, CLASSIFIER, verdicts)
    assert kept(organisation) == []
    return found.value


@pytest.mark.requirement("RT-07", "RT-14", "RT-15", "RT-16")
def test_matches_and_close_matches_can_be_judged_and_close_ones_come_first(
    used: Organisation,
) -> None:
    show_close_matches(used.workspace, below=0.6)
    found = listed(used)
    kinds = [each.prediction for each in found]
    assert set(kinds) == {"match", "close match"}
    assert kinds == sorted(kinds)
    assert {each.policy for each in found} == {"Keep contracts"}
    assert {each.known["workload"] for each in found} == {"exchange"}
    only = items_to_judge(used.workspace, ADMINISTRATOR, CLASSIFIER, "close match")
    assert len(only) == kinds.count("close match")


@pytest.mark.requirement("RT-19", "RT-20", "RT-21")
def test_a_send_of_many_items_keeps_who_when_and_which_version(used: Organisation) -> None:
    sent = give(used, listed(used)[:7])
    assert (sent.items, sent.counted, sent.missing, sent.due) == (7, 7, 23, False)
    rows = kept(used)
    with used.workspace.registry.reading() as session:
        live = session.get_one(ClassifierRow, CLASSIFIER).published_version_id
    assert {(row.person, row.version_id) for row in rows} == {(ADMINISTRATOR, live)}
    assert {row.verdict for row in rows} <= {MATCH, NOT_A_MATCH}
    one = give(used, listed(used)[7:8])
    assert (one.items, one.counted) == (1, 8)


@pytest.mark.requirement("RT-21")
def test_a_later_verdict_of_the_same_person_replaces_and_does_not_add(used: Organisation) -> None:
    item = listed(used)[0].item_id
    for verdict in (MATCH, NOT_A_MATCH):
        sent = give_feedback(used.workspace, ADMINISTRATOR, CLASSIFIER, [Verdict(item, verdict)])
        assert sent.counted == 1
    standing = feedback_status(used.workspace, ADMINISTRATOR, CLASSIFIER).verdicts
    assert [each.verdict for each in standing] == [NOT_A_MATCH]


def test_a_withdrawn_verdict_counts_no_more_and_is_only_ones_own(used: Organisation) -> None:
    items = listed(used)[:3]
    give(used, items)
    ids = [each.item_id for each in items]
    grant_role(used.workspace, ADMINISTRATOR, "kim", str(Role.COMPLIANCE_ADMINISTRATOR))
    grant_trainer(used.workspace, ADMINISTRATOR, CLASSIFIER, "kim")
    with pytest.raises(NotFound) as other:
        withdraw_feedback(used.workspace, "kim", CLASSIFIER, ids)
    assert other.value.code == "no-verdict"
    assert withdraw_feedback(used.workspace, ADMINISTRATOR, CLASSIFIER, ids[:2]).counted == 1
    with pytest.raises(NotFound, match="1 of 2"):
        withdraw_feedback(used.workspace, ADMINISTRATOR, CLASSIFIER, ids[1:])
    assert feedback_status(used.workspace, ADMINISTRATOR, CLASSIFIER).counted == 1


def _copies(used: Organisation) -> tuple[Candidate, dict[str, str]]:
    """Copy a listed mail to two places; return it, and the ids of both copies by path."""
    one = next(each for each in listed(used) if each.known["path"].endswith("20000.txt"))
    text = documents(CONTRACT, 1, "", 20_000)[0].text
    other = documents(CONTRACT, 1, "", 21_000)[0].text
    add_mail(
        used, [Document("a.txt", text), Document("b.txt", text), Document("c.txt", other)], "copies"
    )
    label(used.workspace)
    found = {str(each.known["path"]): each.item_id for each in listed(used)}
    return one, {path: found[path] for path in ("a.txt", "b.txt")}


def test_exact_copies_take_a_verdict_over_on_record_and_replace_none(used: Organisation) -> None:
    one, copied = _copies(used)
    workspace = used.workspace
    give_feedback(workspace, ADMINISTRATOR, CLASSIFIER, [Verdict(copied["b.txt"], NOT_A_MATCH)])
    said = [Verdict(one.item_id, MATCH)]
    assert give_feedback(workspace, ADMINISTRATOR, CLASSIFIER, said).copies == ()
    sent = give_feedback(workspace, ADMINISTRATOR, CLASSIFIER, said, copies=True)
    assert sent.copies == (Copied(copied["a.txt"], one.item_id),)
    assert (sent.items, sent.counted) == (2, 3)
    assert sent.kept.endswith("1 of them is on an exact copy of what you judged.")
    assert own_verdicts(workspace, ADMINISTRATOR, CLASSIFIER) == {
        one.item_id: MATCH,
        copied["a.txt"]: MATCH,
        copied["b.txt"]: NOT_A_MATCH,
    }
    with workspace.registry.reading() as session:
        query = select(AuditRow).where(AuditRow.action == "feedback given").order_by(AuditRow.id)
        facts = [row.details for row in session.scalars(query)]
    assert [each.get("copy_of") for each in facts] == [None, None, None, one.item_id]
    assert facts[-1]["item"] == copied["a.txt"]
    rows = {row.item_id: row for row in kept(used)}
    assert rows[copied["a.txt"]].location == "copies"


@pytest.mark.requirement("RT-08")
def test_the_30th_item_leaves_word_and_the_29th_does_not(used: Organisation) -> None:
    found = listed(used)
    assert not give(used, found[:29]).due
    assert due(used.workspace, RETRAINING_DUE) == []
    assert not give(used, found[:29]).due, "the same items again are no further ones"
    assert give(used, found[29:30]).due
    assert [each.subject for each in due(used.workspace, RETRAINING_DUE)] == [CLASSIFIER]
    withdraw_feedback(used.workspace, ADMINISTRATOR, CLASSIFIER, [found[0].item_id])
    assert due(used.workspace, RETRAINING_DUE) == []


@pytest.mark.requirement("RT-23")
def test_a_send_with_one_wrong_part_keeps_nothing(used: Organisation) -> None:
    good = judged(listed(used)[:2])
    assert refused(used, *good, Verdict("0" * 32, MATCH)).code == "not-listed"
    assert refused(used, *good, good[0]).code == "judged-twice"
    assert refused(used, good[0], Verdict(good[1].item_id, "maybe")).code == "unknown-verdict"
    assert refused(used).code == "nothing-judged"
    assert refused(used, good[0], Verdict(good[1].item_id, MATCH, ("nobody",))).code == (
        "unknown-classifier"
    )
    assert refused(used, Verdict(good[0].item_id, MATCH, (CLASSIFIER,))).code == "suggests-itself"


@pytest.mark.requirement("RT-05", "RT-06", "RT-09", "RT-13")
def test_mail_that_the_published_version_has_not_scored_is_told(used: Organisation) -> None:
    items = listed(used)
    with used.workspace.registry.transaction() as session:
        live = session.get_one(ClassifierRow, CLASSIFIER).published_version_id
        made = session.get_one(VersionRow, live)
        same = {each.key: getattr(made, each.key) for each in VersionRow.__table__.columns}
        session.add(VersionRow(**same | {"id": "contracts-later", "number": made.number + 1}))
        session.flush()
        session.get_one(ClassifierRow, CLASSIFIER).published_version_id = "contracts-later"
    with pytest.raises(NotReady, match=f"still classified by {live}.*contracts-later is live"):
        give(used, items[:1])
    with used.workspace.registry.transaction() as session:
        session.get_one(ClassifierRow, CLASSIFIER).published_version_id = live
        session.query(LabellingRow).delete()
    with pytest.raises(NotReady, match="has not scored any mail") as raised:
        give(used, items[:1])
    assert raised.value.code == "not-labelled"


def test_without_an_enabled_policy_over_mail_feedback_is_refused_with_what_is_missing(
    used: Organisation,
) -> None:
    item = judged(listed(used)[:1])[0]
    switch_policy(used.workspace, ADMINISTRATOR, "Keep contracts", enabled=False)
    found = refused(used, item)
    assert (type(found), found.code) == (NotReady, "policy-disabled")
    assert found.facts["missing"] == ["enabled retention policy"]
    standing = feedback_status(used.workspace, ADMINISTRATOR, CLASSIFIER)
    assert len(standing.not_retrainable) == 1


@pytest.mark.requirement("RT-06", "RT-09")
def test_what_is_unpublished_or_unused_names_each_missing_condition(stable: Organisation) -> None:
    item = Verdict("0" * 32, MATCH)
    with pytest.raises(NotReady) as unpublished:
        give_feedback(stable.workspace, ADMINISTRATOR, CLASSIFIER, [item])
    assert unpublished.value.facts["missing"] == ["published version", "retention policy"]
    publish(stable.workspace, ADMINISTRATOR, CLASSIFIER)
    allow_retention(stable.workspace)
    create_policy(stable.workspace, ADMINISTRATOR, POLICY)
    with pytest.raises(NotReady) as unused:
        give_feedback(stable.workspace, ADMINISTRATOR, CLASSIFIER, [item])
    assert unused.value.code == "no-exchange-location"


@pytest.mark.requirement("RT-01")
def test_feedback_on_a_built_in_classifier_is_refused(used: Organisation) -> None:
    items = judged(listed(used)[:30])
    with used.workspace.registry.transaction() as session:
        session.get_one(ClassifierRow, CLASSIFIER).kind = "built-in"
    assert refused(used, *items).code == "built-in-classifier"
    assert due(used.workspace, RETRAINING_DUE) == []


@pytest.mark.requirement("RT-03")
@pytest.mark.parametrize(
    ("role", "code"),
    [
        (Role.COMPLIANCE_ADMINISTRATOR, None),
        (Role.COMPLIANCE_DATA_ADMINISTRATOR, None),
        (Role.SECURITY_ADMINISTRATOR, "wrong-role"),
        (Role.LIST_VIEWER, "wrong-role"),
        (Role.RECORD_MANAGEMENT, "wrong-role"),
    ],
)
def test_who_may_train_may_give_feedback(used: Organisation, role: Role, code: str | None) -> None:
    item = judged(listed(used)[:1])
    grant_role(used.workspace, ADMINISTRATOR, "kim", str(role))
    grant_trainer(used.workspace, ADMINISTRATOR, CLASSIFIER, "kim")
    if code is None:
        assert give_feedback(used.workspace, "kim", CLASSIFIER, item).counted == 1
        return
    with pytest.raises(NotPermitted) as found:
        give_feedback(used.workspace, "kim", CLASSIFIER, item)
    assert found.value.code == code


@pytest.mark.requirement("RT-22", "RT-23")
def test_a_suggested_classifier_evaluates_the_item_and_the_result_is_kept_and_shown(
    used: Organisation,
) -> None:
    with used.workspace.registry.transaction() as session:
        live = session.get_one(ClassifierRow, CLASSIFIER)
        values = {
            column.name: getattr(live, column.name) for column in ClassifierRow.__table__.columns
        }
        session.add(ClassifierRow(**values | {"id": "agreements", "name": "Agreements"}))
    first, second = listed(used)[:2]
    sent = give_feedback(
        used.workspace,
        ADMINISTRATOR,
        CLASSIFIER,
        [Verdict(first.item_id, NOT_A_MATCH, ("Agreements",)), Verdict(second.item_id, MATCH)],
    )
    [found] = sent.evaluations
    assert (found.item_id, found.classifier_id) == (first.item_id, "agreements")
    # the same model says the same of the same text
    assert (found.score, found.prediction) == (first.score, first.prediction)
    shown = feedback_status(used.workspace, ADMINISTRATOR, CLASSIFIER).suggestions
    assert [(each.classifier, each.prediction) for each in shown] == [
        ("agreements", first.prediction)
    ]
    with used.workspace.registry.reading() as session:
        assert session.scalar(select(func.count()).select_from(SuggestionRow)) == 1


def test_an_unpublished_suggestion_is_refused_whole(used: Organisation) -> None:
    used.create("Invoices")
    item = listed(used)[0].item_id
    assert refused(used, Verdict(item, MATCH, ("Invoices",))).code == "not-published"


def test_an_unknown_verdict_is_an_invalid_input(used: Organisation) -> None:
    assert isinstance(refused(used, Verdict(listed(used)[0].item_id, "yes")), InvalidInput)


def test_a_wrong_file_is_taken_back_as_a_whole_and_what_stood_before_stands_again(
    used: Organisation,
) -> None:
    workspace = used.workspace
    who = workspace, ADMINISTRATOR, "contracts"
    items = [each.item_id for each in listed(used)[:6]]
    give_feedback(*who, [Verdict(each, NOT_A_MATCH) for each in items[:2]])
    give_feedback(*who, [Verdict(each, MATCH) for each in items])
    withdraw_feedback(*who, [items[5]])
    assert [(each.verdicts, each.standing) for each in feedback_sends(*who)] == [(2, 0), (6, 5)]
    taken = withdraw_send(*who, 2)
    assert taken.items == 5
    assert "2 earlier verdicts stand again" in taken.sentence
    standing = {each.item_id: each.verdict for each in feedback_status(*who).verdicts}
    assert standing == dict.fromkeys(items[:2], NOT_A_MATCH)
    with pytest.raises(NotReady) as nothing:
        withdraw_send(*who, 2)
    assert nothing.value.code == "nothing-to-take-back"
    with pytest.raises(NotFound, match="feedback contracts --sends"):
        withdraw_send(*who, 9)
    entries = [
        each.details
        for each in audit_entries(workspace, ADMINISTRATOR)
        if each.action == "feedback withdrawn" and "send" in each.details
    ]
    assert len(entries) == 5
    assert [each.get("stands_again") for each in entries].count(NOT_A_MATCH) == 2
    grant_role(workspace, ADMINISTRATOR, "kim", str(Role.COMPLIANCE_ADMINISTRATOR))
    grant_trainer(workspace, ADMINISTRATOR, "contracts", "kim")
    with pytest.raises(NotPermitted, match="alex, who alone"):
        withdraw_send(workspace, "kim", "contracts", 1)
