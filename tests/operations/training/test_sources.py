"""A folder of test items that was added by mistake: taken out, but for what reviewers have seen."""

import pytest

from cultivar.content.locations import Source
from cultivar.core.errors import Conflict, NotFound
from cultivar.operations.audit.audit import audit_entries
from cultivar.operations.classifiers.details import classifier_details
from cultivar.operations.content.renaming import rename_location
from cultivar.operations.review.verdicts import review_state
from cultivar.operations.training.test_sets import record_test_set, start_testing
from cultivar.operations.training.test_sources import (
    build_without_source,
    source_in_use,
    uses_of_source,
)
from tests.operations.organisation import ADMINISTRATOR, Organisation


def remove(organisation: Organisation, source: Source) -> None:
    """Do as the flow does."""
    who = organisation.workspace, ADMINISTRATOR, "contracts"
    start_testing(*who, source, remove=True)
    test_set = build_without_source(*who, source)
    organisation.passes("test_set", test_set, "contracts")
    record_test_set(*who, source, test_set, remove=True)
    organisation.score("contracts")


def test_a_wrong_folder_is_taken_out_but_for_what_reviewers_have_seen(
    reviewable: Organisation,
) -> None:
    workspace = reviewable.workspace
    who = workspace, ADMINISTRATOR, "contracts"
    reviewable.review_batch("contracts")
    right = reviewable.test("contracts", site="right", start=70_000)
    assert classifier_details(*who).steps[0].items == 480
    rename_location(workspace, ADMINISTRATOR, "tests", "mistake")
    wrong = source_in_use(*who, "mistake/Documents")
    uses = uses_of_source(*who, wrong)
    assert uses.sentence == "210 test items of it go; 30 that reviewers have seen stay"

    remove(reviewable, wrong)

    after = classifier_details(*who)
    assert [(each.site, each.library) for each in after.test_sources] == [("right", "Documents")]
    assert after.steps[0].items == 270
    state = review_state(*who)
    assert (state.items, state.reviewed) == (270, 30)
    placed = {item for batch in (1, 2) for item in reviewable.presented("contracts", batch)}
    reviewable.settle("contracts")
    reviewable.review_batch("contracts")
    second = reviewable.presented("contracts", 2)
    assert len(second) == 30
    assert not placed & set(second)
    actions = [each.action for each in audit_entries(workspace, ADMINISTRATOR)]
    assert "test source removed" in actions
    with pytest.raises(Conflict) as only:
        start_testing(*who, right, remove=True)
    assert only.value.code == "only-test-source"


def test_the_only_folder_and_one_that_is_none_are_refused(reviewable: Organisation) -> None:
    who = reviewable.workspace, ADMINISTRATOR, "contracts"
    right = source_in_use(*who, "tests/Documents")
    with pytest.raises(Conflict, match=r"cultivar add-test contracts FOLDER") as only:
        start_testing(*who, right, remove=True)
    assert only.value.code == "only-test-source"
    with pytest.raises(NotFound, match=right.site) as unknown:
        source_in_use(*who, "intranet/Documents")
    assert unknown.value.code == "unknown-test-source"
    with pytest.raises(NotFound):
        start_testing(*who, Source("intranet"), remove=True)
