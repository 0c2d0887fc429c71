"""The chain of stages: as far as it goes without a person, and no step twice."""

from collections.abc import Callable

import pytest

from cultivar.operations.classifier_state import classifier_state
from cultivar.operations.classifiers.classifiers import create_classifier
from cultivar.operations.content.locations import resolve_source
from cultivar.store.workspace import Workspace
from flows.crawl import crawl
from flows.lifecycle import lifecycle
from flows.opt_in import opt_in
from tests.flows.conftest import ACTOR, NAME
from tests.flows.holdings import artifacts

Begin = Callable[[str], Workspace]


@pytest.mark.slow
def test_it_ends_where_a_person_must_add_or_review_items(begin: Begin) -> None:
    workspace = begin("located")
    opt_in()
    crawl("seeds")
    crawl("tests")
    create_classifier(workspace, ACTOR, NAME, "", resolve_source(workspace, "seeds"))
    assert lifecycle(NAME) == "Need test items"
    assert lifecycle(NAME, "tests") == "Ready to review"
    before = artifacts(workspace)
    assert lifecycle(NAME) == "Ready to review"
    assert artifacts(workspace) == before
    assert classifier_state(workspace, NAME).published_version is None
