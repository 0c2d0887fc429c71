"""An organisation with 39 listed mails: corrected verdicts lead to a second retraining."""

from collections.abc import Sequence

import pytest

from cultivar.core.retraining.feedback import MATCH, NOT_A_MATCH
from cultivar.operations.outbox import RETRAINING_DUE, due
from cultivar.operations.retraining.candidates import Candidate
from cultivar.operations.retraining.feedback import Sent, Verdict, give_feedback
from cultivar.operations.retraining.retraining import begin_retraining
from cultivar.operations.retraining.retrainings import may_retrain, retraining_status
from cultivar.operations.retraining.withdrawals import withdraw_feedback
from tests.operations.mail import (
    CLASSIFIER,
    give,
    in_small_use,
    judged,
    listed,
    retrain,
)
from tests.operations.organisation import ADMINISTRATOR, Organisation

OPPOSITE = {MATCH: NOT_A_MATCH, NOT_A_MATCH: MATCH}


@pytest.fixture
def small(stable: Organisation) -> Organisation:
    """The classifier published and in use over a mailbox of which it lists 39 mails."""
    small = in_small_use(stable)
    assert len(listed(small)) == 39
    return small


def changed(items: Sequence[Candidate]) -> list[Verdict]:
    """Return the opposite of what the folders say: a person who sees that all was confused."""
    return [Verdict(each.item_id, OPPOSITE[each.verdict]) for each in judged(items)]


def send(organisation: Organisation, verdicts: Sequence[Verdict]) -> Sent:
    return give_feedback(organisation.workspace, ADMINISTRATOR, CLASSIFIER, verdicts)


@pytest.mark.requirement("RT-08", "RT-21", "RT-32")
def test_changed_verdicts_lead_an_organisation_with_39_listed_mails_to_a_second_retraining(
    small: Organisation,
) -> None:
    items = listed(small)
    # a person confuses the two words, sees it after the retraining, and corrects every verdict
    assert send(small, changed(items[:30])).due
    first = retrain(small)
    repeated = send(small, changed(items[:2]))
    assert repeated.kept == "2 verdicts kept: 2 repeat what retraining 1 used already."
    assert (repeated.counted, repeated.repeated, repeated.due) == (0, 2, False)
    corrected = give(small, items[:29])
    assert corrected.kept == "29 verdicts kept: 29 count towards the next retraining."
    assert (corrected.counted, corrected.missing) == (29, 1)
    last = send(small, [judged(items[29:30])[0], *judged(items[:2])])
    assert last.kept == (
        "3 verdicts kept: 1 counts towards the next retraining, 2 are on items that count already."
    )
    assert (last.counted, last.due) == (30, True)
    assert [each.subject for each in due(small.workspace, RETRAINING_DUE)] == [CLASSIFIER]
    assert retrain(small) != first
    status = retraining_status(small.workspace, ADMINISTRATOR, CLASSIFIER)
    assert [each.outcome for each in status.retrainings] == ["finished", "finished"]
    assert (status.counted, status.missing) == (0, 30)


def test_nine_new_mails_and_21_changed_verdicts_are_thirty(small: Organisation) -> None:
    items = listed(small)
    give(small, items[:30])
    retrain(small)
    sent = send(small, [*changed(items[:21]), *judged(items[21:])])
    assert sent.kept == (
        "39 verdicts kept: 30 count towards the next retraining, 9 repeat what retraining 1 used "
        "already."
    )
    assert sent.due
    assert may_retrain(small.workspace, CLASSIFIER)


def test_a_verdict_corrected_while_a_retraining_uses_it_counts_towards_the_next(
    small: Organisation,
) -> None:
    items = listed(small)
    give(small, items[:30])
    begin_retraining(small.workspace, ADMINISTRATOR, CLASSIFIER)
    sent = send(small, [*changed(items[:1]), *judged(items[1:3])])
    assert sent.kept == (
        "3 verdicts kept: 1 counts towards the next retraining, 2 repeat what retraining 1 used "
        "already."
    )
    assert sent.sentence == "A retraining runs; 1 judged item is kept for the next."


def test_taking_a_verdict_back_after_a_retraining_counts_nothing_nor_does_giving_it_again(
    small: Organisation,
) -> None:
    items = listed(small)
    give(small, items[:30])
    retrain(small)
    ids = [each.item_id for each in items[:30]]
    taken = withdraw_feedback(small.workspace, ADMINISTRATOR, CLASSIFIER, ids)
    assert (taken.counted, taken.due) == (0, False)
    again = give(small, items[:30])
    assert (again.counted, again.repeated) == (0, 30)
    assert send(small, changed(items[:30])).due
