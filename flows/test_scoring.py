"""Add a folder's items to a classifier's test and score them with its newest version.

What the folder declares about its items is checked for balance and never shown to the model.
"""

import logging
from typing import Any

from cultivar.content.locations import Source
from cultivar.core.errors import CultivarError
from cultivar.core.reference import ArtifactReference
from cultivar.core.roles import Action
from cultivar.operations.classifier_state import classifier_state
from cultivar.operations.content.locations import resolve_source
from cultivar.operations.outbox import TESTING_DUE, due
from cultivar.operations.training.figures import predicted
from cultivar.operations.training.test_sets import (
    fail_testing,
    record_predictions,
    record_test_set,
    report_test_set,
    start_testing,
)
from cultivar.operations.training.test_sources import source_in_use
from flows.base.claims import Work, announce, on_classifier
from flows.base.stage import stage
from tasks import Told, plots, reporting, say
from tasks.checking import Asked
from tasks.testing import (
    collect_test_items,
    distribution,
    leave_test_items_out,
    score_test_items,
)


@stage("test scoring: {classifier}")
def test_scoring(
    classifier: str,
    source: str | None = None,  # noqa: PT028 - a stage, not a test
    actor: str | None = None,  # noqa: PT028
    remove: bool = False,  # noqa: PT028
) -> Told[ArtifactReference | None]:
    """Add test items, or take a folder out; return the predictions for the whole test set.

    Args:
        classifier: Name or id of the classifier.
        source: The folder as site/library/folder; what was begun and not finished when left out.
        actor: Who asks; the person of the settings when it is left out.
        remove: Take the folder out again; what reviewers have seen of it stays.
    """
    with on_classifier("test_scoring", Action.TRAIN, classifier, actor) as work:
        wanted = _begun(work) if source is None else _named(work, source, remove)
        if wanted is None:
            return _present(work)
        place, remove = wanted
        moved, warnings = start_testing(
            work.workspace, work.actor, work.subject, place, remove=remove
        )
        announce(moved)
        try:
            return _change(work, place, warnings, remove=remove)
        except CultivarError as refused:
            announce(fail_testing(work.workspace, work.actor, work.subject, refused.sentence))
            raise


def _named(work: Work, source: str, remove: bool) -> tuple[Source, bool]:
    if remove:
        return source_in_use(work.workspace, work.actor, work.subject, source), True
    return resolve_source(work.workspace, source), False


def _begun(work: Work) -> tuple[Source, bool] | None:
    payloads = [
        each.payload for each in due(work.workspace, TESTING_DUE) if each.subject == work.subject
    ]
    return _source(payloads[0]) if payloads else None


def _source(payload: dict[str, Any]) -> tuple[Source, bool]:
    place = Source(payload["site"], payload["library"], payload["folder"])
    return place, bool(payload.get("remove"))


def _present(work: Work) -> Told[ArtifactReference | None]:
    sha256 = classifier_state(work.workspace, work.subject).predictions_sha256
    found = work.workspace.artifacts.reference(sha256) if sha256 else None
    return Told(found, f"Nothing was begun for {work.name} and not finished.")


def _change(
    work: Work, place: Source, warnings: list[str], *, remove: bool
) -> Told[ArtifactReference | None]:
    workspace = work.workspace
    collect = leave_test_items_out if remove else collect_test_items
    test_set = collect(workspace, work.actor, work.subject, place)
    work.check("test_set", test_set)
    record_test_set(workspace, work.actor, work.subject, place, test_set, remove=remove)
    report = report_test_set(workspace, work.subject, test_set)
    version = classifier_state(workspace, work.subject).candidate_version or ""
    predictions = score_test_items(workspace, work.subject, version, test_set)
    facts = {"items": report.selection.used, "declared": report.declared > 0}
    work.check("predictions", predictions, Asked(facts))
    announce(record_predictions(workspace, work.actor, work.subject, predictions))
    _show(work, predictions, version, [*warnings, *report.warnings])
    said = predicted(workspace, predictions)
    return Told(predictions, f"{work.name} is ready to be reviewed: {said}.")


def _show(work: Work, predictions: ArtifactReference, version: str, warnings: list[str]) -> None:
    found = distribution(work.workspace, predictions, version)
    title = f"Scores of the test items: {work.name}"
    plot = plots.score_distribution(found.counts, found.threshold, title)
    for warning in warnings:
        say(warning, logging.WARNING)
    notes = "\n".join(f"- {note}" for note in (f"{found.sentence}.", *warnings))
    reporting.show_page("scores", work.subject, f"{plot}\n\n{notes}")
