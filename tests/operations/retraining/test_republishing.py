"""After a retraining: only a person moves the live pointer, once, with evidence, and back."""

import ast
import re
import threading
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

import cultivar.operations as room
from cultivar.core.errors import (
    Conflict,
    CultivarError,
    GateClosed,
    NotFound,
    NotPermitted,
    NotReady,
)
from cultivar.core.retraining.feedback import MATCH
from cultivar.core.roles import Role
from cultivar.operations.classifier_state import classifier_state
from cultivar.operations.classifiers.classifiers import grant_trainer, list_classifiers
from cultivar.operations.classifiers.details import classifier_details
from cultivar.operations.outbox import LABELLING_DUE, due
from cultivar.operations.retraining.decisions import keep_published, point_back, republish
from cultivar.operations.retraining.feedback import Verdict, give_feedback
from cultivar.operations.retraining.retraining import begin_retraining
from cultivar.operations.retraining.retrainings import retraining_status
from cultivar.operations.tenant.people import grant_role
from cultivar.store.models import read_model
from cultivar.store.tables import PublicationRow, RetrainingRow, VersionRow
from tests.operations.mail import CLASSIFIER, give, listed, mixed, retrain
from tests.operations.organisation import (
    ADMINISTRATOR,
    NOISE,
    Document,
    Organisation,
    documents,
)

REASON = "Agreed with the records board"


@pytest.fixture
def retrained(used: Organisation) -> Organisation:
    """An organisation whose classifier was retrained and waits for a decision."""
    give(used, listed(used)[:40])
    retrain(used)
    return used


def live(organisation: Organisation) -> str | None:
    return classifier_state(organisation.workspace, CLASSIFIER).published_version


def recommend(organisation: Organisation, decision: str) -> None:
    """Overwrite what the overview recommends."""
    with organisation.workspace.registry.transaction() as session:
        row = session.query(RetrainingRow).one()
        recommended = dict(row.figures or {}) | {
            "recommendation": {"decision": decision, "action": "x", "reasons": ["Because."]}
        }
        row.figures = recommended


@pytest.mark.requirement("RT-31", "RT-29", "RT-37")
def test_republish_moves_the_pointer_with_the_comparison_as_evidence(
    retrained: Organisation,
) -> None:
    before = live(retrained)
    done = republish(retrained.workspace, ADMINISTRATOR, CLASSIFIER, reason=REASON)
    assert (done.number, live(retrained)) == (2, done.version_id)
    assert done.version_id != before
    assert done.evidence["replaces"] == before
    assert set(done.evidence["comparison"]["sets"]) == {"items with feedback", "original items"}
    assert [each.payload["version"] for each in due(retrained.workspace, LABELLING_DUE)] == [
        done.version_id
    ]
    [made] = retraining_status(retrained.workspace, ADMINISTRATOR, CLASSIFIER).retrainings
    assert (made.decision, made.decided_by) == ("republished", ADMINISTRATOR)


def found_of(organisation: Organisation, kind: list[Document]) -> float:
    """Return the share of documents that the live version labels."""
    store = organisation.workspace.artifacts
    with organisation.workspace.registry.reading() as session:
        row = session.get_one(VersionRow, live(organisation) or "")
    model = read_model(store, store.reference(row.model_sha256))
    scores = model.score(pa.array([each.text for each in kind], pa.large_string()))
    return float((scores >= np.float32(model.threshold)).mean())


@pytest.mark.requirement("RT-02")
def test_a_kind_that_was_missed_is_found_after_feedback_and_republishing(
    used: Organisation,
) -> None:
    """Letters about contracts are contracts here, and the published version misses many of them."""
    letters, everyday = mixed(100, start=60_000), documents(NOISE, 100, "new", 70_000)
    before = found_of(used, letters), found_of(used, everyday)
    about = [each for each in listed(used) if each.known["folder"].endswith("mixed")]
    verdicts = [Verdict(each.item_id, MATCH) for each in about[:30]]
    give_feedback(used.workspace, ADMINISTRATOR, CLASSIFIER, verdicts)
    retrain(used)
    republish(used.workspace, ADMINISTRATOR, CLASSIFIER, reason=REASON)
    assert before[0] < 0.7
    assert found_of(used, letters) > before[0] + 0.1
    assert found_of(used, everyday) == before[1] == 0.0


@pytest.mark.requirement("RT-37")
def test_republishing_against_the_recommendation_needs_a_reason_that_stays(
    retrained: Organisation,
) -> None:
    recommend(retrained, "keep")
    for reason, said in ((None, "Because."), ("ok", "The reason has 2 characters")):
        with pytest.raises(GateClosed) as found:
            republish(retrained.workspace, ADMINISTRATOR, CLASSIFIER, reason=reason)
        assert found.value.code == "not-recommended"
        assert said in found.value.sentence
    done = republish(retrained.workspace, ADMINISTRATOR, CLASSIFIER, reason=REASON)
    assert done.evidence["override_reason"] == REASON


def test_a_recommended_republish_needs_no_reason(retrained: Organisation) -> None:
    recommend(retrained, "republish")
    assert republish(retrained.workspace, ADMINISTRATOR, CLASSIFIER).number == 2


def test_of_two_who_republish_at_once_one_wins_and_the_other_is_told(
    retrained: Organisation,
) -> None:
    grant_role(retrained.workspace, ADMINISTRATOR, "kim", str(Role.COMPLIANCE_ADMINISTRATOR))
    grant_trainer(retrained.workspace, ADMINISTRATOR, CLASSIFIER, "kim")
    ready, outcomes = threading.Barrier(2), list[object]()

    def press(person: str) -> None:
        ready.wait()
        try:
            outcomes.append(republish(retrained.workspace, person, CLASSIFIER, reason=REASON))
        except CultivarError as told:
            outcomes.append(told)

    both = [threading.Thread(target=press, args=(person,)) for person in (ADMINISTRATOR, "kim")]
    for each in both:
        each.start()
    for each in both:
        each.join()
    [told] = [each for each in outcomes if isinstance(each, Conflict)]
    assert told.code in {"already-decided", "changed-meanwhile"}
    assert len(outcomes) == 2
    with retrained.workspace.registry.reading() as session:
        assert session.query(PublicationRow).count() == 2


@pytest.mark.requirement("RT-33", "RT-27")
def test_keeping_leaves_everything_and_ends_the_re_training_heading(
    retrained: Organisation,
) -> None:
    before = live(retrained)
    [shown] = list_classifiers(retrained.workspace, ADMINISTRATOR)
    assert shown.heading == "Re-training"
    keep_published(retrained.workspace, ADMINISTRATOR, CLASSIFIER)
    [shown] = list_classifiers(retrained.workspace, ADMINISTRATOR)
    assert shown.heading is None
    assert live(retrained) == before
    with pytest.raises(Conflict) as found:
        republish(retrained.workspace, ADMINISTRATOR, CLASSIFIER, reason=REASON)
    assert found.value.code == "already-decided"


@pytest.mark.requirement("RT-27")
def test_a_retraining_that_another_followed_waits_for_nobody(retrained: Organisation) -> None:
    give(retrained, listed(retrained)[40:70])
    retrain(retrained)
    assert list_classifiers(retrained.workspace, ADMINISTRATOR)[0].awaits_decision
    keep_published(retrained.workspace, ADMINISTRATOR, CLASSIFIER)
    [shown] = list_classifiers(retrained.workspace, ADMINISTRATOR)
    assert (shown.heading, shown.awaits_decision) == (None, False)
    status = retraining_status(retrained.workspace, ADMINISTRATOR, CLASSIFIER)
    assert (status.heading, status.awaits_decision) == (None, False)


@pytest.mark.requirement("RT-27")
def test_a_classifier_stands_under_re_training_while_it_retrains(used: Organisation) -> None:
    assert list_classifiers(used.workspace, ADMINISTRATOR)[0].heading is None
    give(used, listed(used)[:30])
    begin_retraining(used.workspace, ADMINISTRATOR, CLASSIFIER)
    assert list_classifiers(used.workspace, ADMINISTRATOR)[0].heading == "Re-training"
    details = classifier_details(used.workspace, ADMINISTRATOR, CLASSIFIER)
    assert details.heading == "Re-training"


def test_pointing_back_is_one_call_and_says_what_it_points_to(retrained: Organisation) -> None:
    first = live(retrained)
    second = republish(retrained.workspace, ADMINISTRATOR, CLASSIFIER, reason=REASON).version_id
    done = point_back(retrained.workspace, ADMINISTRATOR, CLASSIFIER)
    assert (done.version_id, done.number) == (first, 3)
    assert done.evidence == {"points_back_to": 1, "replaces": second}
    assert point_back(retrained.workspace, ADMINISTRATOR, CLASSIFIER, "2").version_id == second
    with pytest.raises(Conflict):
        point_back(retrained.workspace, ADMINISTRATOR, CLASSIFIER, second)
    with pytest.raises(NotFound) as never:
        point_back(retrained.workspace, ADMINISTRATOR, CLASSIFIER, "contracts-000000000000")
    assert never.value.code == "never-published"


def test_without_an_earlier_version_there_is_nothing_to_point_back_to(used: Organisation) -> None:
    with pytest.raises(NotReady) as found:
        point_back(used.workspace, ADMINISTRATOR, CLASSIFIER)
    assert found.value.code == "no-earlier-version"


def test_an_overview_of_a_version_that_is_live_no_more_decides_nothing(
    retrained: Organisation,
) -> None:
    republish(retrained.workspace, ADMINISTRATOR, CLASSIFIER, reason=REASON)
    point_back(retrained.workspace, ADMINISTRATOR, CLASSIFIER)
    for decide in (republish, keep_published):
        with pytest.raises(Conflict):
            decide(retrained.workspace, ADMINISTRATOR, CLASSIFIER)
    with pytest.raises(Conflict) as found:
        republish(retrained.workspace, ADMINISTRATOR, CLASSIFIER, number=7, reason=REASON)
    assert found.value.code in {"already-decided", "changed-meanwhile"}


@pytest.mark.requirement("RT-03")
def test_only_who_may_publish_decides(retrained: Organisation) -> None:
    grant_role(retrained.workspace, ADMINISTRATOR, "kim", str(Role.COMPLIANCE_ADMINISTRATOR))
    for decide in (republish, keep_published, point_back):
        with pytest.raises(NotPermitted) as found:
            decide(retrained.workspace, "kim", CLASSIFIER)
        assert found.value.code == "not-owner"


@pytest.mark.requirement("RT-38")
def test_no_path_leads_from_a_retraining_to_the_published_pointer() -> None:
    """Walk the imports from the retraining's modules: none reaches what moves the pointer."""
    folder = Path(next(iter(room.__path__)))
    root = folder.parent.parent
    starts = [
        folder / "retraining" / "retraining.py",
        folder / "retraining" / "crossfit.py",
        root / "flows" / "retrain.py",
        root / "tasks" / "retraining.py",
    ]
    movers = {
        "cultivar.operations.publishing.publishing",
        "cultivar.operations.retraining.decisions",
    }
    assert all(each.exists() for each in starts)
    waiting, seen = starts, set[Path]()
    while waiting:
        module = waiting.pop()
        if module in seen:
            continue
        seen.add(module)
        for name in _imported(module):
            assert name not in movers, f"{module.name} imports {name}"
            below = root / f"{name.replace('.', '/')}.py"
            if below.exists():
                waiting.append(below)
    sets = re.compile(r"\.published_version_id\s*=[^=]")
    setters = [each for each in seen if sets.search(each.read_text("utf-8"))]
    assert setters == []


def _imported(module: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{each.name}" for each in node.names)}
        elif isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
    return found
