"""What policies are evaluated on: a location's items with their predictions, a batch at a time.

It joins what crawling and labelling left behind; it decides about no label.

Scores are kept for matches and close matches alone. An item that was scored and is not listed has
the prediction ``no match``; its score is below what the version lists, so a condition that asks for
a score at or above that bound is answered, and one that asks for less stays unknown.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import select
from sqlalchemy.orm import Session

from cultivar.core.errors import Damaged, NotReady
from cultivar.core.next_steps import NextStep, Remedy
from cultivar.core.policies.assigning import PEOPLES_LABELS
from cultivar.core.policies.basis import Basis
from cultivar.core.policies.conditions import classifier_nodes, classifiers_of
from cultivar.core.policies.policy import Policy
from cultivar.core.policies.rewriting import with_probabilities
from cultivar.core.policies.rowwise import prediction_column, score_column
from cultivar.core.schemas.arrays import arrow_texts
from cultivar.core.texts.reading_status import WITH_TEXT
from cultivar.core.vocabulary import NO_MATCH
from cultivar.operations.content.locations import KnownLocation, crawled_location
from cultivar.operations.content_thresholds import cut_of, points_of
from cultivar.operations.identifiers import version_row
from cultivar.operations.scoring.version_models import model_of
from cultivar.store.tables import ClassifierRow, LabellingRow, PersonLabelRow, UndoRow, VersionRow
from cultivar.store.workspace import Workspace

ITEM_COLUMNS = [
    "item_id",
    "location",
    "workload",
    "path",
    "folder",
    "name",
    "sha256",
    "source_path",
    "size",
    "created_at",
    "modified_at",
    "status",
]
_BATCH = 32_768


@dataclass(frozen=True, slots=True)
class EvaluationInput:
    """A location with the policies to evaluate and the newest predictions of their classifiers.

    ``versions`` maps classifier to the version that predicted, ``points`` to the operating point at
    which it did (none: at the review's threshold), ``listed`` to the artifact of its matches and
    close matches; a classifier whose version was undone is in none of them.
    """

    location: KnownLocation
    policies: tuple[Policy, ...]
    versions: Mapping[str, str]
    points: Mapping[str, str]
    listed: Mapping[str, str]
    undone: tuple[str, ...]
    manual: pa.Table

    @property
    def basis(self) -> Basis:
        """What an evaluation follows from, as plain values; equal ones give equal labels."""
        basis: Basis = {
            "items": self.location.items_sha256,
            "policies": {policy.policy_id: policy.version for policy in self.policies},
            "versions": dict(self.versions),
            "listed": dict(self.listed),
            "undone": list(self.undone),
            "people": _digest(self.manual),
        }
        if self.points:
            basis["points"] = dict(self.points)
        return basis


def evaluation_input(
    session: Session, location: str, policies: Sequence[Policy]
) -> EvaluationInput:
    """Return what policies are to be evaluated on at a location.

    Raises:
        NotFound: code ``unknown-location``.
        NotReady: codes ``not-crawled``, ``not-labelled`` (a classifier has not scored the newest
            items with its published version yet).
    """
    known = crawled_location(session, location)
    gone, gone_versions = _undone(session)
    kept = tuple(policy for policy in policies if (policy.policy_id, policy.version) not in gone)
    versions, points, listed = {}, {}, {}
    asked = {name: None for policy in kept for name in classifiers_of(policy.condition)}
    for classifier_id in asked:
        row = _labelling(session, known, classifier_id)
        if row.version_id not in gone_versions:
            versions[classifier_id] = row.version_id
            if row.operating_point is not None:
                points[classifier_id] = row.operating_point
            listed[classifier_id] = row.assignments_sha256
    undone = sorted(
        [f"policy:{name}/{version}" for name, version in gone]
        + [f"version:{name}" for name in gone_versions]
    )
    stated = tuple(_with_probabilities(session, policy, versions) for policy in kept)
    return EvaluationInput(
        known, stated, versions, points, listed, tuple(undone), _manual_labels(session, location)
    )


def _with_probabilities(session: Session, policy: Policy, versions: Mapping[str, str]) -> Policy:
    """Return a policy that asks for probabilities where it is kept with operating points."""
    found = {
        classifier: points_of(session.get_one(VersionRow, version))
        for classifier, version in versions.items()
    }
    thresholds = {
        classifier: {name: each.threshold for name, each in known.points.items()}
        for classifier, known in found.items()
        if known is not None
    }
    return replace(policy, condition=with_probabilities(policy.condition, thresholds))


def _undone(session: Session) -> tuple[set[tuple[str, int]], set[str]]:
    rows = session.scalars(select(UndoRow)).all()
    policies = {
        (row.policy_id, row.policy_version)
        for row in rows
        if row.policy_id is not None and row.policy_version is not None
    }
    versions = {row.classifier_version_id for row in rows if row.classifier_version_id}
    return policies, versions


def _labelling(session: Session, known: KnownLocation, classifier_id: str) -> LabellingRow:
    row = session.get(LabellingRow, (known.name, classifier_id))
    classifier = session.get_one(ClassifierRow, classifier_id)
    live = (known.items_sha256, classifier.published_version_id, classifier.operating_point)
    if row is None or (row.items_sha256, row.version_id, row.operating_point) != live:
        raise NotReady(
            "not-labelled",
            f"The published version of {classifier_id} has not scored the newest items of "
            f"{known.name} yet.",
            {"location": known.name, "classifier": classifier_id},
            Remedy(NextStep.LABEL, known.name),
        )
    return row


def _manual_labels(session: Session, location: str) -> pa.Table:
    rows = session.execute(
        select(PersonLabelRow.item_id, PersonLabelRow.kind)
        .where(PersonLabelRow.location == location)
        .order_by(PersonLabelRow.item_id, PersonLabelRow.kind)
    ).all()
    items, kinds = zip(*rows, strict=True) if rows else ((), ())
    columns = [arrow_texts(items), arrow_texts(kinds)]
    return pa.Table.from_arrays(columns, names=PEOPLES_LABELS.names).cast(PEOPLES_LABELS)


def _digest(manual: pa.Table) -> str:
    held = sha256()
    for row in manual.to_pylist():
        held.update(f"{row['item_id']} {row['kind']}\n".encode())
    return held.hexdigest()[:16]


def rows_of(workspace: Workspace, target: EvaluationInput) -> Iterator[pa.Table]:
    """Yield the location's items, each with its predictions and scores; see ``rowwise``."""
    store = workspace.artifacts
    streams = {
        name: _Listed(workspace, sha256, _fill(workspace, target, name))
        for name, sha256 in target.listed.items()
    }
    items = store.reference(target.location.items_sha256)
    for batch in store.batches(items, columns=ITEM_COLUMNS, batch_size=_BATCH):
        table = pa.Table.from_batches([batch])
        readable = pc.is_in(batch.column("status"), pa.array(WITH_TEXT))
        for name, stream in streams.items():
            predictions, scores = stream.of(batch.column("item_id"), readable)
            table = table.append_column(prediction_column(name), predictions)
            table = table.append_column(score_column(name), scores)
        yield table
    for stream in streams.values():
        stream.require_spent()


def _least_asked(target: EvaluationInput, classifier_id: str) -> float:
    asked = [
        leaf.at_least
        for policy in target.policies
        for _, leaf in classifier_nodes(policy.condition)
        if leaf.classifier_id == classifier_id and isinstance(leaf.at_least, float)
    ]
    return min(asked, default=1.0)


def _fill(workspace: Workspace, target: EvaluationInput, classifier_id: str) -> float | None:
    """Return the score that stands for one below what is listed; None where it might matter."""
    version_id = target.versions[classifier_id]
    cut = cut_of(version_row(workspace, version_id), target.points.get(classifier_id))
    bound = cut.close if cut else _close_threshold(workspace, version_id)
    return 0.0 if _least_asked(target, classifier_id) >= bound else None


def _close_threshold(workspace: Workspace, version_id: str) -> float:
    return model_of(workspace, version_id).close_threshold


class _Listed:
    """The matches and close matches of a version, taken in the order of the items."""

    def __init__(self, workspace: Workspace, sha256: str, fill: float | None) -> None:
        store = workspace.artifacts
        columns = ["item_id", "prediction", "score"]
        self._batches = store.batches(store.reference(sha256), columns, _BATCH)
        self._fill = fill
        self._left: pa.Table | None = self._next()

    def _next(self) -> pa.Table | None:
        for batch in self._batches:
            if batch.num_rows:
                return pa.Table.from_batches([batch])
        return None

    def of(self, item_ids: pa.Array, readable: pa.Array) -> tuple[pa.Array, pa.Array]:
        """Return predictions and scores of the next items; null where an item is not readable."""
        found = self._within(item_ids)
        at = pc.index_in(item_ids, value_set=found["item_id"].combine_chunks())
        listed = pc.is_valid(at)
        predictions = pc.take(found["prediction"].combine_chunks(), at)
        scores = pc.take(found["score"].combine_chunks(), at)
        missed = pc.and_(readable, pc.invert(listed))
        fill = pa.scalar(self._fill, pa.float32())
        return pc.if_else(missed, NO_MATCH, predictions), pc.if_else(missed, fill, scores)

    def _within(self, item_ids: pa.Array) -> pa.Table:
        """Take the rows of these items; they come first, as both tables are in one order."""
        taken = []
        while self._left is not None:
            outside = pc.is_null(pc.index_in(self._left["item_id"], value_set=item_ids))
            count = pc.index(outside, True).as_py()
            if count < 0:
                taken.append(self._left)
                self._left = self._next()
                continue
            taken.append(self._left.slice(0, count))
            self._left = self._left.slice(count)
            break
        return pa.concat_tables(taken) if taken else _NOTHING

    def require_spent(self) -> None:
        """Do nothing when every row found its item.

        Raises:
            Damaged: code ``foreign-assignments``.
        """
        if self._left is not None:
            raise Damaged(
                "foreign-assignments",
                "The assignments of a location name items in another order than its items, or "
                "others.",
                remedy=Remedy(NextStep.LABEL, effect="classifies the location again"),
            )


_NOTHING = pa.table(
    {
        "item_id": pa.nulls(0, pa.string()),
        "prediction": pa.nulls(0, pa.string()),
        "score": pa.nulls(0, pa.float32()),
    }
)
