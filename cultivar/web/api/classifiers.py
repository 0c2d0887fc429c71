"""Classifiers: listed, planned, created, shown, tested, shared, explained by their release.

What follows a request (crawl, training, scoring) is due in the registry; the status tells of it.
"""

from typing import Any
from urllib.parse import quote

from fastapi import Response
from pydantic import Field

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
from cultivar.operations.training.test_sets import start_testing
from cultivar.operations.transitions import Moved
from cultivar.web.api.routing import API, Given, Name, Page, router_of
from cultivar.web.context import Calling, Here
from cultivar.web.idempotency import changes_nothing
from cultivar.web.pagination import Paging, page

SECONDS_BETWEEN_LOOKS = 5
router = router_of("classifiers")


class ClassifierGiven(Given):
    """A classifier to be created from the seeds in a folder, named as site/library/folder."""

    name: str = Field(min_length=1, max_length=200)
    description: str = Field(default="", max_length=2_000)
    seeds: str = Field(min_length=1, max_length=2_000)


class SourceGiven(Given):
    """A folder of test items, named as site/library/folder."""

    source: str = Field(min_length=1, max_length=2_000)


class PersonGiven(Given):
    """A person who may train the classifier."""

    person: str = Field(min_length=1, max_length=200)


class MovedShown(Given):
    """A classifier's status before and after, and what a person should know."""

    classifier: str
    before: str | None
    after: str
    warnings: list[str] = []


@router.get("/classifiers")
def show_classifiers(here: Here, calling: Calling, paging: Paging) -> Page:
    """List the classifiers by id."""
    found = list_classifiers(here.workspace, calling.person)
    return Page(**page(found, lambda each: [each["id"]], paging))


@router.post("/classifiers/plan")
@changes_nothing
def plan(here: Here, calling: Calling, given: ClassifierGiven) -> dict[str, Any]:
    """Return what creating would do; nothing is written."""
    source = resolve_source(here.workspace, given.seeds)
    made = plan_classifier(here.workspace, calling.person, given.name, given.description, source)
    return made.as_dict()


@router.post("/classifiers", status_code=202)
def create(here: Here, calling: Calling, given: ClassifierGiven, response: Response) -> MovedShown:
    """Create a classifier; its training follows, and ``location`` tells how far it is."""
    source = resolve_source(here.workspace, given.seeds)
    moved = create_classifier(here.workspace, calling.person, given.name, given.description, source)
    here.nudge()
    return _followed(moved, response)


@router.get("/classifiers/{name}")
def show(here: Here, calling: Calling, name: Name) -> dict[str, Any]:
    """Show a classifier: status, steps, versions, gates, accuracy, and why publish is closed."""
    return classifier_details(here.workspace, calling.person, name)


@router.post("/classifiers/{name}/training", status_code=202)
def train(here: Here, calling: Calling, name: Name, response: Response) -> MovedShown:
    """Take up a classifier whose seeds were refused or whose training broke off."""
    moved = restart_training(here.workspace, calling.person, name)
    here.nudge()
    return _followed(moved, response)


@router.post("/classifiers/{name}/test-items", status_code=202)
def add_test_items(
    here: Here, calling: Calling, name: Name, given: SourceGiven, response: Response
) -> MovedShown:
    """Add a folder's items to the test; their scoring follows."""
    source = resolve_source(here.workspace, given.source)
    moved, warnings = start_testing(here.workspace, calling.person, name, source)
    here.nudge()
    return _followed(moved, response, warnings)


@router.post("/classifiers/{name}/trainers", status_code=204, response_class=Response)
def share(here: Here, calling: Calling, name: Name, given: PersonGiven) -> None:
    """Let another person train and review the classifier; only its creator may."""
    grant_trainer(here.workspace, calling.person, name, given.person)


@router.get("/classifiers/{name}/release-report")
def show_release(
    here: Here, calling: Calling, name: Name, version: str | None = None
) -> dict[str, Any]:
    """Show what a version labels and mislabels in this tenant; the newest unless one is named."""
    return show_report(here.workspace, calling.person, name, version)


def _followed(moved: Moved, response: Response, warnings: list[str] | None = None) -> MovedShown:
    """Return a transition, and say where its classifier can be watched and how often."""
    response.headers["Location"] = f"{API}/classifiers/{quote(moved.classifier_id)}"
    response.headers["Retry-After"] = str(SECONDS_BETWEEN_LOOKS)
    return shown(moved, warnings)


def shown(moved: Moved, warnings: list[str] | None = None) -> MovedShown:
    """Return a transition."""
    return MovedShown(
        classifier=moved.classifier_id,
        before=moved.before,
        after=moved.after,
        warnings=warnings or [],
    )
