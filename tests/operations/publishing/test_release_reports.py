"""The release report: inferred at publish, measured on a reviewed sample, and required."""

import pytest

from cultivar.core.errors import GateClosed, NotFound, NotPermitted, NotReady
from cultivar.core.release_report.expected import expected_in_words
from cultivar.core.release_report.grades import GradedFigure, within_counted
from cultivar.core.roles import Role
from cultivar.core.serialisation import as_json
from cultivar.operations.classifiers.details import classifier_details
from cultivar.operations.content.renaming import rename_location
from cultivar.operations.publishing.drawn_samples import draw_release_sample
from cultivar.operations.publishing.drift import drift_reports, measure_drift
from cultivar.operations.publishing.publishing import publish
from cultivar.operations.publishing.release_reports import require_measured, show_report
from cultivar.operations.publishing.release_samples import (
    judge_sampled,
    next_sampled,
)
from cultivar.operations.tenant.people import grant_role
from tests.operations.mail import CLASSIFIER
from tests.operations.organisation import ADMINISTRATOR, NOISE, Organisation, documents
from tests.operations.policing import label, publish_and_label
from tests.operations.sampling import review_all, verdicts


def test_a_publication_keeps_the_inferred_report_as_evidence(stable: Organisation) -> None:
    done = publish(stable.workspace, ADMINISTRATOR, CLASSIFIER)
    report = done.evidence["release_report"]
    assert report["grade"] == "inferred"
    assert report["version"] == done.version_id
    precision = report["figures"]["precision"]
    assert precision["lower"] <= precision["estimate"] <= precision["upper"]
    assert report["figures"]["elusion"] == {"grade": "not evaluated"}
    assert any("elusion" in gap["figures"] and gap["reviews"] for gap in report["missing"])


def test_no_more_items_are_mislabelled_than_were_counted(
    stable: Organisation,
) -> None:
    publish_and_label(stable)
    found = show_report(stable.workspace, ADMINISTRATOR, CLASSIFIER)
    assert found.counted is not None
    labelled = found.counted.labelled
    upper = found.figures["mislabelled"].upper
    assert upper is not None
    assert upper <= labelled
    figure = GradedFigure("inferred", labelled + 1.2, 1, labelled + 2)
    assert within_counted(figure, labelled) == GradedFigure("inferred", labelled, 1, labelled)
    unknown = GradedFigure("not evaluated")
    assert within_counted(unknown, labelled) == unknown


def test_a_reviewed_release_sample_measures_what_was_inferred(stable: Organisation) -> None:
    sizes = draw_release_sample(stable.workspace, ADMINISTRATOR, CLASSIFIER)
    assert draw_release_sample(stable.workspace, ADMINISTRATOR, CLASSIFIER) == sizes
    first = next_sampled(stable.workspace, ADMINISTRATOR, CLASSIFIER)
    assert len(first) == 30
    left = judge_sampled(stable.workspace, ADMINISTRATOR, CLASSIFIER, verdicts(first[:10]))
    assert left == sum(sizes.values()) - 10
    resumed = next_sampled(stable.workspace, ADMINISTRATOR, CLASSIFIER)
    assert [each.item_id for each in resumed[:20]] == [each.item_id for each in first[10:]]
    assert review_all(stable.workspace) >= 2
    report = show_report(stable.workspace, ADMINISTRATOR, CLASSIFIER)
    assert report.grade == "measured"
    assert report.missing == ()
    # 30 of the 250 documents are contracts
    relevant = as_json(report.figures["relevant"])
    assert relevant["lower"] <= 30 <= relevant["upper"]


def test_once_a_release_sample_is_judged_the_status_tells_what_it_measured(
    stable: Organisation,
) -> None:
    publish(stable.workspace, ADMINISTRATOR, CLASSIFIER)
    draw_release_sample(stable.workspace, ADMINISTRATOR, CLASSIFIER)
    review_all(stable.workspace)
    live = classifier_details(stable.workspace, ADMINISTRATOR, CLASSIFIER).live
    assert live is not None
    report = show_report(stable.workspace, ADMINISTRATOR, CLASSIFIER, live.version)
    assert live.expected == expected_in_words(CLASSIFIER, report.figures, report.missing)
    assert live.figures["recall"] == report.figures["recall"]
    assert "measured" in live.expected


def test_after_a_not_sure_the_next_item_of_the_stratum_is_drawn(stable: Organisation) -> None:
    draw_release_sample(stable.workspace, ADMINISTRATOR, CLASSIFIER)
    items = next_sampled(stable.workspace, ADMINISTRATOR, CLASSIFIER, limit=1000)
    [unsure] = [each for each in items if each.prediction == "no match"][:1]
    left = judge_sampled(stable.workspace, ADMINISTRATOR, CLASSIFIER, {unsure.item_id: "not sure"})
    after = next_sampled(stable.workspace, ADMINISTRATOR, CLASSIFIER, limit=1000)
    assert left == len(after)
    assert unsure.item_id not in {each.item_id for each in after}
    fresh = {each.item_id for each in after} - {each.item_id for each in items}
    assert len(after) == len(items) - 1 + len(fresh)


def test_what_is_not_sampled_is_refused_and_nothing_of_the_send_is_kept(
    stable: Organisation,
) -> None:
    with pytest.raises(NotReady) as undrawn:
        next_sampled(stable.workspace, ADMINISTRATOR, CLASSIFIER)
    assert undrawn.value.code == "no-release-sample"
    draw_release_sample(stable.workspace, ADMINISTRATOR, CLASSIFIER)
    [first] = next_sampled(stable.workspace, ADMINISTRATOR, CLASSIFIER, limit=1)
    with pytest.raises(NotFound):
        judge_sampled(
            stable.workspace,
            ADMINISTRATOR,
            CLASSIFIER,
            {first.item_id: "yes", "0" * 32: "yes"},
        )
    assert next_sampled(stable.workspace, ADMINISTRATOR, CLASSIFIER, limit=1) == [first]


def test_a_tenant_may_require_the_measured_grade(stable: Organisation) -> None:
    require_measured(stable.workspace, ADMINISTRATOR, True)
    with pytest.raises(GateClosed) as found:
        publish(stable.workspace, ADMINISTRATOR, CLASSIFIER)
    assert found.value.code == "release-not-measured"
    draw_release_sample(stable.workspace, ADMINISTRATOR, CLASSIFIER)
    review_all(stable.workspace)
    done = publish(stable.workspace, ADMINISTRATOR, CLASSIFIER)
    assert done.evidence["release_report"]["grade"] == "measured"


def test_only_the_global_administrator_requires_the_measured_grade(stable: Organisation) -> None:
    grant_role(stable.workspace, ADMINISTRATOR, "kim", str(Role.COMPLIANCE_ADMINISTRATOR))
    with pytest.raises(NotPermitted):
        require_measured(stable.workspace, "kim", True)


def test_drift_gives_no_verdict_from_noise_and_is_kept(stable: Organisation) -> None:
    with pytest.raises(NotReady):
        measure_drift(stable.workspace, ADMINISTRATOR, CLASSIFIER)
    publish(stable.workspace, ADMINISTRATOR, CLASSIFIER)
    found = measure_drift(stable.workspace, ADMINISTRATOR, CLASSIFIER)
    assert (found.verdict, found.same_sample) == ("sample more", True)
    assert drift_reports(stable.workspace, ADMINISTRATOR, CLASSIFIER)[0].verdict == ("sample more")
    # where the baseline was not taken, the version is judged by what it lists there
    stable.add("annex", documents(NOISE, 120, "more", 12_000))
    label(stable.workspace)
    annex = measure_drift(stable.workspace, ADMINISTRATOR, CLASSIFIER)
    assert [each.measure for each in annex.findings[3:]] == ["the match rate at annex"]
    assert annex.findings[3].live == 120
    assert annex.findings[3].verdict == "changed"
    assert annex.findings[3].sentence.startswith("annex was not in the sample of the release. ")
    rename_location(stable.workspace, ADMINISTRATOR, "intranet", "portal")
    again = measure_drift(stable.workspace, ADMINISTRATOR, CLASSIFIER)
    assert [each.measure for each in again.findings[3:]] == ["the match rate at annex"]
