"""Which labels an evaluation assigns, which policy wins, and how two evaluations differ.

It reads a table of items with predictions and returns tables; it writes no label anywhere.

The order, where several policies reach one item:

1. A label that a person set, or took away, stays as the person left it.
2. An item has at most one sensitivity label and one retention label. Of the policies of that kind
   that reach it, the one with the lowest priority number gives it; of equal ones a retention label
   with the longer period, then the policy whose id comes first.
3. Communication policies do not exclude one another: each that reaches an item flags it.

An assignment names the classifier that decided: of the leaves that ask for a match and hold, the
first as written.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

import pyarrow as pa
import pyarrow.compute as pc

from cultivar.core.policies.columnar import leaf_truths, reached
from cultivar.core.policies.conditions import ClassifierIs, classifier_nodes
from cultivar.core.policies.policy import Kind, Policy
from cultivar.core.policies.rowwise import score_column

LABELS = pa.schema(
    [
        pa.field("item_id", pa.string(), nullable=False),
        pa.field("sha256", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        # what excludes other labels of the item: empty, or the policy's id for communication
        pa.field("slot", pa.string(), nullable=False),
        pa.field("label", pa.string(), nullable=False),
        pa.field("policy_id", pa.string(), nullable=False),
        pa.field("policy_version", pa.int32(), nullable=False),
        # null where the condition held without any classifier's match
        pa.field("classifier_id", pa.string()),
        pa.field("version_id", pa.string()),
        pa.field("score", pa.float32()),
    ]
)
PEOPLES_LABELS = pa.schema(
    [
        pa.field("item_id", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
    ]
)
_KEY = ["item_id", "kind", "slot"]


def in_order(policies: Iterable[Policy]) -> list[Policy]:
    """Return policies in the order in which the first to reach an item labels it."""
    return sorted(
        policies,
        key=lambda policy: (
            policy.kind,
            policy.priority,
            -(policy.action.retain_days or 0),
            policy.policy_id,
        ),
    )


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The labels that policies give (schema ``LABELS``), and how many people's labels stay."""

    labels: pa.Table
    kept_for_people: int


def evaluation(
    policies: Sequence[Policy],
    items: pa.Table,
    versions: Mapping[str, str],
    manual: pa.Table,
) -> Evaluation:
    """Return the labels that policies give to items.

    ``items`` has the columns of the items table and two for each classifier (see ``rowwise``), one
    row an item; ``versions`` maps classifier to the version that predicted; ``manual`` (schema
    ``PEOPLES_LABELS``) lists the items and kinds of label that a person decided. Policies that are
    not enabled are evaluated as well: leave them out to leave them out.
    """
    kept = 0
    parts = [LABELS.empty_table()]
    for kind in Kind:
        decided = manual.filter(pc.equal(manual["kind"], str(kind)))["item_id"]
        held = pc.is_in(items["item_id"], value_set=decided.combine_chunks())
        free = _all_true(items)
        wanted = pc.invert(free)
        for policy in in_order(policy for policy in policies if policy.kind == kind):
            reaches = reached(policy.condition, items)
            wanted = pc.or_(wanted, reaches)
            chosen = pc.and_(pc.and_(reaches, free), pc.invert(held))
            parts.append(_labelled(policy, items.filter(chosen), versions))
            if kind != Kind.COMMUNICATION:
                free = pc.and_(free, pc.invert(reaches))
        kept += pc.sum(pc.and_(wanted, held)).as_py() or 0
    return Evaluation(pa.concat_tables(parts), kept)


def _all_true(items: pa.Table) -> pa.ChunkedArray:
    return pc.is_valid(items["item_id"])


def _labelled(policy: Policy, items: pa.Table, versions: Mapping[str, str]) -> pa.Table:
    count = items.num_rows
    slot = policy.policy_id if policy.kind == Kind.COMMUNICATION else ""
    classifier, version, score = _decided_by(policy, items, versions)
    columns = [
        items["item_id"].cast(pa.string()),
        items["sha256"].cast(pa.string()),
        *(
            pa.repeat(pa.scalar(value, pa.string()), count)
            for value in (str(policy.kind), slot, policy.action.label, policy.policy_id)
        ),
        pa.repeat(pa.scalar(policy.version, pa.int32()), count),
        classifier,
        version,
        score,
    ]
    return pa.Table.from_arrays(columns, schema=LABELS)


def _decided_by(
    policy: Policy, items: pa.Table, versions: Mapping[str, str]
) -> tuple[pa.Array, pa.Array, pa.Array]:
    """Return classifier, version and score of the first leaf that holds, for each item."""
    leaves = [leaf for node, leaf in classifier_nodes(policy.condition) if not node.negated]
    nothing = pa.nulls(items.num_rows, pa.string()), pa.nulls(items.num_rows, pa.string())
    start = (*nothing, pa.nulls(items.num_rows, pa.float32()))
    return reduce(
        lambda found, leaf: _first(found, leaf, items, versions.get(leaf.classifier_id)),
        leaves,
        start,
    )


def _first(
    found: tuple[pa.Array, pa.Array, pa.Array],
    leaf: ClassifierIs,
    items: pa.Table,
    version_id: str | None,
) -> tuple[pa.Array, pa.Array, pa.Array]:
    """Fill in the leaf where it holds and no leaf before it did."""
    holds = pc.fill_null(leaf_truths(leaf, items), False)
    new = pc.and_(holds, pc.is_null(found[0]))
    name = score_column(leaf.classifier_id)
    empty = pa.nulls(items.num_rows, pa.float32())
    scores = items[name].combine_chunks() if name in items.column_names else empty
    return (
        pc.if_else(new, pa.scalar(leaf.classifier_id), found[0]),
        pc.if_else(new, pa.scalar(version_id, pa.string()), found[1]),
        pc.if_else(new, scores.cast(pa.float32()), found[2]),
    )


@dataclass(frozen=True, slots=True)
class Difference:
    """What an evaluation would change of the one before.

    ``added`` and ``removed`` have the schema ``LABELS``; ``changed`` has ``item_id``, ``kind``,
    ``slot``, ``before`` and ``after`` (labels). ``unchanged`` counts labels that stay, though the
    policy or the version behind them may be another.
    """

    added: pa.Table
    removed: pa.Table
    changed: pa.Table
    unchanged: int


def difference(before: pa.Table, after: pa.Table) -> Difference:
    """Return what ``after`` adds to, removes from and changes in ``before`` (schema ``LABELS``).

    Each table holds an item, kind and slot at most once; rows come in the order of those three.
    """
    both = before.select([*_KEY, "label"]).join(
        after.select([*_KEY, "label"]), _KEY, join_type="inner", right_suffix="_after"
    )
    differs = pc.not_equal(both["label"], both["label_after"])
    changed = both.filter(differs).rename_columns([*_KEY, "before", "after"])
    return Difference(
        _sorted(after.join(before.select(_KEY), _KEY, join_type="left anti")),
        _sorted(before.join(after.select(_KEY), _KEY, join_type="left anti")),
        _sorted(changed),
        both.num_rows - changed.num_rows,
    )


def _sorted(rows: pa.Table) -> pa.Table:
    return rows.sort_by([(name, "ascending") for name in _KEY])
