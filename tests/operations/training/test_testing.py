"""Adding test items: what is left out, what is warned of, what is kept."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

import expectations
from cultivar.content.locations import Source
from cultivar.core.errors import GateClosed, InvalidInput, NotReady
from cultivar.operations.classifiers.details import StepState, classifier_details
from cultivar.operations.content.crawl_records import record_crawl
from cultivar.operations.content.locations import add_location
from cultivar.operations.gates import record_gate
from cultivar.operations.lookups import classifier_named
from cultivar.operations.outbox import due
from cultivar.operations.publishing.overrides import override_gate
from cultivar.operations.scoring.scoring import score_test_set
from cultivar.operations.training.left_out import left_out
from cultivar.operations.training.seeds import attach_seed_set, build_seed_set
from cultivar.operations.training.test_sets import (
    build_test_set,
    fail_testing,
    record_predictions,
    record_test_set,
    report_test_set,
    start_testing,
)
from cultivar.store.tables import ClassifierRow
from tests.operations.organisation import (
    ADMINISTRATOR,
    CONTRACT,
    NOISE,
    Document,
    Organisation,
    documents,
    items_table,
)


def classifier_row(organisation: Organisation) -> ClassifierRow:
    with organisation.workspace.registry.reading() as session:
        return classifier_named(session, "contracts")


def rows(organisation: Organisation, source: Source) -> list[dict[str, object]]:
    found = build_test_set(organisation.workspace, ADMINISTRATOR, "contracts", source)
    table = organisation.workspace.artifacts.read(found)
    return [row for row in table.to_pylist() if row["location"] == source.site]


@pytest.mark.requirement("TC-47", "TC-48", "TC-49")
def test_scored_test_items_are_ready_to_review(reviewable: Organisation) -> None:
    found = classifier_details(reviewable.workspace, ADMINISTRATOR, "contracts")
    assert found.status == "Ready to review"
    assert found.steps[0] == StepState("add test items", 240, "Done")
    assert found.steps[1].status == "Ready to review"
    assert due(reviewable.workspace) == []


@pytest.mark.requirement("TC-48")
def test_scoring_that_takes_more_than_an_hour_is_overdue(reviewable: Organisation) -> None:
    workspace = reviewable.workspace
    start_testing(workspace, ADMINISTRATOR, "contracts", Source("tests", "Documents"))
    began = workspace.clock()
    for minutes, overdue in ((59, False), (61, True)):
        later = replace(workspace, clock=partial(began.__add__, timedelta(minutes=minutes)))
        found = classifier_details(later, ADMINISTRATOR, "contracts")
        assert found.testing_overdue is overdue
        assert found.steps[0].status == "In progress"


@pytest.mark.requirement("TC-22")
def test_items_that_equal_or_nearly_equal_a_seed_are_left_out_and_marked(
    reviewable: Organisation,
) -> None:
    seed = documents(CONTRACT, 1, "")[0].text
    words = seed.split()
    found = [
        Document("t/same.txt", seed),
        Document("t/near.txt", " ".join([*words, "also"])),
        Document("t/apart.txt", documents(CONTRACT, 1, "", 800)[0].text),
    ]
    reviewable.add("more", found, "test")
    by_name = {str(row["name"]): row for row in rows(reviewable, Source("more", "t"))}
    assert by_name["same.txt"]["skipped"] == "equals a seed"
    assert by_name["near.txt"]["skipped"] == "nearly equals a seed"
    assert by_name["apart.txt"]["used"] is True
    overlaps = {name: row["seed_overlap"] for name, row in by_name.items()}
    assert overlaps == {"apart.txt": 0, "near.txt": 1, "same.txt": 1}


@pytest.mark.requirement("TC-22")
def test_items_in_the_family_of_a_seed_are_left_out_and_counted_like_the_seeds(
    reviewable: Organisation,
) -> None:
    workspace = reviewable.workspace
    seeds = documents(CONTRACT, 60, "Documents/seeds")
    seeds[0] = replace(seeds[0], thread_id="first@x", near_duplicate_of="a" * 32)
    table = items_table("contracts-seeds", seeds)
    crawl = workspace.artifacts.write("items", table, producer="crawl")
    record_crawl(workspace, "contracts-seeds", crawl, {"found": crawl.rows})
    attach_seed_set(
        workspace, ADMINISTRATOR, "contracts", build_seed_set(workspace, ADMINISTRATOR, "contracts")
    )
    like, other, reply = (each.text for each in documents(NOISE, 3, "", 700))
    found = [
        Document("t/like.txt", like, near_duplicate_of="a" * 32),
        Document("t/other-thread.txt", other, thread_id="b@x"),
        Document("t/reply.txt", reply, thread_id="first@x"),
    ]
    reviewable.add("more", found, "test")
    source = Source("more", "t")
    by_name = {str(row["name"]): row for row in rows(reviewable, source)}
    assert by_name["other-thread.txt"]["used"] is True
    for name in ("like.txt", "reply.txt"):
        assert by_name[name]["skipped"] == "in the family of a seed"
        assert by_name[name]["seed_overlap"] == 1
    built = build_test_set(workspace, ADMINISTRATOR, "contracts", source)
    report = report_test_set(workspace, "contracts", built)
    assert report.overlapping == 2
    assert report.selection.skipped == {"in the family of a seed": 2}


@pytest.mark.requirement("TC-22", "TC-29")
def test_testing_on_the_seed_folder_is_warned_of_and_shut(reviewable: Organisation) -> None:
    workspace = reviewable.workspace
    source = Source("contracts-seeds", "Documents")
    _, warnings = start_testing(workspace, ADMINISTRATOR, "contracts", source)
    assert any("shared with the seeds" in warning for warning in warnings)


def test_a_folder_of_seeds_is_not_added_to_a_test_set_that_stands(
    reviewable: Organisation,
) -> None:
    """The gate sees the whole test set, of which the seeds would be the smaller part."""
    before = classifier_row(reviewable).test_set_sha256
    with pytest.raises(InvalidInput) as refused:
        build_test_set(
            reviewable.workspace, ADMINISTRATOR, "contracts", Source("contracts-seeds", "Documents")
        )
    assert refused.value.code == "seed-test-overlap"
    said = refused.value.sentence
    assert "None of the 60 items of contracts-seeds/Documents can be used: 60 equal" in said
    assert "`cultivar add-test contracts FOLDER`" in said
    start_testing(
        reviewable.workspace, ADMINISTRATOR, "contracts", Source("contracts-seeds", "Documents")
    )
    fail_testing(reviewable.workspace, ADMINISTRATOR, "contracts", said)
    assert classifier_row(reviewable).test_set_sha256 == before
    [step, *_] = classifier_details(reviewable.workspace, ADMINISTRATOR, "contracts").steps
    assert (step.items, step.status) == (240, "Done")


def test_unreadable_and_repeated_items_are_listed_with_the_reason(
    reviewable: Organisation,
) -> None:
    first = documents(NOISE, 1, "t", 700)[0]
    found = [
        first,
        Document("t/zcopy.txt", first.text),
        Document("t/present.txt", documents(NOISE, 1, "", 5000)[0].text),
        Document("t/locked.pdf", "", status="encrypted"),
        Document("t/void.txt", "", status="empty"),
    ]
    reviewable.add("more", found, "test")
    reasons = Counter(row["skipped"] for row in rows(reviewable, Source("more")))
    assert reasons == {None: 1, "duplicate": 2, "encrypted": 1, "empty": 1}
    found_in = build_test_set(reviewable.workspace, ADMINISTRATOR, "contracts", Source("more"))
    equals = {
        each["path"]: each["equals"]
        for each in left_out(reviewable.workspace, "contracts", found_in)
    }
    assert equals["more/t/zcopy.txt"] == f"more/{first.path}"
    assert str(equals["more/t/present.txt"]).startswith("tests/Documents/negative/")
    assert equals["more/t/void.txt"] is None


@pytest.mark.requirement("TC-50")
def test_more_items_can_be_added_and_what_is_reviewed_stays(reviewable: Organisation) -> None:
    reviewable.review_batch("contracts", wrong=3)
    before = reviewable.presented("contracts", 1)
    reviewable.settle("contracts")
    reviewable.test("contracts", positives=20, negatives=20, site="more", start=6000)
    found = classifier_details(reviewable.workspace, ADMINISTRATOR, "contracts")
    assert found.steps[0].items == 280
    assert found.review.reviewed == 30
    assert reviewable.presented("contracts", 1) == before
    assert len(found.test_sources) == 2


def test_adding_the_same_items_again_changes_nothing(reviewable: Organisation) -> None:
    before = classifier_row(reviewable)
    source = Source("tests", "Documents")
    again = build_test_set(reviewable.workspace, ADMINISTRATOR, "contracts", source)
    assert again.sha256 == before.test_set_sha256
    reviewable.add_test("contracts", source)
    after = classifier_row(reviewable)
    assert (after.test_set_sha256, after.predictions_sha256, after.status) == (
        before.test_set_sha256,
        before.predictions_sha256,
        before.status,
    )


@pytest.mark.requirement("TC-41")
def test_10001_test_items_are_refused_with_the_number_and_nothing_is_written(
    reviewable: Organisation,
) -> None:
    many = [Document(f"t/{number}.txt", f"item number {number}") for number in range(9_761)]
    reviewable.add("many", many, "test")
    before = classifier_row(reviewable).test_set_sha256
    with pytest.raises(InvalidInput) as refused:
        build_test_set(reviewable.workspace, ADMINISTRATOR, "contracts", Source("many"))
    assert refused.value.code == "too-many-test-items"
    assert "10,001" in refused.value.sentence
    assert classifier_row(reviewable).test_set_sha256 == before


@pytest.mark.requirement("TC-21", "TC-25", "TC-41")
def test_a_small_uneven_test_set_is_advised_on(organisation: Organisation) -> None:
    organisation.opt_in()
    organisation.create()
    organisation.train("contracts")
    source = organisation.test("contracts", positives=30, negatives=10)
    found = build_test_set(organisation.workspace, ADMINISTRATOR, "contracts", source)
    report = report_test_set(organisation.workspace, "contracts", found)
    assert (report.selection.used, report.declared, report.positives) == (40, 40, 30)
    assert [warning.split(";")[0][:30] for warning in report.warnings] == [
        "Publish needs 200 decided revi",
        "The test set (40 items) is sma",
        "The declared labels are uneven",
    ]


@pytest.mark.requirement("TC-42")
def test_items_need_no_labels(reviewable: Organisation) -> None:
    reviewable.add("more", documents(NOISE, 10, "plain", 600), "test")
    found = build_test_set(reviewable.workspace, ADMINISTRATOR, "contracts", Source("more"))
    table = reviewable.workspace.artifacts.read(found)
    unlabelled = [row for row in table.to_pylist() if row["declared"] is None]
    assert [row["used"] for row in unlabelled] == [True] * 10


def test_labels_are_read_from_a_file_beside_the_items(
    reviewable: Organisation, tmp_path: Path
) -> None:
    folder = tmp_path / "site"
    (folder / "lib").mkdir(parents=True)
    labels = "path,label\nsub/a.txt,positive\nb.txt,negative\n"
    (folder / "lib" / "labels.csv").write_text(labels, encoding="utf-8")
    workspace = reviewable.workspace
    add_location(workspace, ADMINISTRATOR, "files", str(folder), purpose="test")
    found = [
        Document("lib/labels.csv", labels),
        Document("lib/sub/a.txt", documents(CONTRACT, 1, "", 810)[0].text),
        Document("lib/b.txt", documents(NOISE, 1, "", 810)[0].text),
        Document("lib/c.txt", documents(NOISE, 1, "", 811)[0].text),
    ]
    items = workspace.artifacts.write("items", items_table("files", found), producer="crawl")
    record_crawl(workspace, "files", items, {})
    declared = {row["name"]: row["declared"] for row in rows(reviewable, Source("files", "lib"))}
    assert declared == {"labels.csv": None, "a.txt": 1, "b.txt": 0, "c.txt": None}
    (folder / "lib" / "labels.csv").write_bytes(b"a.txt,\xff\xfe")
    with pytest.raises(InvalidInput) as refused:
        rows(reviewable, Source("files", "lib"))
    assert refused.value.code == "bad-labels"


def test_a_folder_with_labels_declares_what_was_added_before_without_any(
    reviewable: Organisation,
) -> None:
    """So that a part that was added by mistake is mended by adding the whole."""
    for site, of_the_kind, others in (("plain", "", ""), ("sorted", "positive", "negative")):
        found = [*documents(CONTRACT, 20, of_the_kind, 7000), *documents(NOISE, 20, others, 7000)]
        reviewable.add(site, found, "test")
    reviewable.add_test("contracts", Source("plain"))
    source = Source("sorted")
    made = build_test_set(reviewable.workspace, ADMINISTRATOR, "contracts", source)
    table = reviewable.workspace.artifacts.read(made).to_pylist()
    used = Counter((row["location"], row["declared"]) for row in table if row["used"])
    assert (used["plain", 1], used["plain", 0], used["plain", None]) == (20, 20, 0)
    assert "sorted" not in {site for site, _ in used}


@pytest.mark.requirement("TC-45")
def test_a_test_folder_that_was_never_crawled_is_refused(reviewable: Organisation) -> None:
    add_location(reviewable.workspace, ADMINISTRATOR, "fresh", "memory://fresh", purpose="test")
    with pytest.raises(NotReady) as refused:
        start_testing(reviewable.workspace, ADMINISTRATOR, "contracts", Source("fresh"))
    assert refused.value.code == "not-crawled"


def unbalanced(organisation: Organisation) -> tuple[Source, str]:
    """Give a trained classifier an unbalanced test set, judged by its real gate."""
    organisation.opt_in()
    organisation.create()
    organisation.train("contracts")
    found = [
        *documents(CONTRACT, 90, "positive", 5000),
        *documents(NOISE, 10, "negative", 5000),
    ]
    organisation.add("uneven", found, "test")
    source = Source("uneven")
    start_testing(organisation.workspace, ADMINISTRATOR, "contracts", source)
    test_set = build_test_set(organisation.workspace, ADMINISTRATOR, "contracts", source)
    columns = list(expectations.COLUMNS["test_set"])
    frame = organisation.workspace.artifacts.read(test_set, columns=columns)
    result = expectations.evaluate("test_set", frame)
    assert [check.code for check in result.blocking()] == ["unbalanced-test-set"]
    record_gate(organisation.workspace, result, "contracts", test_set.sha256)
    return source, test_set.sha256


def test_an_unbalanced_test_set_is_kept_out_until_somebody_answers_for_it(
    organisation: Organisation,
) -> None:
    source, sha256 = unbalanced(organisation)
    workspace = organisation.workspace
    test_set = workspace.artifacts.reference(sha256)
    with pytest.raises(GateClosed):
        record_test_set(workspace, ADMINISTRATOR, "contracts", source, test_set)
    moved = fail_testing(workspace, ADMINISTRATOR, "contracts", "It is unbalanced.")
    assert moved.after == "Need test items"
    override_gate(
        workspace, ADMINISTRATOR, "contracts", "test_set", "Negatives are rare in our tenant"
    )
    record_test_set(workspace, ADMINISTRATOR, "contracts", source, test_set)
    organisation.score("contracts")
    found = classifier_details(workspace, ADMINISTRATOR, "contracts")
    assert found.status == "Ready to review"
    (shown,) = [gate for gate in found.gates if gate.gate == "test_set"]
    assert (shown.outcome, shown.overridden_by) == ("fail", ADMINISTRATOR)
    assert shown.override_reason == "Negatives are rare in our tenant"


def test_predictions_of_another_test_set_are_refused(reviewable: Organisation) -> None:
    workspace = reviewable.workspace
    row = classifier_row(reviewable)
    reviewable.add("more", documents(NOISE, 10, "plain", 600), "test")
    larger = build_test_set(workspace, ADMINISTRATOR, "contracts", Source("more"))
    foreign = score_test_set(
        workspace, "contracts", row.candidate_version_id or "", larger
    ).artifact
    reviewable.passes("predictions", foreign, "contracts")
    with pytest.raises(InvalidInput) as refused:
        record_predictions(workspace, ADMINISTRATOR, "contracts", foreign)
    assert refused.value.code == "wrong-predictions"
