"""What can be recommended of a retrained version, and the action that the overview then offers.

The rule stands elsewhere: who only asks what was recommended waits for no statistics.
"""

from cultivar.core.limits import CORRECTIONS_TO_RETRAIN

REPUBLISH = "republish"
KEEP = "keep"
NOT_ENOUGH = "not enough evidence"
# what the overview offers as the recommended action
ACTIONS = {
    REPUBLISH: "re-publish",
    KEEP: "provide more feedback",
    NOT_ENOUGH: "provide more feedback",
}
# the reason that asks for what the action above offers
MORE = f"Give at least {CORRECTIONS_TO_RETRAIN} more items feedback."
