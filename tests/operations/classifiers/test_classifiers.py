"""Creating classifiers, their seeds, and their training."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from random import Random

import pytest
from sqlalchemy import select

import expectations
from cultivar.content.locations import Source
from cultivar.core.errors import Conflict, GateClosed, InvalidInput, NotFound, NotReady
from cultivar.core.gates import GateResult
from cultivar.operations.classifiers.classifiers import (
    create_classifier,
    fail_training,
    id_from,
    list_classifiers,
    plan_classifier,
    restart_training,
)
from cultivar.operations.classifiers.details import classifier_details
from cultivar.operations.gates import record_gate
from cultivar.operations.outbox import due
from cultivar.operations.training.seeds import attach_seed_set, build_seed_set
from cultivar.operations.training.test_sets import start_testing
from cultivar.operations.training.training import record_version, train_version
from cultivar.store.tables import AuditRow
from tests.operations.organisation import (
    ADMINISTRATOR,
    CONTRACT,
    EPOCH,
    NOISE,
    Document,
    Organisation,
    dated,
    documents,
)


@pytest.fixture
def opted_in(organisation: Organisation) -> Organisation:
    organisation.opt_in()
    return organisation


def evaluated(organisation: Organisation, classifier: str) -> GateResult:
    """Build the seed set, evaluate its real gate, and record the result."""
    seeds = build_seed_set(organisation.workspace, ADMINISTRATOR, classifier)
    attach_seed_set(organisation.workspace, ADMINISTRATOR, classifier, seeds)
    columns = list(expectations.COLUMNS["seed_set"])
    frame = organisation.workspace.artifacts.read(seeds, columns=columns)
    result = expectations.evaluate("seed_set", frame)
    record_gate(organisation.workspace, result, classifier, seeds.sha256)
    return result


@pytest.mark.requirement("TC-03", "TC-35")
def test_creating_without_a_seed_source_is_refused(opted_in: Organisation) -> None:
    for act in (plan_classifier, create_classifier):
        with pytest.raises(InvalidInput) as refused:
            act(opted_in.workspace, ADMINISTRATOR, "Contracts", "", None)
        assert refused.value.code == "no-seed-source"


@pytest.mark.requirement("TC-34")
def test_name_and_description_are_kept_and_an_empty_name_refused(opted_in: Organisation) -> None:
    opted_in.create("Contracts")
    found = classifier_details(opted_in.workspace, ADMINISTRATOR, "contracts")
    assert (found.name, found.description) == ("Contracts", "Made for a test")
    with pytest.raises(InvalidInput) as refused:
        create_classifier(opted_in.workspace, ADMINISTRATOR, "  ", "", Source("contracts-seeds"))
    assert refused.value.code == "empty-name"


@pytest.mark.parametrize("name", ["contracts", " CONTRACTS ", "Contracts!"])
def test_a_name_is_taken_once(opted_in: Organisation, name: str) -> None:
    opted_in.create("Contracts")
    with pytest.raises(Conflict) as refused:
        create_classifier(opted_in.workspace, ADMINISTRATOR, name, "", Source("contracts-seeds"))
    assert refused.value.code == "name-taken"


def test_ids_follow_from_names_in_any_script() -> None:
    assert id_from("Supplier Contracts (EU)") == "supplier-contracts-eu"
    assert id_from("Verträge") == "vertrage"
    assert id_from("合同").startswith("classifier-")
    assert id_from("合同") != id_from("发票")
    assert len(id_from("x" * 300)) == 80
    assert id_from("x" * 300) != id_from("x" * 301)


@pytest.mark.requirement("TC-36")
def test_the_plan_counts_and_writes_nothing(opted_in: Organisation) -> None:
    found = [
        *documents(CONTRACT, 60, "Documents/seeds"),
        Document("Documents/seeds/broken.docx", "", status="corrupt"),
        Document("Documents/seeds/copy.txt", documents(CONTRACT, 1, "")[0].text),
        *documents(CONTRACT, 9, "Documents/other", 700),
    ]
    opted_in.add("site", found, "seed")
    source = Source("site", "Documents", "seeds")
    plan = plan_classifier(opted_in.workspace, ADMINISTRATOR, "Contracts", "Ours", source)
    assert (plan.found, plan.used) == (62, 60)
    assert plan.skipped == {"corrupt": 1, "duplicate": 1}
    assert plan.warnings == []
    assert list_classifiers(opted_in.workspace, ADMINISTRATOR) == []


def test_the_plan_warns_of_too_few_seeds(opted_in: Organisation) -> None:
    opted_in.add("site", documents(CONTRACT, 49, "a"), "seed")
    plan = plan_classifier(opted_in.workspace, ADMINISTRATOR, "C", "", Source("site"))
    assert any("49 usable seeds" in warning for warning in plan.warnings)


@pytest.mark.requirement("TC-29")
def test_a_seed_folder_shared_with_a_test_source_is_warned_of(opted_in: Organisation) -> None:
    opted_in.create()
    opted_in.train("contracts")
    opted_in.test("contracts", positives=5, negatives=5)
    plan = plan_classifier(
        opted_in.workspace, ADMINISTRATOR, "Other", "", Source("tests", "Documents", "positive")
    )
    assert any("shared with the test items" in warning for warning in plan.warnings)


@pytest.mark.requirement("TC-37", "TC-38")
def test_a_created_classifier_is_in_progress_and_its_training_due(opted_in: Organisation) -> None:
    opted_in.create()
    (row,) = list_classifiers(opted_in.workspace, ADMINISTRATOR)
    assert (row.status, row.owner, row.overdue) == ("In progress", ADMINISTRATOR, False)
    assert [(each.kind, each.subject) for each in due(opted_in.workspace)] == [
        ("training due", "contracts")
    ]


@pytest.mark.requirement("TC-37")
def test_a_training_of_more_than_24_hours_is_overdue(opted_in: Organisation) -> None:
    opted_in.create()
    began = opted_in.workspace.clock()
    for hours, overdue in ((23, False), (25, True)):
        later = replace(opted_in.workspace, clock=partial(began.__add__, timedelta(hours=hours)))
        (row,) = list_classifiers(later, ADMINISTRATOR)
        assert row.overdue is overdue


@pytest.mark.requirement("TC-39", "TC-40")
def test_a_built_model_asks_for_test_items_and_opens_the_details(opted_in: Organisation) -> None:
    opted_in.create()
    version = opted_in.train("contracts")
    found = classifier_details(opted_in.workspace, ADMINISTRATOR, "Contracts")
    assert found.status == "Need test items"
    assert found.candidate_version == version
    assert [(step.step, step.status) for step in found.steps] == [
        ("add test items", "Ready to test"),
        ("review items", "Not available"),
        ("publish", "Not available"),
    ]
    assert found.usable_conditions == ()
    assert due(opted_in.workspace) == []


@pytest.mark.requirement("TC-16")
def test_49_seeds_are_refused_with_their_number_and_50_accepted(opted_in: Organisation) -> None:
    opted_in.create("Few", seeds=49)
    result = evaluated(opted_in, "few")
    with pytest.raises(GateClosed) as closed:
        result.require()
    assert closed.value.code == "too-few-seeds"
    assert "49" in closed.value.sentence
    model = train_version(opted_in.workspace, "few").artifact
    with pytest.raises(GateClosed):
        record_version(opted_in.workspace, ADMINISTRATOR, "few", model)
    opted_in.create("Enough", seeds=50)
    assert evaluated(opted_in, "enough").opens


@pytest.mark.requirement("TC-18")
def test_of_520_seeds_the_newest_500_are_processed_and_20_listed(opted_in: Organisation) -> None:
    minutes = list(range(520))
    Random(3).shuffle(minutes)
    when = {place: EPOCH + timedelta(minutes=each) for place, each in enumerate(minutes)}
    opted_in.add("site", dated(documents(CONTRACT, 520, "seeds"), when), "seed")
    create_classifier(opted_in.workspace, ADMINISTRATOR, "Many", "", Source("site", "seeds"))
    seeds = build_seed_set(opted_in.workspace, ADMINISTRATOR, "many")
    table = opted_in.workspace.artifacts.read(seeds, columns=["created_at", "used", "skipped"])
    rows = table.to_pylist()
    oldest = sorted(each["created_at"] for each in rows)[:20]
    skipped = [each for each in rows if not each["used"]]
    assert sorted(each["created_at"] for each in skipped) == oldest
    assert {each["skipped"] for each in skipped} == {"not among the 500 most recently created"}
    assert evaluated(opted_in, "many").opens


@pytest.mark.requirement("TC-26", "TC-27")
def test_weak_seeds_count_as_positives_like_any_other(opted_in: Organisation) -> None:
    found = [*documents(CONTRACT, 50, "seeds"), *documents(NOISE, 10, "seeds/weak", 400)]
    opted_in.add("site", found, "seed")
    create_classifier(opted_in.workspace, ADMINISTRATOR, "Mixed", "", Source("site", "seeds"))
    assert evaluated(opted_in, "mixed").opens
    seeds = build_seed_set(opted_in.workspace, ADMINISTRATOR, "mixed")
    table = opted_in.workspace.artifacts.read(seeds)
    assert sum(table.column("used").to_pylist()) == 60
    assert not {"weight", "label", "relevant"} & set(table.column_names)


@pytest.mark.requirement("TC-15")
def test_who_picked_the_seeds_is_kept(opted_in: Organisation) -> None:
    opted_in.create()
    opted_in.train("contracts")
    with opted_in.workspace.registry.reading() as session:
        attached = session.scalars(select(AuditRow).where(AuditRow.action == "seeds attached"))
        assert [(row.actor, row.details["items"]) for row in attached] == [(ADMINISTRATOR, 60)]


def test_a_failed_training_says_why_and_can_be_taken_up(opted_in: Organisation) -> None:
    opted_in.create()
    moved = fail_training(opted_in.workspace, ADMINISTRATOR, "contracts", "49 seeds.")
    assert moved.after == "Failed"
    found = classifier_details(opted_in.workspace, ADMINISTRATOR, "contracts")
    assert found.status_reason == "49 seeds."
    restart_training(opted_in.workspace, ADMINISTRATOR, "contracts")
    opted_in.train("contracts")
    (row,) = list_classifiers(opted_in.workspace, ADMINISTRATOR)
    assert (row.status, row.status_reason) == ("Need test items", None)


def test_training_twice_gives_one_version(opted_in: Organisation) -> None:
    opted_in.create()
    version = opted_in.train("contracts")
    model = train_version(opted_in.workspace, "contracts").artifact
    again, _ = record_version(opted_in.workspace, ADMINISTRATOR, "contracts", model, "review")
    assert again == version
    details = classifier_details(opted_in.workspace, ADMINISTRATOR, "contracts")
    assert [each.number for each in details.versions] == [1]


def test_training_waits_for_seeds_and_baseline(opted_in: Organisation) -> None:
    opted_in.create()
    with pytest.raises(NotReady) as refused:
        train_version(opted_in.workspace, "contracts")
    assert refused.value.code == "no-seed-set"


@pytest.mark.requirement("TC-04", "TC-20")
def test_adding_test_items_before_there_is_a_model_is_refused(opted_in: Organisation) -> None:
    opted_in.create()
    with pytest.raises(NotReady) as refused:
        start_testing(opted_in.workspace, ADMINISTRATOR, "contracts", Source("contracts-seeds"))
    assert refused.value.code == "wrong-status"
    assert "once its model is built" in refused.value.sentence


def test_a_name_in_other_letters_is_found_as_it_is_written(opted_in: Organisation) -> None:
    opted_in.create("ÄRZTEBRIEFE")
    found = classifier_details(opted_in.workspace, ADMINISTRATOR, "ÄRZTEBRIEFE")
    assert found.id == "arztebriefe"


def test_a_folder_that_holds_nothing_offers_near_matches(opted_in: Organisation) -> None:
    opted_in.add("site", documents(CONTRACT, 60, "Documents/seeds"), "seed")
    source = Source("site", "Documents", "seed")
    with pytest.raises(NotFound) as refused:
        plan_classifier(opted_in.workspace, ADMINISTRATOR, "Contracts", "", source)
    assert refused.value.code == "empty-folder"
    assert "Did you mean Documents/seeds?" in refused.value.sentence


def test_an_unknown_classifier_offers_near_matches(opted_in: Organisation) -> None:
    opted_in.create("Contracts")
    with pytest.raises(NotFound) as refused:
        classifier_details(opted_in.workspace, ADMINISTRATOR, "contrats")
    assert refused.value.code == "unknown-classifier"
    assert "Did you mean Contracts?" in refused.value.sentence
