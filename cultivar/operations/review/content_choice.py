"""Which items of the content are judged next: the top of it, by all that is judged so far.

A version says what the top is; a quick fit on what it has learned from, and on the verdicts of the
open batch, says what comes first there. It reads and scores; nothing is written but the ranking.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from cultivar.core.errors import NotReady
from cultivar.core.identity.families import Relative
from cultivar.core.learning import quick
from cultivar.core.learning.features import concatenate, extract
from cultivar.core.learning.rounds import UNLABELLED
from cultivar.core.learning.training import taught
from cultivar.core.learning.writing.forms import folding_of
from cultivar.core.next_steps import NextStep, Remedy
from cultivar.core.review.content_batch import AT_HAND, distinct
from cultivar.core.vocabulary import MATCH, NO_MATCH
from cultivar.operations.content_thresholds import cut_in_content
from cultivar.operations.engines import engine_of
from cultivar.operations.identifiers import version_row
from cultivar.operations.retraining.candidates import own_words_in
from cultivar.operations.review import content_ranking
from cultivar.operations.review.content_batches import Shown
from cultivar.operations.training.training import compared_with, material_of
from cultivar.store.models import read_model
from cultivar.store.tables import ClassifierRow
from cultivar.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked: ``count`` items by a version, none of the ``known`` ones or their families.

    ``said`` tells of items of the open batch that were judged whether they are relevant.
    """

    version: str
    known: frozenset[str]
    said: Mapping[str, bool]
    count: int


def next_items(workspace: Workspace, row: ClassifierRow, asked: Asked) -> list[Shown]:
    """Return the items whose verdict is worth most now, the first first.

    Raises:
        NotReady: codes ``no-location``, ``not-crawled``, ``nothing-to-review``.
    """
    known, version = asked.known, asked.version
    scores = content_ranking.scores_of(workspace, content_ranking.rank_content(workspace, version))
    tied = content_ranking.tied_items(workspace, {*scores, *known})
    order = [item for item in scores if item in tied and item not in known]
    barred = content_ranking.taught_with(workspace, row)
    barred += [tied[item].relative if item in tied else Relative(item) for item in sorted(known)]
    order = distinct([tied[item].relative for item in order], barred)
    if not order:
        raise NotReady(
            "nothing-to-review",
            f"Every item at the top of the content of {row.name} is judged, a seed or a test item.",
            remedy=Remedy(NextStep.CRAWL, effect="takes in what is new"),
        )
    crawls = {item: tied[item].items_sha256 for item in (*order[:AT_HAND], *asked.said)
              if item in tied}  # fmt: skip
    chosen = [*_ordered(workspace, asked, order[:AT_HAND], crawls), *order[AT_HAND:]][: asked.count]
    cut = cut_in_content(workspace, version)
    threshold = cut.threshold if cut else version_row(workspace, version).threshold
    return [
        Shown(
            item, scores[item], threshold, MATCH if scores[item] >= threshold else NO_MATCH,
            tied[item].items_sha256,
        )
        for item in chosen
    ]  # fmt: skip


def _ordered(
    workspace: Workspace, asked: Asked, items: Sequence[str], crawls: Mapping[str, str]
) -> list[str]:
    """Return items of the content in the order of a quick fit on all that is judged."""
    model = read_model(
        workspace.artifacts,
        workspace.artifacts.reference(version_row(workspace, asked.version).model_sha256),
    )
    seed = compared_with(workspace)[1]
    given = material_of(workspace, model.inputs, seed)
    engine = engine_of(workspace, model)
    material, idf = taught(given, engine)
    said = {item: relevant for item, relevant in asked.said.items() if item in crawls}
    wanted = [*said, *items]
    texts = own_words_in(workspace, _by_crawl(crawls))
    column = pa.array([texts[item] for item in wanted], pa.large_string())
    rows = extract(column, engine, idf, folding_of(given.folding))
    roles = np.concatenate([
        material.roles,
        np.array(list(said.values()), np.int8),
        np.full(len(items), UNLABELLED, np.int8),
    ])  # fmt: skip
    every = concatenate([material.rows, rows], rows.dense.shape[1])
    places = np.arange(len(roles) - len(items), len(roles))
    values = quick.fit(every, roles, seed).decide(every, places)
    return [items[place] for place in np.argsort(-values, kind="stable")]


def _by_crawl(crawls: Mapping[str, str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for item, sha256 in crawls.items():
        found.setdefault(sha256, []).append(item)
    return found
