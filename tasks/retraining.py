"""Collect feedback, and compare a retrained version with the published one.

What is compared and how is the operations'; nothing here can publish.
"""

from functools import partial

from cultivar.core.figures import probability
from cultivar.core.reference import ArtifactReference
from cultivar.core.vocabulary import how_many
from cultivar.operations.retraining.crossfit import Compared, compare_versions, contender
from cultivar.operations.retraining.retraining import Begun, Made, finish_retraining, write_feedback
from cultivar.operations.training.figures import version_figures
from cultivar.store.workspace import Workspace
from tasks import Progress, Told, step


@partial(step, named="collect the feedback")
def collect_feedback(workspace: Workspace, begun: Begun) -> Told[ArtifactReference]:
    """Return what the verdicts say that stood when the retraining began."""
    found = write_feedback(workspace, begun)
    return Told(found, f"feedback on {how_many(found.rows, 'item')} for retraining {begun.number}")


@partial(step, named="compare with the live version")
def compare(
    workspace: Workspace, published: str, retrained: ArtifactReference, advance: Progress
) -> Told[Compared]:
    """Return both versions' figures on both sets of items, none judged on what it has learned from.

    ``published`` is the sha256 of the live version's model.
    """
    live = contender(workspace, workspace.artifacts.reference(published))
    compared = compare_versions(workspace, live, contender(workspace, retrained), advance)
    found = compared.found
    flips = sum(row.flips for row in found.rows)
    return Told(
        compared,
        f"{how_many(len(found.rows), 'item')} judged by both versions, {flips:,} of them "
        f"differently; recommended: {found.recommendation.decision}. "
        f"{' '.join(found.recommendation.reasons)}",
    )


@partial(step, named="keep the retrained version")
def finish(workspace: Workspace, actor: str, begun: Begun, made: Made) -> Told[str]:
    """Keep the retrained version and its overview; return the version's id."""
    version_id = finish_retraining(workspace, actor, begun, made)
    kept = version_figures(workspace, version_id)
    return Told(
        version_id,
        f"{kept.name} is kept with its overview: threshold {probability(kept.threshold)}; the "
        "live version stays what it is",
    )
