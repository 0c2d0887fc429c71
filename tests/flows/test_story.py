"""What the page of a run tells: name, tags, tasks, lines, final sentence, artifacts; no content."""

import logging
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from cultivar.core.errors import GateClosed, NotReady
from cultivar.core.roles import Role
from cultivar.operations.classifiers.classifiers import create_classifier
from cultivar.operations.content import aggregation as aggregating
from cultivar.operations.content.locations import add_location, resolve_source
from cultivar.operations.policies.policies import create_policy
from cultivar.operations.policies.undo import begin_undo
from cultivar.operations.projects.training import submit_training
from cultivar.operations.publishing.overrides import state_reason
from cultivar.operations.tenant.people import grant_role
from cultivar.store.defects import debug_log
from cultivar.store.workspace import Workspace
from flows.apply_policies import apply_policies
from flows.crawl import crawl
from flows.drift import drift
from flows.labelling import labelling
from flows.lifecycle import lifecycle
from flows.opt_in import opt_in
from flows.project_training import project_training
from flows.publish import publish
from flows.review_gate import review_gate
from flows.seed_ingest import seed_ingest
from flows.sweep import sweep
from flows.test_scoring import test_scoring as score_test
from flows.training import training
from flows.undo_labels import undo_labels
from flows.write_labels import write_labels
from tests.flows.conftest import ACTOR, CLASSIFIER, NAME, answer_batch
from tests.flows.runs import Story, artifacts_of, newest_of, newest_run, story_of
from tests.operations.mail import POLICY
from tests.operations.projects.material import imported
from tests.small import grow

Begin = Callable[[str], Workspace]
TODAY = r"\d{4}-\d\d-\d\d"
OF_CLASSIFIER = f"classifier:{CLASSIFIER}"

ID = r"p-[0-9a-f]{8}"
BY_SOMEBODY = rf"asked for by {ID}"


def _tells(story: Story, name: str, ending: str, tags: set[str], tasks: set[str]) -> None:
    """Hold one page against what a person expects of every page."""
    assert re.fullmatch(name, story.run.name), story.run.name
    assert re.fullmatch(ending, story.message), story.message
    assert set(story.run.tags) == {"cultivar", *tags}
    assert tasks <= set(story.tasks), story.tasks
    assert not [task for task in story.tasks if "_" in task]
    lines = [line for _, line in story.lines]
    # Prefect is told ids: a name could not be erased there
    assert any(re.search(BY_SOMEBODY, line) or line == "due: nothing" for line in lines), lines
    own = [line for line in lines if not line.startswith(("Beginning", "View at", "Finished in"))]
    assert len(own) > len(story.tasks), "a line for the start, and one for each task"
    assert story.errors == []
    assert "Traceback" not in story.said


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_page_of_each_flow_tells_its_story(begin: Begin) -> None:
    workspace = begin("opted in")
    create_classifier(workspace, ACTOR, NAME, "", resolve_source(workspace, "seeds"))
    opt_in()
    _tells(
        story_of(newest_of("opt-in")),
        f"opt-in: baseline of {TODAY}",
        r"Opted in: the baseline holds 160 readable documents\.",
        {"location:content"},
        {
            "read content",
            "gate: items of content",
            "count the baseline",
            "gate: document frequencies",
        },
    )
    crawl("seeds")
    crawled = story_of(newest_run())
    _tells(
        crawled,
        f"crawl: seeds, {TODAY}",
        r"Crawled 1 location: 60 items\.",
        {"location:seeds"},
        {"read seeds", "gate: items of seeds"},
    )
    assert any(
        "seeds: read 60 items (all with text); files: 0 new" in line for _, line in crawled.lines
    )
    seed_ingest(NAME)
    ingested = story_of(newest_run())
    _tells(
        ingested,
        f"seed ingest: {NAME}",
        rf"Seeds of {NAME}: 60 of 60 items used\.",
        {OF_CLASSIFIER},
        {f"collect the seeds of {CLASSIFIER}", "gate: seed set"},
    )
    assert any(re.search(r"gate seed set passed: \d+ checks", line) for _, line in ingested.lines)
    training(NAME)
    trained = story_of(newest_run())
    _tells(
        trained,
        f"training: {NAME}",
        rf"Version 1 of {NAME} is trained: threshold [\d.]+ %\.",
        {OF_CLASSIFIER},
        {f"learn {CLASSIFIER}", "record the version"},
    )
    assert any(
        re.match(r"learned: 60 seeds, \d+ unlabelled, 0 judged by people; threshold [\d.]+ %", line)
        for _, line in trained.lines
    )
    score_test(NAME, "tests")
    _tells(
        story_of(newest_run()),
        f"test scoring: {NAME}",
        rf"{NAME} is ready to be reviewed: 220 items scored: \d+ match, \d+ no match\.",
        {OF_CLASSIFIER},
        {"collect the test items", "gate: test set", "score the test items", "gate: predictions"},
    )
    answer_batch(workspace)
    review_gate(NAME)
    reviewed = story_of(newest_run())
    _tells(
        reviewed,
        f"review gate: {NAME}",
        rf"{NAME}: accuracy .* %, at least .* %, over 30 decided reviews; .*",
        {OF_CLASSIFIER},
        {"collect the reviews", "judge the accuracy", "gate: accuracy", "settle the review"},
    )
    assert reviewed.tasks["gate: accuracy"] == "Not open yet"
    assert any(level == logging.WARNING for level, _ in reviewed.lines)
    reason = "somebody quotes canaryreasonlinnet here"
    publish(NAME, override=state_reason(workspace, ACTOR, NAME, reason))
    published = story_of(newest_run())
    _tells(
        published,
        f"publish: {NAME}",
        rf"Version \d of {NAME} is published by {ID}: accuracy .*, over 30 decided reviews",
        {OF_CLASSIFIER},
        {"gate: publish is open", "move the published pointer"},
    )
    assert published.tasks["gate: publish is open"] == "Overridden"
    page = str(artifacts_of(published.run)[f"publication-{CLASSIFIER}"].data)
    for part in (
        rf"by \| {ID}",
        f"Overridden by {ID}",
        "cultivar audit list",
        "accuracy",
        "### Gates",
    ):
        assert re.search(part, page), part
    assert "alex" not in page
    assert "canaryreasonlinnet" not in str((published.said, page, published.run.parameters))
    labelling(["content"])
    _tells(
        story_of(newest_run()),
        f"labelling: 1 location, {TODAY}",
        r"\d+ match(es)? by 1 classifier at 1 location\.",
        {OF_CLASSIFIER, "location:content"},
        {
            "classify content",
            f"gate: assignments of {CLASSIFIER} at content",
            "bring the explorer up to date",
        },
    )
    drift()
    _tells(
        story_of(newest_run()),
        f"drift: every published classifier, {TODAY}",
        rf"{CLASSIFIER}: (steady|sample more|changed)\.",
        {OF_CLASSIFIER},
        {f"compare {CLASSIFIER} with its release"},
    )


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_page_of_each_flow_over_policies_projects_and_all_tells_its_story(
    begin: Begin,
) -> None:
    workspace = begin("published")
    for role in Role:
        grant_role(workspace, ACTOR, ACTOR, role)
    lifecycle(NAME)
    _tells(
        story_of(newest_of("lifecycle")),
        f"lifecycle: {NAME}",
        rf"{NAME}: Ready to use; one version is live\.",
        {OF_CLASSIFIER},
        set(),
    )
    condition = {"classifier": CLASSIFIER, "at_least": "match"}
    create_policy(workspace, ACTOR, POLICY | {"condition": condition})
    apply_policies()
    _tells(
        story_of(newest_of("apply-policies")),
        f"apply policies: every location, {TODAY}",
        r"\d+ labels at 1 location; active at 1\.",
        {"location:content"},
        {
            "evaluate the policies at content",
            "gate: labels of content",
            "gate: label changes of content",
            "activate the labels of content",
        },
    )
    undone = begin_undo(workspace, ACTOR, policy="Keep contracts", reason="too broad by far")
    undo_labels(undone.subject)
    _tells(
        story_of(newest_run()),
        r"undo labels: policy:keep-contracts/1",
        r"\d+ labels of version 1 of the policy keep-contracts taken back at 1 location\.",
        {"location:content"},
        {"take labels back at content", "bring the explorer up to date"},
    )
    write_labels()
    _tells(
        story_of(newest_run()),
        f"write labels: {TODAY}",
        r"Writes: 0 done, 0 skipped, 0 put off, 0 given up\.",
        set(),
        {"write labels into their stores"},
    )
    sweep()
    _tells(story_of(newest_run()), f"sweep: {TODAY}", r"0 entries taken up\.", set(), set())
    imported(workspace, count=60)
    project_training(submit_training(workspace, ACTOR, "news", "first", in_this_process=True).id)
    _tells(
        story_of(newest_run()),
        "project training: news, first",
        r"Model first of news is trained; on the test set: F1 .* %.*\.",
        {"project:news"},
        {"divide the documents", "learn the classes", "judge the model", "keep the model"},
    )


@pytest.fixture
def few(begin: Begin, tmp_path: Path) -> Workspace:
    """A classifier whose seed folder holds one example too few."""
    workspace = begin("opted in")
    made = grow(tmp_path / "few", seeds=49, tests=0, content=0)
    add_location(workspace, ACTOR, "few", str(made.seeds), purpose="seed")
    crawl("few")
    create_classifier(workspace, ACTOR, NAME, "", resolve_source(workspace, "few"))
    return workspace


def test_a_failed_gate_is_a_failed_task_with_its_sentence(few: Workspace) -> None:
    with pytest.raises(GateClosed) as refused:
        seed_ingest(NAME)
    story = story_of(newest_run())
    sentence = f"gate seed set failed: {refused.value.sentence}"
    assert story.message == sentence
    assert story.tasks["gate: seed set"] == "Failed"
    assert f"{sentence} (code too-few-seeds)" in story.errors
    assert "Traceback" not in story.said
    shown = artifacts_of(story.run)
    assert "too-few-seeds" in str(shown[f"gate-seed-set-{CLASSIFIER}"].data)
    bar = shown["progress-seed-ingest-supplier-contracts"]
    assert "It failed here" in str(bar.description)
    assert bar.data == 0.0


def test_a_refusal_is_a_line_with_its_code_and_no_traceback(few: Workspace) -> None:
    with pytest.raises(NotReady) as refused:
        training(NAME)
    story = story_of(newest_run())
    assert story.message == refused.value.sentence
    assert any(f"(code {refused.value.code})" in line for line in story.errors)
    assert "Traceback" not in story.said


def _broken(_session: object) -> str:
    nothing: dict[str, str] = {}
    return nothing["a line of a document"]


def test_a_defect_tells_its_way_through_our_code_and_no_values(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = begin("opted in")
    monkeypatch.setattr(aggregating, "basis_of", _broken)
    monkeypatch.setenv("CULTIVAR_DEBUG_LOG", "yes")
    with pytest.raises(KeyError):
        labelling()
    story = story_of(newest_run())
    [told] = [line for line in story.errors if line.startswith("A defect of Cultivar: KeyError")]
    for frame in (
        r"flows/labelling\.py line \d+ in labelling",
        r"tasks/exploring\.py line \d+ in aggregate_explorer",
        r"cultivar/operations/content/aggregation\.py line \d+ in bring_up_to_date",
    ):
        assert re.search(frame, told), told
    assert "a line of a document" not in story.said
    assert story.tasks["bring the explorer up to date"] == "Failed"
    kept = debug_log(workspace.settings.home).read_text()
    assert kept.count("Traceback (most recent call last)") == 1
    assert "KeyError: 'a line of a document'" in kept
