"""Publish a classifier's newest version, when a person asks for it and accuracy is stable.

It moves no pointer by itself: the operation does, and refuses with its reason.
"""

from cultivar.core.roles import Action
from flows.base.claims import on_classifier
from flows.base.stage import stage
from tasks import Told, reporting
from tasks.publishing import look_whether_open, move_pointer, page


@stage("publish: {classifier}")
def publish(
    classifier: str,
    actor: str | None = None,
    override: int | None = None,
    operating_point: str | None = None,
) -> Told[str]:
    """Make the newest version live and return its id.

    Args:
        classifier: Name or id of the classifier.
        actor: Who asks; the person of the settings when it is left out.
        override: Opens the accuracy gate on the actor's word: the number of the audit entry that
            holds the reason, as `cultivar publish NAME --override REASON` makes it.
        operating_point: At which content is labelled: find-most, balanced or be-sure; the one
            chosen before, or balanced, when it is left out.
    """
    with on_classifier("publish", Action.PUBLISH, classifier, actor) as work:
        look_whether_open(work.workspace, work.actor, work.subject, override)
        published = move_pointer(
            work.workspace, work.actor, work.subject, override, operating_point
        )
        made = published.made
        facts = {"version": made.version_id, "publication": made.number}
        reporting.announce("published", work.subject, facts)
        shown = page(work.workspace, published, override)
        reporting.show_page("publication", work.subject, shown)
        return Told(made.version_id, published.sentence)
