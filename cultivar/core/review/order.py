"""The order in which test items are reviewed, and what a verdict says about an item.

It draws positions from ids and predictions; it does not know who reviews or when.

Every item gets a key in [0, 1): shuffled within its predicted class, the k-th of n items gets
(k + u) / n with u drawn for the item. Whatever its class, an item's key is uniform on [0, 1), so
that each item is as likely to come early as late and every batch is an unbiased sample; and up to
any point of the order each class holds its share to within one item, so that batches differ less
than plain random ones (proportional stratified sampling). All draws are hashes of seed and item
id: the order is the same on every machine and with every version of every library.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from hashlib import sha256

from cultivar.core.vocabulary import MATCH, how_many

YES = "yes"
NO = "no"
NOT_SURE = "not sure"
VERDICTS = (YES, NO, NOT_SURE)

RELEVANT = "Relevant"
NOT_RELEVANT = "Not relevant"


def review_order(predictions: Mapping[str, str], seed: str) -> list[str]:
    """Return the item ids in the order of review.

    ``predictions`` maps item id to the predicted class by which the order is stratified.
    """
    classes: dict[str, list[str]] = defaultdict(list)
    for item_id, prediction in predictions.items():
        classes[prediction].append(item_id)
    keys: dict[str, float] = {}
    for members in classes.values():
        keys |= _keys(members, seed)
    return sorted(predictions, key=lambda item_id: (keys[item_id], item_id))


def _keys(members: Iterable[str], seed: str) -> dict[str, float]:
    shuffled = sorted(members, key=lambda item_id: _draw(seed, "rank", item_id))
    return {
        item_id: (rank + _draw(seed, "place", item_id)) / len(shuffled)
        for rank, item_id in enumerate(shuffled)
    }


def _draw(seed: str, purpose: str, item_id: str) -> float:
    """Return a number in [0, 1) with 53 bits."""
    digest = sha256(f"{seed}\n{purpose}\n{item_id}".encode()).digest()
    return (int.from_bytes(digest[:8], "big") >> 11) / 2**53


def shown_as(prediction: str) -> str:
    """Return the words in which a prediction is put to a reviewer."""
    return RELEVANT if prediction == MATCH else NOT_RELEVANT


def is_relevant(prediction: str, verdict: str) -> bool | None:
    """Return what a verdict on a prediction says about the item; None for ``not sure``."""
    if verdict == NOT_SURE:
        return None
    return (prediction == MATCH) == (verdict == YES)


def verdict_on(prediction: str, relevant: str) -> str:
    """Return the verdict on a prediction that follows from what an item is: yes, no or not sure.

    It is its own inverse: of a verdict it returns what the item is.
    """
    if relevant == NOT_SURE:
        return NOT_SURE
    return YES if (prediction == MATCH) == (relevant == YES) else NO


def items_lacking(items: int, unsure: int, needed: int) -> int:
    """Return how many items a test set lacks at least before enough of it can be decided.

    ``unsure`` of its items are judged not sure, which decides nothing; ``needed`` must be decided.
    """
    return max(0, needed - (items - unsure))


def why_more_items(classifier: str, items: int, unsure: int, needed: int) -> str:
    """Return the sentence that asks for more test items, with the command that adds them."""
    command = f"`cultivar add-test {classifier} FOLDER`"
    lacking = items_lacking(items, unsure, needed)
    if not lacking:
        return f"Every test item has a verdict; add more with {command}."
    are = f', {unsure:,} of them judged "{NOT_SURE}"' if unsure else ""
    return (
        f"Publish needs {needed:,} decided reviews; the test set holds {how_many(items, 'item')}"
        f"{are}: add at least {lacking:,} more with {command}."
    )
