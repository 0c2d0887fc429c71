"""Which items of the content a person judges next: no family twice, none that is known already.

It decides from ids and ties, in the order that it is given; it neither scores nor reads text.

Verdicts that teach go to the top of the ranking, not to the neighbourhood of a threshold: there a
version is most often wrong about content of which little is relevant, and each relevant item that
is confirmed leaves the rest of the ranking cleaner (``python -m benchmarks.verdicts``; so does
continuous active learning in document review: Cormack and Grossman 2014, "Evaluation of
machine-learning protocols for technology-assisted review in electronic discovery").
"""

from collections.abc import Collection, Iterable, Sequence
from hashlib import sha256

from cultivar.core.identity.families import Relative, families

TEACHING = "teaching"
COMPARISON = "comparison"

RENEWED_AFTER = 10
"""After so many verdicts of a batch the rest of it is drawn again, by what they teach."""
AT_HAND = 2_000
"""How many items at the top of the ranking are put in order by what is judged so far."""


def distinct(order: Sequence[Relative], known: Collection[Relative]) -> list[str]:
    """Return the ids in their order: the first of each family that holds nothing ``known``."""
    family = families([*known, *order])
    taken = {family[each.item_id] for each in known}
    found = []
    for each in order:
        if family[each.item_id] not in taken:
            taken.add(family[each.item_id])
            found.append(each.item_id)
    return found


def at_random(items: Iterable[Relative], seed: str) -> list[Relative]:
    """Return the items in an order drawn by hashes of seed and id: the same on every machine."""
    return sorted(items, key=lambda each: sha256(f"{seed}\n{each.item_id}".encode()).digest())
