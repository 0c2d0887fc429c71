"""The lifecycle as the demonstration plays it, step by step, through the real flows.

Each step asks the registry first and does only what is missing, so that a demonstration that was
killed goes on and ends with the same artifacts as one that was not.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from cultivar.core.errors import NotFound, NotReady
from cultivar.core.lifecycle import Status
from cultivar.core.review.order import NO, YES
from cultivar.core.vocabulary import MATCH
from cultivar.operations.classifier_state import ClassifierState, classifier_state
from cultivar.operations.classifiers.classifiers import create_classifier, id_from
from cultivar.operations.content.locations import add_location, location_named, resolve_source
from cultivar.operations.progress import watching
from cultivar.operations.review.items import ItemToReview, next_items
from cultivar.operations.review.verdicts import (
    close_batch,
    open_batch,
    record_verdict,
    review_state,
)
from cultivar.operations.runs import last_run
from cultivar.operations.tenant.tenant import OPTED_IN, tenant_state
from cultivar.operations.transactions import TENANT
from cultivar.store.workspace import Workspace
from demo.material import Material
from demo.progress import Showing
from flows.crawl import crawl
from flows.labelling import labelling
from flows.opt_in import opt_in
from flows.publish import publish
from flows.review_gate import review_gate
from flows.seed_ingest import seed_ingest
from flows.test_scoring import test_scoring
from flows.training import training


@dataclass(frozen=True, slots=True)
class Demo:
    """What every step works with; ``review`` is a person's review, None simulates it.

    ``mark`` begins the names of the steps, to tell several classifiers apart.
    """

    workspace: Workspace
    actor: str
    material: Material
    showing: Showing
    review: Callable[[str], None] | None
    mark: str = ""

    @property
    def classifier(self) -> str:
        """The classifier's id."""
        return id_from(self.material.classifier)

    @property
    def state(self) -> ClassifierState:
        """Where the classifier stands."""
        return classifier_state(self.workspace, self.classifier)


def play(demo: Demo) -> None:
    """Play what is missing, up to the labels, or up to a review that leaves accuracy open.

    Raises:
        CultivarError: a gate or a limit refused.
    """
    _add_locations(demo)
    _opt_in(demo)
    _crawl(demo)
    _create(demo)
    _train(demo)
    _test(demo)
    _review(demo)
    _publish(demo)
    _label(demo)


def _add_locations(demo: Demo) -> None:
    for place in demo.material.places:
        add_location(
            demo.workspace,
            demo.actor,
            place.name,
            str(place.folder),
            workload=place.workload,
            purpose=place.purpose,
        )


def _opt_in(demo: Demo) -> None:
    if tenant_state(demo.workspace, demo.actor).opt_in_status == OPTED_IN:
        return
    with demo.showing.step("Opt in: crawl the content, take the baseline"):
        opt_in(demo.actor)


def _crawl(demo: Demo) -> None:
    for place in demo.material.places:
        if location_named(demo.workspace, place.name).items_sha256 is None:
            with step(demo, f"Crawl the {place.name}", f"location:{place.name}"):
                crawl(place.name, demo.actor)


def _create(demo: Demo) -> None:
    try:
        classifier_state(demo.workspace, demo.classifier)
    except NotFound:
        material = demo.material
        source = resolve_source(demo.workspace, material.seeds)
        create_classifier(
            demo.workspace, demo.actor, material.classifier, material.description, source
        )


def _train(demo: Demo) -> None:
    if demo.state.status not in {Status.IN_PROGRESS, Status.FAILED}:
        return
    with step(demo, "Take the seeds", demo.classifier):
        seed_ingest(demo.classifier, demo.actor)
    with step(demo, "Train", demo.classifier):
        training(demo.classifier, demo.actor)


def _test(demo: Demo) -> None:
    if demo.state.status is Status.NEED_TEST_ITEMS:
        with step(demo, "Add and score test items", demo.classifier):
            test_scoring(demo.classifier, demo.material.tests, demo.actor)


def _review(demo: Demo) -> None:
    if demo.state.published_version is not None:
        return
    if demo.review is not None:
        with demo.showing.paused():
            demo.review(demo.classifier)
        return
    while not _is_reviewed(demo):
        state = review_state(demo.workspace, demo.actor, demo.classifier)
        number = state.batch or len(state.points) + 1
        with step(demo, f"Review batch {number} (simulated)", demo.classifier):
            if not _simulate_batch(demo):
                return


def _is_reviewed(demo: Demo) -> bool:
    """Take up what is left to learn, and tell whether publish is open."""
    state = review_state(demo.workspace, demo.actor, demo.classifier)
    if state.learning:
        with step(demo, f"Learn from batch {len(state.points)}", demo.classifier):
            review_gate(demo.classifier, demo.actor)
    return demo.state.status is Status.READY_TO_USE


def _simulate_batch(demo: Demo) -> bool:
    """Answer one batch from the declared labels; False when no items are left."""
    workspace, actor, classifier = demo.workspace, demo.actor, demo.classifier
    try:
        open_batch(workspace, actor, classifier)
    except NotReady as refused:
        if refused.code == "nothing-to-review":
            return False
        raise
    for item in next_items(workspace, actor, classifier):
        record_verdict(workspace, actor, classifier, item.item_id, _verdict(item))
    close_batch(workspace, actor, classifier)
    review_gate(classifier, actor)
    return True


def _verdict(item: ItemToReview) -> str:
    declared = next(part for part in item.folder.split("/") if part in ("positive", "negative"))
    return YES if (declared == "positive") == (item.prediction == MATCH) else NO


def _publish(demo: Demo) -> None:
    found = demo.state
    if found.status is not Status.READY_TO_USE:
        return
    if found.candidate_version != found.published_version:
        with step(demo, "Publish", demo.classifier):
            publish(demo.classifier, demo.actor)


def _label(demo: Demo) -> None:
    if demo.state.published_version is not None:
        with step(demo, "Label the content", f"{TENANT}:labelling"):
            labelling(actor=demo.actor)


@contextmanager
def step(demo: Demo, name: str, subject: str) -> Iterator[None]:
    """Show a step with the progress that the registry has of its run."""
    with demo.showing.step(f"{demo.mark}{name}") as advance:

        def look() -> None:
            with demo.workspace.registry.reading() as session:
                run = last_run(session, subject, demo.workspace.clock())
            if run is not None and run.ended_at is None and run.total:
                advance(run.done, run.total)

        with watching(look):
            yield
