"""The whole lifecycle, with the registry on a real PostgreSQL and the artifacts on a real S3."""

import dataclasses
from collections.abc import Iterator

import pytest

from cultivar.operations.audit.verification import verify
from cultivar.operations.publishing.publishing import publish
from cultivar.operations.scoring.item_labels import label_items
from cultivar.operations.scoring.labelling import (
    finish_labelling,
    labelling_due,
    labellings,
    record_labelling,
)
from cultivar.settings import Settings
from cultivar.store.workspace import Workspace, open_workspace
from tests.operations.organisation import ADMINISTRATOR, Organisation

NAME = "contracts"


def live(workspace: Workspace) -> str:
    """Go from nothing to a labelled location; return the sha256 of the assignments."""
    organisation = Organisation(workspace)
    organisation.come_to_review()
    organisation.agree()
    publish(workspace, ADMINISTRATOR, NAME)
    (due,) = labelling_due(workspace, ADMINISTRATOR)
    [made] = label_items(workspace, [due])
    record_labelling(workspace, ADMINISTRATOR, due, *made)
    finish_labelling(workspace, ADMINISTRATOR, NAME)
    (row,) = labellings(workspace, ADMINISTRATOR)
    return str(row.assignments)


@pytest.fixture
def on_servers(settings: Settings, postgres_url: str, s3_url: str) -> Iterator[Workspace]:
    placed = dataclasses.replace(
        settings, registry_url=postgres_url, artifacts_url=f"{s3_url}/artifacts"
    )
    with open_workspace(placed) as workspace:
        yield workspace


@pytest.mark.slow
def test_servers_and_local_files_give_the_same_lifecycle_to_the_last_byte(
    on_servers: Workspace, workspace: Workspace
) -> None:
    assert live(on_servers) == live(workspace)
    verdict = verify(on_servers, ADMINISTRATOR, NAME)
    assert verdict.identical
