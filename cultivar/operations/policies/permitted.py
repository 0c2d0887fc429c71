"""Who learns which policies there are: a person who may use some kind of them.

What may be done to one follows from its own kind, which only a look at it tells.
"""

from cultivar.core.policies.policy import PERMISSION_FOR, Kind
from cultivar.core.roles import may
from cultivar.operations.transactions import Transaction


def allow_some_kind(tx: Transaction) -> None:
    """Do nothing when the actor may use some kind of policy.

    Raises:
        NotPermitted: code ``wrong-role``.
    """
    if not any(may(tx.roles, action) for action in PERMISSION_FOR.values()):
        tx.allow(PERMISSION_FOR[Kind.SENSITIVITY])
