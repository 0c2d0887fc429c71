"""Label the items of one location with one published version.

Scoring streams inside the operation; nothing here holds rows.
"""

from dataclasses import dataclass
from functools import partial

from cultivar.core.reference import ArtifactReference
from cultivar.core.vocabulary import how_many
from cultivar.operations.scoring.labelling import LabellingDue
from cultivar.operations.scoring.scoring import Counts, label_items
from cultivar.settings import Settings
from cultivar.store.workspace import open_workspace
from tasks import Progress, Told, step


@dataclass(frozen=True, slots=True)
class Labelled:
    """The assignments of one location, and how many items were scored and matched."""

    due: LabellingDue
    assignments: ArtifactReference
    counts: Counts

    @property
    def listed(self) -> int:
        """Matches and close matches."""
        return self.counts.matches + self.counts.close_matches


@partial(step, named="classify {due.location} by {due.classifier_id}")
def label_location(
    settings: Settings, due: LabellingDue, advance: Progress | None = None
) -> Told[Labelled]:
    """Return the assignments of a version to a location's items; what it judged before stands.

    Takes settings rather than an open workspace, so that it can run on another machine; there
    nobody is told how far it is.
    """
    with open_workspace(settings) as workspace:
        items = workspace.artifacts.reference(due.items_sha256)
        found = label_items(
            workspace,
            due.classifier_id,
            due.version_id,
            items,
            operating_point=due.operating_point,
            before=due.before,
            progress=advance,
        )
    labelled = Labelled(due, *found)
    counts = labelled.counts
    return Told(
        labelled,
        f"{due.classifier_id} at {due.location}: "
        f"{how_many(counts.matches, 'match', 'matches')} and "
        f"{how_many(counts.close_matches, 'close match', 'close matches')} among "
        f"{how_many(counts.items, 'item')}, {counts.scored:,} of them scored in this run",
    )
