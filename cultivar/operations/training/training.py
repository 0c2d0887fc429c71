"""Training a version: the one place that brings seeds, baseline and reviews to the learner.

It reads artifacts and writes a model; what is learned from them is the core's.
"""

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from cultivar.core.audit_actions import AuditAction
from cultivar.core.errors import NotReady
from cultivar.core.learning.engine import Engine
from cultivar.core.learning.model import Model
from cultivar.core.learning.training import TrainingInput, train
from cultivar.core.lifecycle import Event
from cultivar.core.next_steps import NextStep, Remedy
from cultivar.core.reference import ArtifactReference
from cultivar.core.roles import Action, AnyActor
from cultivar.core.texts.own_words import TEXT_COLUMNS, with_own_words
from cultivar.core.texts.reading_status import WITH_TEXT
from cultivar.operations.content_thresholds import STORED
from cultivar.operations.engines import configured_engine, producer_of
from cultivar.operations.identifiers import next_number, version_id
from cultivar.operations.lookups import classifier_named
from cultivar.operations.outbox import TRAINING_DUE
from cultivar.operations.reuse import Made, made_once
from cultivar.operations.review.content_items import write_content_verdicts
from cultivar.operations.transactions import Transaction, tenant_of, transaction
from cultivar.operations.transitions import StatusChange, apply_transition
from cultivar.store.models import read_model, write_model
from cultivar.store.origin import MODEL
from cultivar.store.tables import ClassifierRow, VersionRow
from cultivar.store.workspace import Workspace


def train_version(
    workspace: Workspace,
    classifier: str,
    reviews: ArtifactReference | None = None,
    feedback: ArtifactReference | None = None,
) -> Made:
    """Train on the classifier's seeds and the tenant's baseline, and return the model file.

    ``reviews`` and ``feedback`` are the artifacts of these names to learn from as well. The same
    inputs give the same bytes, and are trained only once with the same engine.

    Raises:
        NotReady: codes ``no-seed-set``, ``not-opted-in``.
    """
    inputs, seed = training_inputs(workspace, classifier, reviews, feedback)
    engine = configured_engine(workspace)
    return made_once(
        workspace, MODEL, producer_of(engine), inputs,
        lambda: train_on(workspace, inputs, seed, engine),
    )  # fmt: skip


def training_inputs(
    workspace: Workspace,
    classifier: str,
    reviews: ArtifactReference | None = None,
    feedback: ArtifactReference | None = None,
) -> tuple[dict[str, str], int]:
    """Return part → sha256 of all that a version is learned from, and the tenant's seed.

    Without ``feedback`` the one that the live version has learned from is learned again, so that a
    review after a republish forgets nothing. Verdicts from the content are always learned.
    """
    with workspace.registry.reading() as session:
        row = classifier_named(session, classifier)
        live = session.get(VersionRow, row.published_version_id or "")
    if row.seed_set_sha256 is None:
        raise NotReady(
            "no-seed-set",
            f"{row.name} has no seed set yet.",
            remedy=Remedy(NextStep.TRAIN, row.id, "takes its seeds in"),
        )
    everyday, seed = compared_with(workspace)
    parts: dict[str, str | None] = {"seed_set": row.seed_set_sha256, **everyday}
    if reviews is not None:
        parts |= {"reviews": reviews.sha256, "test_set": row.test_set_sha256}
    parts["feedback"] = feedback.sha256 if feedback else _learned_feedback(workspace, live)
    from_content = write_content_verdicts(workspace, row.id)
    parts["content_verdicts"] = from_content.sha256 if from_content else None
    return {part: sha256 for part, sha256 in parts.items() if sha256}, seed


def compared_with(workspace: Workspace) -> tuple[dict[str, str], int]:
    """Return part → sha256 of the everyday content that seeds are compared with, and the seed.

    Raises:
        NotReady: code ``not-opted-in``.
    """
    with workspace.registry.reading() as session:
        tenant = tenant_of(session)
    if tenant.unlabelled_sha256 is None:
        raise NotReady(
            "not-opted-in",
            "The organisation has no baseline yet.",
            remedy=Remedy(NextStep.OPT_IN),
        )
    parts = {
        "baseline": tenant.baseline_sha256,
        "document_frequencies": tenant.document_frequencies_sha256,
        "unlabelled": tenant.unlabelled_sha256,
    }
    return {part: sha256 for part, sha256 in parts.items() if sha256}, tenant.seed


def _learned_feedback(workspace: Workspace, live: VersionRow | None) -> str | None:
    if live is None:
        return None
    return workspace.artifacts.inputs_of(live.model_sha256).get("feedback")


def train_on(
    workspace: Workspace, inputs: Mapping[str, str], seed: int, engine: Engine | None = None
) -> ArtifactReference:
    """Train on named artifacts, as ``training_inputs`` returns them, and write the model.

    ``engine`` is that of the settings unless another is named.

    Raises:
        NotReady: code ``transformer-not-installed``.
        InvalidInput: code ``bad-transformer``.
    """
    chosen = engine or configured_engine(workspace)
    model = train(material_of(workspace, inputs, seed), chosen)
    return write_model(workspace.artifacts, model, producer=producer_of(chosen), inputs=inputs)


def material_of(workspace: Workspace, inputs: Mapping[str, str], seed: int) -> TrainingInput:
    """Return what named artifacts hold for the learner."""
    seed_set = workspace.artifacts.reference(inputs["seed_set"])
    seeds = workspace.artifacts.read(seed_set, columns=["item_id", *TEXT_COLUMNS, "used"])
    return learning_input(workspace, inputs, seed, with_own_words(seeds.filter(seeds["used"])))


def learning_input(
    workspace: Workspace, inputs: Mapping[str, str], seed: int, seeds: pa.Table
) -> TrainingInput:
    """Return seeds beside what named artifacts hold for the learner.

    Reviewed items and those that people chose from the content are one table, ordered by id. What
    people judged is not unlabelled: texts of the content that are judged leave that sample.
    """
    tables = {part: workspace.artifacts.reference(sha256) for part, sha256 in inputs.items()}
    store = workspace.artifacts
    chosen = _chosen(workspace, tables)
    columns = ["item_id", *TEXT_COLUMNS]
    unlabelled = with_own_words(store.read(tables["unlabelled"], columns=columns))
    chosen = chosen if chosen is None else _with_sampled(chosen, unlabelled)
    return TrainingInput(
        seeds=seeds,
        unlabelled=unlabelled if chosen is None else _without(unlabelled, chosen),
        document_frequencies=store.read(tables["document_frequencies"]),
        reviewed=_both(_reviewed(workspace, tables), chosen),
        baseline_documents=documents_of(store.read(tables["baseline"])),
        seed=seed,
        inputs=dict(inputs),
        folding=store.header(tables["document_frequencies"])["schema_version"],
    )


def documents_of(baseline: pa.Table) -> int:
    """Return how many readable documents the baseline counted."""
    readable = baseline.filter(pc.field("status").isin(WITH_TEXT))
    return int(pc.sum(readable.column("items")).as_py() or 0)


def _reviewed(workspace: Workspace, tables: Mapping[str, ArtifactReference]) -> pa.Table | None:
    """Return the reviewed items with text and ``relevant``, in the order of their ids."""
    if "reviews" not in tables:
        return None
    verdicts = workspace.artifacts.read(tables["reviews"], columns=["item_id", "relevant"])
    columns = ["item_id", *TEXT_COLUMNS]
    texts = with_own_words(workspace.artifacts.read(tables["test_set"], columns=columns))
    wanted = texts.filter(pc.is_in(texts.column("item_id"), verdicts.column("item_id")))
    joined = wanted.take(pc.index_in(verdicts.column("item_id"), wanted.column("item_id")))
    return joined.append_column("relevant", verdicts.column("relevant")).sort_by("item_id")


def _chosen(workspace: Workspace, tables: Mapping[str, ArtifactReference]) -> pa.Table | None:
    """Return the judged items of the content on which people agree, in the order of their ids.

    They are chosen, not drawn: of what a version lists, or from the top of its ranking. Feedback,
    which may be several people's, wins over a verdict of a batch.
    """
    found: pa.Table | None = None
    for part in ("feedback", "content_verdicts"):
        if part not in tables:
            continue
        read = workspace.artifacts.read(tables[part], columns=["item_id", "text", "relevant"])
        decided = read.filter(pc.is_valid(read.column("relevant")))
        ranked = pa.repeat(pa.scalar(part == "content_verdicts"), len(decided))
        decided = decided.append_column("ranked", ranked)
        if found is not None:
            again = pc.is_in(decided.column("item_id"), value_set=found.column("item_id"))
            others = decided.filter(pc.invert(again))
            # the one declares that nothing of it is null, the other does not
            decided = pa.concat_tables([found, others], promote_options="default")
        found = decided
    if found is None:
        return None
    marked = pa.repeat(pa.scalar(True), len(found))
    return found.sort_by("item_id").append_column("chosen", marked)


def _with_sampled(chosen: pa.Table, unlabelled: pa.Table) -> pa.Table:
    """Mark the judged items that are of the random sample of the content."""
    texts = pc.unique(unlabelled.column("text"))
    sampled = pc.is_in(chosen.column("text"), value_set=texts.cast(chosen.column("text").type))
    return chosen.append_column("sampled", sampled)


def _without(unlabelled: pa.Table, judged: pa.Table) -> pa.Table:
    """Leave out what is judged; of small content that is judged whole, what is relevant alone."""
    relevant = judged.filter(pc.equal(judged.column("relevant"), 1))
    for left_out in (judged, relevant):
        texts = pc.unique(left_out.column("text"))
        rest = unlabelled.filter(pc.invert(pc.is_in(unlabelled.column("text"), value_set=texts)))
        if len(rest):
            return rest
    return unlabelled


def _both(reviewed: pa.Table | None, chosen: pa.Table | None) -> pa.Table | None:
    """Return both kinds of judged items; what was chosen, the later word, wins over a review."""
    if reviewed is None or chosen is None:
        return chosen if reviewed is None else reviewed
    again = pc.is_in(reviewed.column("item_id"), value_set=chosen.column("item_id"))
    drawn = reviewed.filter(pc.invert(again))
    for mark in ("ranked", "chosen", "sampled"):
        drawn = drawn.append_column(mark, pa.repeat(pa.scalar(False), len(drawn)))
    both = [drawn, chosen.cast(drawn.schema)]
    return pa.concat_tables(both).sort_by("item_id")


def record_version(
    workspace: Workspace,
    actor: AnyActor,
    classifier: str,
    model: ArtifactReference,
    reason: str = "training",
) -> tuple[str, StatusChange | None]:
    """Make a model the candidate version; return its id, and the transition if there is one.

    ``reason`` is ``training``, ``review`` or ``retraining``. A model that is a version already is
    taken up as it is.

    Raises:
        GateClosed: the first training's seed set did not pass its gate.
        NotReady: code ``wrong-status``.
    """
    trained = read_model(workspace.artifacts, model)
    with transaction(workspace, actor, Action.TRAIN) as tx:
        row = tx.classifier(classifier, Action.TRAIN)
        version = version_id(row.id, model)
        if tx.session.get(VersionRow, version) is None:
            add_version(tx, row, (model, trained), reason)
        if row.candidate_version_id != version:
            row.candidate_version_id = version
            tx.audit(AuditAction.CANDIDATE, row.id, version=version, reason=reason)
        if reason != "training":
            return version, None
        tx.clear_due(TRAINING_DUE, row.id)
        return version, apply_transition(
            tx, row, Event.MODEL_BUILT, {"seed_set": row.seed_set_sha256}
        )


def add_version(
    tx: Transaction, row: ClassifierRow, found: tuple[ArtifactReference, Model], reason: str
) -> None:
    """Keep a model as the classifier's next version; it is neither candidate nor live yet."""
    model, trained = found
    tx.session.add(
        VersionRow(
            id=version_id(row.id, model),
            classifier_id=row.id,
            number=next_number(tx.session, VersionRow.number, VersionRow.classifier_id == row.id),
            model_sha256=model.sha256,
            reason=reason,
            threshold=float(trained.threshold),
            prior=float(trained.prior),
            evidence={
                "training": dict(trained.training),
                "engine": dict(trained.engine),
                **({STORED: trained.operating.stored} if trained.operating else {}),
                "seed": tx.tenant.seed,
            },
            created_at=tx.at,
        )
    )
    tx.session.flush()
