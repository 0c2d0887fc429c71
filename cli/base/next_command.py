"""What comes after classifying: labels by policies, or a look at what was found.

It reads the registry alone and changes nothing.
"""

from cli.base.session import Session
from cultivar import operations
from cultivar.core.errors import CultivarError


def after_classifying(session: Session, classifier: str | None = None) -> str:
    """Return the command that comes next once a classifier is live.

    Content that waits is classified; then a policy is written or applied; where no label waits, the
    explorer shows what was found.
    """
    look = "cultivar explore counts" + (f" --classifier {classifier}" if classifier else "")
    who = session.workspace, session.actor
    try:
        only = None if classifier is None else [classifier]
        if operations.scoring.labelling_due(*who, classifiers=only):
            return "cultivar label"
        policies = operations.policies.list_policies(*who)
        if not policies:
            return (
                'cultivar policy create "NAME" --kind sensitivity --label LABEL '
                f"--classifier {classifier or 'ID'}"
            )
        in_use = any(each.enabled and not each.undone for each in policies)
        return (
            "cultivar policy apply"
            if in_use and operations.policies.locations_to_apply(*who)
            else look
        )
    except CultivarError:
        # who may not label may still look
        return look
