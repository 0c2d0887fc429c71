"""Each deed of the second half, dying before and after each of its writes: it ends as undisturbed.

Where the state machine draws, this goes through every commit and every artifact's rename in turn.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from cultivar.core.errors import CultivarError
from cultivar.operations.policies.evaluation import current_application
from cultivar.operations.retraining.decisions import point_back, republish
from cultivar.operations.retraining.retrainings import retraining_status
from cultivar.store.tables import ApplicationRow, FeedbackRow, OutboxRow
from cultivar.store.workspace import Workspace
from tests.operations import life
from tests.operations.crashing import Crash, World, copy_of
from tests.operations.life import CLASSIFIERS, REASON
from tests.operations.organisation import ADMINISTRATOR

NAME = "contracts"


def send(workspace: Workspace) -> None:
    """Judge 31 items, unless that was done."""
    if not life.standing(workspace, NAME):
        given = life.verdicts_on(workspace, NAME, range(31), wrong=False)
        life.send(workspace, ADMINISTRATOR, NAME, given)


def decide(workspace: Workspace) -> None:
    """Republish, unless that was done."""
    if retraining_status(workspace, ADMINISTRATOR, NAME).retrainings[-1].decision is None:
        republish(workspace, ADMINISTRATOR, NAME, reason=REASON)


def go_back(workspace: Workspace) -> None:
    """Point back to the first version, unless that was done."""
    [made] = retraining_status(workspace, ADMINISTRATOR, NAME).retrainings
    if life.live(workspace)[NAME] == made.retrained_version:
        point_back(workspace, ADMINISTRATOR, NAME)


def undo(workspace: Workspace) -> None:
    """Undo a policy."""
    life.undo(workspace, "Confidential")


PERMISSION_FOR: tuple[Callable[[Workspace], object], ...] = (
    life.apply_everything,
    send,
    life.retrain_what_is_due,
    decide,
    life.apply_everything,
    undo,
    go_back,
    life.apply_everything,
)


@pytest.fixture
def world(life_home: Path) -> Iterator[World]:
    """A home whose processes die when they are told to."""
    made = World(life_home)
    yield made
    made.close()


def ends_in(workspace: Workspace) -> dict[str, Any]:
    """Return what a deed leaves behind, times aside."""
    with workspace.registry.reading() as session:
        found: dict[str, Any] = {
            kind.__name__: session.scalar(select(func.count()).select_from(kind))
            for kind in (ApplicationRow, FeedbackRow)
        }
        due = session.scalars(select(OutboxRow).where(OutboxRow.done_at.is_(None)))
        found["due"] = sorted((row.kind, row.subject) for row in due)
        for location in ("mail", "intranet"):
            last = current_application(session, location)
            found[location] = last and (last.labels_sha256, last.changes_sha256)
    for classifier in CLASSIFIERS:
        found[classifier] = life.standing(workspace, classifier)
        status = retraining_status(workspace, ADMINISTRATOR, classifier)
        found[f"retrained {classifier}"] = [
            (made.outcome, made.retrained_version, made.decision) for made in status.retrainings
        ]
    return found | {"live": life.live(workspace)}


@pytest.mark.slow
@pytest.mark.timeout(1_800)
@pytest.mark.requirement("RT-08", "RT-23", "RT-33")
def test_a_deed_that_dies_at_any_of_its_writes_is_done_again_and_ends_the_same(
    world: World, tmp_path: Path
) -> None:
    died = 0
    for number, tx in enumerate(PERMISSION_FOR):
        before = copy_of(world.settings.home, tmp_path / f"before-{number}")
        assert world.do(tx, None) is None
        wanted = ends_in(world.workspace)
        after = copy_of(world.settings.home, tmp_path / f"after-{number}")
        for write in range(1, 500):
            world.reset(before)
            try:
                assert world.do(tx, write) is None
            except Crash:
                died += 1
                _is_whole_and_goes_on(world, tx, wanted)
            else:
                break
        world.reset(after)
    assert died > 100


def _is_whole_and_goes_on(
    world: World, tx: Callable[[Workspace], object], wanted: dict[str, Any]
) -> None:
    life.require_all(world.workspace)
    refusal: CultivarError | None = world.do(tx, None)
    assert refusal is None
    assert ends_in(world.workspace) == wanted
    life.require_all(world.workspace)
