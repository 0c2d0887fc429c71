"""The whole lifecycle of a classifier, as far as it goes without a person.

It ends when somebody must review or publish. Called again it goes on from where things are, since
each stage finds its own work done.
"""

from cultivar.core.lifecycle import Status
from cultivar.operations.classifier_state import ClassifierState
from cultivar.operations.tenant.accounts import actor_id
from cultivar.operations.tenant.tenant import OPTED_IN, tenant_state
from cultivar.store.workspace import open_workspace
from flows.base.claims import state_of
from flows.base.stage import classifier_tag, stage, tag_run
from flows.labelling import labelling
from flows.opt_in import opt_in
from flows.publish import publish
from flows.review_gate import review_gate
from flows.seed_ingest import seed_ingest
from flows.test_scoring import test_scoring
from flows.training import training
from tasks import Told, say


@stage("lifecycle: {classifier}")
def lifecycle(
    classifier: str,
    test_source: str | None = None,
    actor: str | None = None,
    publish_when_ready: bool = False,
) -> Told[str]:
    """Take a classifier as far as it goes and return its status.

    Args:
        classifier: Name or id of the classifier.
        test_source: A folder of test items to add, as site/library/folder.
        actor: Who asks; the person of the settings when it is left out.
        publish_when_ready: Publish as soon as accuracy is stable, then label.
    """
    with open_workspace() as workspace:
        say(f"lifecycle of {classifier} begins, asked for by {actor_id(workspace, actor)}")
    if not _is_opted_in(actor):
        opt_in(actor)
    tag_run(classifier_tag(state_of(classifier).classifier_id))
    if state_of(classifier).status in {Status.IN_PROGRESS, Status.FAILED}:
        seed_ingest(classifier, actor)
        training(classifier, actor)
    if test_source is not None or state_of(classifier).status is Status.NEED_TEST_ITEMS:
        test_scoring(classifier, test_source, actor)
    review_gate(classifier, actor)
    if publish_when_ready and _is_publishable(state_of(classifier)):
        publish(classifier, actor)
    if state_of(classifier).published_version is not None:
        labelling(actor=actor)
    found = state_of(classifier)
    live = "one version is live" if found.published_version else "no version is live"
    return Told(str(found.status), f"{found.name}: {found.status}; {live}.")


def _is_opted_in(actor: str | None) -> bool:
    with open_workspace() as workspace:
        return tenant_state(workspace, actor_id(workspace, actor)).opt_in_status == OPTED_IN


def _is_publishable(found: ClassifierState) -> bool:
    published = found.candidate_version == found.published_version
    return found.status is Status.READY_TO_USE and not published
