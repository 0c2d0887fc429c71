"""What a person does next with a classifier; a command line words it, a page makes it a button.

It reads the registry alone and changes nothing.
"""

from cultivar import operations
from cultivar.core.errors import CultivarError
from cultivar.core.lifecycle import NEXT_STEPS, Status
from cultivar.core.next_steps import NextStep
from cultivar.core.roles import AnyActor
from cultivar.operations.classifiers.details import ClassifierDetails
from cultivar.store.workspace import Workspace


def next_step(workspace: Workspace, actor: AnyActor, details: ClassifierDetails) -> NextStep:
    """Return what comes next for a classifier, by where it stands."""
    if details.heading:
        return NextStep.DECIDE if details.awaits_decision else NextStep.FOLLOW_RETRAINING
    if details.retraining_due and not details.retraining_held_back:
        return NextStep.START_RETRAINING
    if is_newest_live(details):
        return step_after_labelling(workspace, actor, details.id)
    if details.review.items_needed:
        return NextStep.ADD_TEST_ITEMS
    return NEXT_STEPS[Status(details.status)]


def step_after_labelling(
    workspace: Workspace, actor: AnyActor, classifier: str | None = None
) -> NextStep:
    """Return what comes next once a classifier is live; any of them where none is named.

    Content that waits is classified; then a policy is written or applied; where no label waits, the
    explorer shows what was found.
    """
    try:
        if operations.scoring.labelling_due(
            workspace, actor, classifiers=[classifier] if classifier else None
        ):
            return NextStep.LABEL
        policies = operations.policies.list_policies(workspace, actor)
        if not policies:
            return NextStep.CREATE_POLICY
        in_use = any(each.enabled and not each.undone for each in policies)
        if in_use and operations.policies.locations_to_apply(workspace, actor):
            return NextStep.APPLY_POLICIES
    except CultivarError:
        # who may not label may still look
        return NextStep.EXPLORE
    return NextStep.EXPLORE


def is_newest_live(details: ClassifierDetails) -> bool:
    """Tell whether the version that is live is the newest there is."""
    live = details.published_version
    return live is not None and live == details.candidate_version
