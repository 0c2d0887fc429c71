"""Operating points: chosen by a person, used in content, kept by what is published next."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from cultivar.core.errors import Conflict, CultivarError, InvalidInput, NotPermitted, NotReady
from cultivar.core.operating_points import BE_SURE
from cultivar.operations.classifiers.details import classifier_details
from cultivar.operations.content_thresholds import STORED, cut_in_content
from cultivar.operations.policies.evaluation import locations_to_apply
from cultivar.operations.publishing.drawn_samples import draw_release_sample
from cultivar.operations.publishing.operating_points import (
    choose_operating_point,
    operating_points,
)
from cultivar.operations.publishing.publishing import publish
from cultivar.operations.publishing.release_reports import report_of
from cultivar.operations.publishing.release_samples import (
    judge_sampled,
    next_sampled,
)
from cultivar.operations.scoring.classification import Models, classify
from cultivar.operations.scoring.item_labels import label_items
from cultivar.operations.scoring.labelling import labelling_due, labellings
from cultivar.operations.scoring.scoring import score_test_set
from cultivar.operations.scoring.version_models import model_of
from cultivar.store.tables import (
    ApplicationRow,
    AuditRow,
    ClassifierRow,
    PublicationRow,
    VersionRow,
)
from cultivar.store.workspace import Workspace, open_workspace
from tests.operations.organisation import ADMINISTRATOR, CONTRACT, Organisation, written
from tests.operations.policing import apply, label, labels_in_force, make, publish_and_label
from tests.store.older import run_migration

SETTINGS_OF_REVISION_8 = ("classifier", "publication", "labelling")


def choose(workspace: Workspace, point: str) -> int:
    return choose_operating_point(workspace, ADMINISTRATOR, "contracts", point).number


def test_content_is_labelled_at_the_chosen_point_and_tests_at_the_review_threshold(
    stable: Organisation,
) -> None:
    workspace = stable.workspace
    publish_and_label(stable)
    choose(workspace, BE_SURE)
    label(workspace)
    [row] = labellings(workspace, ADMINISTRATOR)
    assert row.operating_point == BE_SURE
    model = model_of(workspace, row.version)
    assert model.operating is not None
    cut = model.operating.cut(BE_SURE)
    assert cut.threshold != pytest.approx(model.threshold)
    found = workspace.artifacts.read(workspace.artifacts.reference(row.assignments)).to_pylist()
    assert {(each["prediction"], each["score"] >= cut.threshold) for each in found} == {
        ("match", True),
        ("close match", False),
    }
    tested = workspace.artifacts.read(score_test_set(workspace, "contracts", row.version).artifact)
    expected = model.decide(tested.column("score").to_numpy())
    assert tested.column("prediction").to_pylist() == expected.to_pylist()
    [said] = classify(workspace, ADMINISTRATOR, written(CONTRACT, 1), models=Models())
    assert said.threshold == cut.threshold


def test_another_point_labels_again_without_training_or_scoring(stable: Organisation) -> None:
    workspace = stable.workspace
    publish_and_label(stable)
    make(workspace)
    apply(workspace)
    before = {each["item_id"] for each in labels_in_force(workspace)}
    assert choose(workspace, BE_SURE) == 2
    [due] = labelling_due(workspace, ADMINISTRATOR)
    assert (due.operating_point, due.before is not None) == (BE_SURE, True)
    [(kept, counts)] = label_items(workspace, [due])
    [(fresh, again)] = label_items(workspace, [replace(due, before=None)])
    assert (counts.scored, again.scored) == (0, 250)
    assert kept.sha256 == fresh.sha256
    with pytest.raises(NotReady, match="published version"):
        locations_to_apply(workspace, ADMINISTRATOR)
    label(workspace)
    assert apply_after(workspace) < before
    details = classifier_details(workspace, ADMINISTRATOR, "contracts")
    assert [each.operating_point for each in details.publications] == ["balanced", BE_SURE]
    assert details.live is not None
    assert details.live.reviewed is not None
    with workspace.registry.reading() as session:
        chosen = session.scalars(
            sa.select(AuditRow).where(AuditRow.action == "operating point chosen")
        ).one()
    assert (chosen.details["point"], chosen.details["before"]) == (BE_SURE, "balanced")


def apply_after(workspace: Workspace) -> set[str]:
    """Accept what another operating point would change, as after a republish."""
    from cultivar.operations.policies.evaluation import evaluate

    evaluated = evaluate(workspace, ADMINISTRATOR, "intranet")
    assert evaluated.reconsidered
    assert evaluated.republished
    apply(workspace, evaluated.token)
    return {each["item_id"] for each in labels_in_force(workspace)}


def test_every_point_says_what_it_means_here(stable: Organisation) -> None:
    publish_and_label(stable)
    found = operating_points(stable.workspace, ADMINISTRATOR, "contracts")
    assert [each.chosen for each in found.points] == [False, True, False]
    labelled = [each.labelled_per_thousand for each in found.points]
    assert all(labelled)
    assert found.points[0].threshold <= found.points[1].threshold <= found.points[2].threshold
    for each in found.points:
        assert "release sample" in each.expected or "labels are right" in each.expected


def test_what_is_labelled_is_counted_once_the_content_is_scored(stable: Organisation) -> None:
    workspace = stable.workspace
    publish_and_label(stable)
    draw_release_sample(workspace, ADMINISTRATOR, "contracts")
    found = operating_points(workspace, ADMINISTRATOR, "contracts")
    assert [each.figures["labelled"].grade for each in found.points] == ["measured"] * 3
    documents = report_of(workspace, "contracts", found.version).documents
    for each in found.points:
        assert each.labelled_per_thousand is not None
        labelled = each.labelled_per_thousand.estimate * documents / 1_000
        assert labelled == pytest.approx(each.figures["labelled"].estimate, abs=documents / 2_000)


def test_choosing_is_refused_where_it_makes_no_sense(stable: Organisation) -> None:
    workspace = stable.workspace

    def refused(kind: type[CultivarError], point: str, actor: str = ADMINISTRATOR) -> str:
        with pytest.raises(kind) as found:
            choose_operating_point(workspace, actor, "contracts", point)
        return found.value.code

    assert refused(NotReady, BE_SURE) == "not-published"
    publish(workspace, ADMINISTRATOR, "contracts")
    assert refused(InvalidInput, "surest") == "unknown-operating-point"
    assert refused(Conflict, "balanced") == "already-chosen"
    assert refused(NotPermitted, BE_SURE, "kim")
    _forget_points(workspace)
    assert refused(NotReady, BE_SURE) == "no-operating-points"


def _forget_points(workspace: Workspace) -> None:
    """Make the versions what an earlier release trained."""
    with workspace.registry.transaction() as session:
        for version in session.scalars(sa.select(VersionRow)):
            version.evidence = {
                name: each for name, each in version.evidence.items() if name != STORED
            }


def test_a_home_of_the_revision_before_goes_on_with_its_labels(stable: Organisation) -> None:
    workspace = stable.workspace
    _forget_points(workspace)
    publish_and_label(stable)
    make(workspace)
    apply(workspace)
    before = labels_in_force(workspace)
    with workspace.registry.transaction() as session:
        assert session.scalars(sa.select(ClassifierRow.operating_point)).all() == [None]
        for table in SETTINGS_OF_REVISION_8:
            session.execute(sa.text(f"ALTER TABLE {table} DROP COLUMN operating_point"))
        run_migration(session.connection(), "0009")
    workspace.close()
    with open_workspace(workspace.settings) as opened:
        assert labelling_due(opened, ADMINISTRATOR) == []
        assert locations_to_apply(opened, ADMINISTRATOR) == []
        assert labels_in_force(opened) == before
        with opened.registry.reading() as session:
            assert "points" not in session.scalars(sa.select(ApplicationRow)).one().basis
            version = session.scalars(sa.select(PublicationRow.version_id)).one()
        assert cut_in_content(opened, version) is None


def test_a_sample_drawn_at_one_point_measures_another(stable: Organisation) -> None:
    workspace = stable.workspace
    publish(workspace, ADMINISTRATOR, "contracts")
    version = labelling_due(workspace, ADMINISTRATOR)[0].version_id
    draw_release_sample(workspace, ADMINISTRATOR, "contracts")
    while items := next_sampled(workspace, ADMINISTRATOR, "contracts"):
        cut = cut_in_content(workspace, version)
        assert cut is not None
        assert {each.threshold for each in items} == {cut.threshold}
        judge_sampled(
            workspace, ADMINISTRATOR, "contracts", {each.item_id: "yes" for each in items}
        )
    own = report_of(workspace, "contracts", version)
    surer = report_of(workspace, "contracts", version, BE_SURE)
    assert own.grade == surer.grade == "measured"
    assert surer.sample == own.sample
    assert (surer.figures["labelled"].estimate or 0) <= (own.figures["labelled"].estimate or 0)
    assert (surer.figures["missed"].estimate or 0) >= (own.figures["missed"].estimate or 0)
