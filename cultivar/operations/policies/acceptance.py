"""Which differences wait for a person, and that a token names one of them.

It evaluates; what is accepted is applied elsewhere.
"""

from collections.abc import Collection, Mapping

from cultivar.core.errors import InvalidInput
from cultivar.core.roles import AnyActor
from cultivar.operations.policies.evaluation import Evaluated, evaluate, locations_to_apply
from cultivar.store.workspace import Workspace


def differences(
    workspace: Workspace, actor: AnyActor, locations: Collection[str] | None = None
) -> list[Evaluated]:
    """Return what applying the policies would change, at each location where that is due.

    Raises: as ``locations_to_apply``.
    """
    due = locations_to_apply(workspace, actor, locations)
    return [evaluate(workspace, actor, name) for name in due]


def require_waiting(accepted: Collection[str], waits: Mapping[str, str]) -> None:
    """Do nothing when each token is that of a difference that waits to be accepted.

    ``waits`` has the location of each token that does.

    Raises:
        InvalidInput: code ``unknown-token``; the sentence names what waits.
    """
    unknown = [token for token in accepted if token not in waits]
    if not unknown:
        return
    said = ", ".join(f"{token} ({location})" for token, location in waits.items())
    raise InvalidInput(
        "unknown-token",
        f"No difference with the token {', '.join(unknown)} waits to be accepted, so nothing was "
        f"changed. What waits: {said or 'nothing'}. `cultivar policy apply --preview` shows what "
        "would change.",
    )
