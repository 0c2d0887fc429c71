"""Classifiers: listed, planned, created, shown, tested, shared, explained by their release.

What follows a request (crawl, training, scoring) is due in the registry; the status tells of it.
"""

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Query, Response
from pydantic import Field

from cultivar.core.roles import Action
from cultivar.operations.classifiers.archiving import archive_classifier, restore_classifier
from cultivar.operations.classifiers.classifiers import (
    create_classifier,
    grant_trainer,
    list_classifiers,
    plan_classifier,
    restart_training,
)
from cultivar.operations.classifiers.details import classifier_details
from cultivar.operations.content.locations import resolve_source
from cultivar.operations.publishing.release_reports import show_report
from cultivar.operations.review.by_language import accuracy_by_language
from cultivar.operations.training.test_sets import start_testing
from cultivar.operations.training.test_sources import source_in_use
from cultivar.operations.transactions import require_permitted
from cultivar.operations.transitions import StatusChange
from cultivar.web.api.routing import (
    API,
    ArchiveBody,
    Body,
    Name,
    Page,
    answer_of,
    page_of,
    router_of,
)
from cultivar.web.context import Context, CurrentUser
from cultivar.web.idempotency import read_only
from cultivar.web.pagination import Paging

SECONDS_BETWEEN_LOOKS = 5
router = router_of("classifiers")


class ClassifierBody(Body):
    """A classifier to be created from the seeds in a folder, named as site/library/folder."""

    name: str = Field(min_length=1, max_length=200)
    description: str = Field(default="", max_length=2_000)
    seeds: str = Field(min_length=1, max_length=2_000)


class SourceBody(Body):
    """A folder of test items, named as site/library/folder."""

    source: str = Field(min_length=1, max_length=2_000)


class PersonBody(Body):
    """A person who may train the classifier."""

    person: str = Field(min_length=1, max_length=200)


class MovedResponse(Body):
    """A classifier's status before and after, and what a person should know."""

    classifier: str
    before: str | None
    after: str
    warnings: list[str] = []


@router.get("/classifiers")
def show_classifiers(context: Context, user: CurrentUser, paging: Paging) -> Page:
    """List the classifiers by id."""
    found = list_classifiers(context.workspace, user.actor)
    return page_of(found, lambda each: [each.id], paging)


@router.post("/classifiers/plan")
@read_only
def plan(context: Context, user: CurrentUser, given: ClassifierBody) -> dict[str, Any]:
    """Return what creating would do; nothing is written."""
    # who may not create learns nothing of what locations there are
    require_permitted(context.workspace, user.actor, Action.CREATE)
    source = resolve_source(context.workspace, given.seeds)
    made = plan_classifier(context.workspace, user.actor, given.name, given.description, source)
    return answer_of(made)


@router.post("/classifiers", status_code=202)
def create(
    context: Context, user: CurrentUser, given: ClassifierBody, response: Response
) -> MovedResponse:
    """Create a classifier; its training follows, and ``location`` tells how far it is."""
    # who may not create learns nothing of what locations there are
    require_permitted(context.workspace, user.actor, Action.CREATE)
    source = resolve_source(context.workspace, given.seeds)
    moved = create_classifier(context.workspace, user.actor, given.name, given.description, source)
    context.nudge()
    return _followed(moved, response)


@router.get("/classifiers/{name}")
def show(context: Context, user: CurrentUser, name: Name) -> dict[str, Any]:
    """Show a classifier: status, steps, versions, gates, accuracy, and why publish is closed.

    ``languages`` holds the accuracy in each language that was reviewed; null with too few reviews.
    """
    details = classifier_details(context.workspace, user.actor, name)
    languages = accuracy_by_language(context.workspace, user.actor, name)
    return answer_of(details) | {"languages": answer_of(languages)}


@router.post("/classifiers/{name}/training", status_code=202)
def train(context: Context, user: CurrentUser, name: Name, response: Response) -> MovedResponse:
    """Take up a classifier whose seeds were refused or whose training broke off."""
    moved = restart_training(context.workspace, user.actor, name)
    context.nudge()
    return _followed(moved, response)


@router.post("/classifiers/{name}/test-items", status_code=202)
def add_test_items(
    context: Context, user: CurrentUser, name: Name, given: SourceBody, response: Response
) -> MovedResponse:
    """Add a folder's items to the test; their scoring follows."""
    require_permitted(context.workspace, user.actor, Action.TRAIN, name)
    source = resolve_source(context.workspace, given.source)
    moved, warnings = start_testing(context.workspace, user.actor, name, source)
    context.nudge()
    return _followed(moved, response, warnings)


@router.delete("/classifiers/{name}/test-items", status_code=202)
def remove_test_items(
    context: Context,
    user: CurrentUser,
    name: Name,
    source: Annotated[str, Query(min_length=1, max_length=1_000)],
    response: Response,
) -> MovedResponse:
    """Take a folder out of the test again; what reviewers have seen of it stays."""
    place = source_in_use(context.workspace, user.actor, name, source)
    moved, warnings = start_testing(context.workspace, user.actor, name, place, remove=True)
    context.nudge()
    return _followed(moved, response, warnings)


@router.post("/classifiers/{name}/trainers", status_code=204, response_class=Response)
def share(context: Context, user: CurrentUser, name: Name, given: PersonBody) -> None:
    """Let another person train and review the classifier; only its creator may."""
    grant_trainer(context.workspace, user.actor, name, given.person)


@router.put("/classifiers/{name}/archived")
def archive(context: Context, user: CurrentUser, name: Name, given: ArchiveBody) -> dict[str, Any]:
    """Put a classifier away, so that it is live nowhere, or take it back as it was."""
    change = archive_classifier if given.archived else restore_classifier
    made = change(context.workspace, user.actor, name)
    return answer_of(classifier_details(context.workspace, user.actor, made))


@router.get("/classifiers/{name}/release-report")
def show_release(
    context: Context, user: CurrentUser, name: Name, version: str | None = None
) -> dict[str, Any]:
    """Show what a version labels and mislabels in this tenant; the newest unless one is named."""
    return answer_of(show_report(context.workspace, user.actor, name, version))


def _followed(
    moved: StatusChange, response: Response, warnings: list[str] | None = None
) -> MovedResponse:
    """Return a transition, and say where its classifier can be watched and how often."""
    response.headers["Location"] = f"{API}/classifiers/{quote(moved.classifier_id)}"
    response.headers["Retry-After"] = str(SECONDS_BETWEEN_LOOKS)
    return shown(moved, warnings)


def shown(moved: StatusChange, warnings: list[str] | None = None) -> MovedResponse:
    """Return a transition."""
    return MovedResponse(
        classifier=moved.classifier_id,
        before=moved.before,
        after=moved.after,
        warnings=warnings or [],
    )
