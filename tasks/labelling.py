"""Label the items of one location with every published version that is due there.

Scoring streams inside the operation; nothing here holds rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from cultivar.core.reference import ArtifactReference
from cultivar.core.vocabulary import how_many
from cultivar.operations.scoring.item_labels import label_items
from cultivar.operations.scoring.labelling import Counts, LabellingDue
from cultivar.settings import Settings
from cultivar.store.workspace import open_workspace
from tasks import Progress, Told, step


@dataclass(frozen=True, slots=True)
class Labelled:
    """What a classifier assigned at one location, and how many items were scored and matched."""

    due: LabellingDue
    assignments: ArtifactReference
    counts: Counts

    @property
    def listed(self) -> int:
        """Matches and close matches."""
        return self.counts.matches + self.counts.close_matches


@partial(step, named="classify {location}")
def label_location(
    settings: Settings,
    location: str,
    due: Sequence[LabellingDue],
    advance: Progress | None = None,
) -> Told[list[Labelled]]:
    """Return what each version assigns to a location's items; what it judged before stands.

    Takes settings rather than an open workspace, so that it can run on another machine; there
    nobody is told how far it is.
    """
    with open_workspace(settings) as workspace:
        found = label_items(workspace, due, advance)
    labelled = [Labelled(each, *made) for each, made in zip(due, found, strict=True)]
    return Told(labelled, f"{location}: {'; '.join(map(_said, labelled))}")


def _said(labelled: Labelled) -> str:
    counts = labelled.counts
    return (
        f"{labelled.due.classifier_id}: "
        f"{how_many(counts.matches, 'match', 'matches')} and "
        f"{how_many(counts.close_matches, 'close match', 'close matches')} among "
        f"{how_many(counts.items, 'item')}, {counts.scored:,} of them scored in this run"
    )
