"""Take back what an undone version of a policy or of a classifier labelled, location by location.

That it is undone is on record already; a run that is killed goes on from where it was.
"""

from cultivar.core.vocabulary import how_many
from cultivar.operations.policies.undo import (
    finish_undo,
    locations_to_undo,
    undone_on_record,
)
from flows.base.claims import on_tenant
from flows.base.stage import location_tag, stage, tag_run
from tasks import Told, reporting
from tasks.exploring import aggregate_explorer
from tasks.policies import take_back


@stage("undo labels: {undone}")
def undo_labels(undone: str, actor: str | None = None) -> Told[dict[str, int]]:
    """Return how many labels were taken back at each location.

    Args:
        undone: What is undone, as ``policy:<id>/<version>`` or ``version:<id>``.
        actor: Who asks; the person of the settings when it is left out.
    """
    # applying and undoing take turns
    with on_tenant("apply_policies", None, actor, "undo of labels") as work:
        what = undone_on_record(work.workspace, work.actor, undone)
        names = locations_to_undo(work.workspace, what)
        tag_run(*map(location_tag, names))
        taken = {name: take_back(work.workspace, work.actor, name, what) for name in names}
        finish_undo(work.workspace, work.actor, what)
        aggregate_explorer(work.workspace)
    if taken:
        rows = [{"location": name, "taken back": count} for name, count in taken.items()]
        reporting.show_table("undone", "tenant", rows)
    labels = how_many(sum(taken.values()), "label")
    places = how_many(sum(map(bool, taken.values())), "location")
    return Told(taken, f"{labels} of {what.name} taken back at {places}.")
