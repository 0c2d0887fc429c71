"""The release sample: how many items of each stratum are reviewed, and which ones.

It draws by hashes of ids; it states no figure of quality.

Strata are the three predictions. Splitting the rest further by score is possible (any stratum
names do), but each stratum in which nothing is found still counts as what it may hide, so more
strata need more reviews for the same bound of elusion.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from cultivar.core.release_report.measured import Stratum, measured_figures

REVIEWED_ABOVE = 60
AT_LEAST_A_STRATUM = 30
ELUSION_WANTED = 0.01
_DRAWS = 4_000


@dataclass(frozen=True, slots=True)
class Plan:
    """How many decided reviews each stratum needs, by name.

    ``elusion_bound`` is the 95 % bound that they give if none of the unlabelled is relevant.
    """

    sizes: Mapping[str, int]
    elusion_bound: float

    @property
    def total(self) -> int:
        """Reviews in all strata."""
        return sum(self.sizes.values())


def release_plan(
    documents: int,
    strata: Sequence[Stratum],
    wanted: float = ELUSION_WANTED,
    above: int = REVIEWED_ABOVE,
) -> Plan:
    """Return the smallest plan that bounds elusion at ``wanted`` when nothing relevant is found.

    ``strata`` carry what was scored; their reviews are ignored. Where even all scored items cannot
    bound it, the plan takes them all, and its ``elusion_bound`` says how far that reaches.
    """
    below = [stratum for stratum in strata if not stratum.labelled]
    low, high = 0, sum(stratum.scored for stratum in below)
    while low < high:
        middle = (low + high) // 2
        if _bound(documents, strata, _sizes(strata, above, middle)) <= wanted:
            high = middle
        else:
            low = middle + 1
    sizes = _sizes(strata, above, high)
    return Plan(sizes, _bound(documents, strata, sizes))


def _sizes(strata: Sequence[Stratum], above: int, below: int) -> dict[str, int]:
    """Share the reviews out by size, with a floor for small strata; never more than there are."""
    sizes = {}
    for stratum in strata:
        whole = sum(other.scored for other in strata if other.labelled == stratum.labelled)
        reviews = above if stratum.labelled else below
        share = -(-reviews * stratum.scored // whole) if whole else 0
        sizes[stratum.name] = min(stratum.scored, max(share, AT_LEAST_A_STRATUM))
    return sizes


def _bound(documents: int, strata: Sequence[Stratum], sizes: Mapping[str, int]) -> float:
    clean = [replace(stratum, reviewed=sizes[stratum.name], relevant=0) for stratum in strata]
    return measured_figures(documents, clean, _DRAWS).elusion_bound


def release_order(members: Mapping[str, str], seed: str) -> dict[str, list[str]]:
    """Return each stratum's items in the order in which they are drawn.

    ``members`` maps item id to stratum. The smallest hashes of seed and id come first, so that the
    first n of a stratum are a random sample of it, on every machine, and stay in it when n grows
    (an item that is *not sure* is followed by the next one) or when items are added.
    """
    order: dict[str, list[str]] = {}
    for item_id in sorted(members, key=lambda item_id: (_key(seed, item_id), item_id)):
        order.setdefault(members[item_id], []).append(item_id)
    return order


def release_sample(order: Mapping[str, Sequence[str]], plan: Plan) -> list[str]:
    """Return the items to review first: of each stratum as many as the plan names."""
    return [item_id for name, size in plan.sizes.items() for item_id in order.get(name, ())[:size]]


def _key(seed: str, item_id: str) -> bytes:
    return sha256(f"{seed}\nrelease sample\n{item_id}".encode()).digest()
