"""Label locations: score their items with every published classifier.

Only what a version has not labelled yet is scored: a location is due again when it was crawled to
other items, or when another version was published.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from cultivar.core.roles import Action
from cultivar.core.vocabulary import how_many
from cultivar.operations.content.crawled_content import CrawledContent
from cultivar.operations.outbox import LABELLING_DUE, due
from cultivar.operations.scoring.labelling import (
    LabellingDue,
    finish_labelling,
    is_any_published,
    labelling_due,
    record_labelling,
)
from flows.base.claims import Work, on_tenant
from flows.base.stage import classifier_tag, location_tag, stage, tag_run, today
from flows.crawl import crawl_content
from tasks import Told, reporting, say
from tasks.checking import Asked
from tasks.exploring import aggregate_explorer
from tasks.labelling import Labelled, label_location

if TYPE_CHECKING:
    from prefect.task_runners import TaskRunner

ByLocation = dict[str, list[LabellingDue]]
Label = Callable[[ByLocation], Iterator[Labelled]]


def named_by_places(stage_name: str, given: Mapping[str, Any]) -> str:
    """Return a run's name that says how many locations it is about, and the day."""
    places = given.get("locations")
    where = "every location" if places is None else how_many(len(places), "location")
    return f"{stage_name}: {where}, {today()}"


@stage(partial(named_by_places, "labelling"))
def labelling(
    locations: list[str] | None = None, actor: str | None = None, crawl_first: bool = False
) -> Told[dict[str, int]]:
    """Label what is due and return the number of matches by classifier.

    Args:
        locations: Names of locations; every content location when it is left out.
        actor: Who asks; the person of the settings when it is left out.
        crawl_first: Crawl the content locations before, as the nightly schedule does.
    """
    with on_tenant("labelling", Action.LABEL, actor) as work:
        crawled = CrawledContent()
        if crawl_first:
            crawled = crawl_content(work.workspace, work.actor)
        wanted = labelling_due(work.workspace, work.actor, locations)
        tag_run(*map(location_tag, locations or ()))
        _announce_due(wanted)
        matches = {each.classifier_id: 0 for each in wanted}
        with _labeller(work) as label:
            for labelled in label(_by_location(wanted)):
                _record(work, labelled)
                matches[labelled.due.classifier_id] += labelled.counts.matches
        _tick_off(work)
        aggregate_explorer(work.workspace)
        places = how_many(len({each.location for each in wanted}), "location")
        found = how_many(sum(matches.values()), "match", "matches")
        classifiers = how_many(len(matches), "classifier")
        said = f"{found} by {classifiers} at {places}." if wanted else _why_none(work, locations)
        level = logging.WARNING if crawled.failed else logging.INFO
        return Told(matches, f"{said}{crawled.warning}", level=level)


def _why_none(work: Work, locations: list[str] | None) -> str:
    if not is_any_published(work.workspace):
        return "Nothing was due: no classifier is published."
    places = "every location" if locations is None else ", ".join(locations)
    return f"Nothing was due: every published version has classified {places}."


def _announce_due(wanted: list[LabellingDue]) -> None:
    places = sorted({each.location for each in wanted})
    classifiers = sorted({each.classifier_id for each in wanted})
    tag_run(*map(classifier_tag, classifiers), *map(location_tag, places))
    due_ones = f"{how_many(len(classifiers), 'classifier')} at {how_many(len(places), 'location')}"
    say(f"due: {due_ones if wanted else 'nothing'}")


def _record(work: Work, labelled: Labelled) -> None:
    counts, found = labelled.counts, labelled.due
    facts = {"scored": counts.items, "listed": labelled.listed}
    about = f"{found.classifier_id} at {found.location}"
    asked = Asked(facts, classifier_id=found.classifier_id, about=about)
    work.check("assignments", labelled.assignments, asked)
    record_labelling(work.workspace, work.actor, found, labelled.assignments, counts)
    row = {
        "location": found.location,
        "version": found.version_id,
        "items": counts.items,
        "match": counts.matches,
        "close match": counts.close_matches,
        "scored": counts.scored,
    }
    reporting.show_table("labelled", f"{found.classifier_id} {found.location}", [row])


def _tick_off(work: Work) -> None:
    """Settle what publications made due, for classifiers that have nothing left to label."""
    open_ones = {each.classifier_id for each in labelling_due(work.workspace, work.actor)}
    for each in due(work.workspace, LABELLING_DUE):
        if each.subject not in open_ones:
            finish_labelling(work.workspace, work.actor, each.subject)


@contextmanager
def _labeller(work: Work) -> Iterator[Label]:
    """Yield what labels: this process one after another, or a Dask cluster all at once."""
    settings = work.workspace.settings
    if settings.dask_address is None:
        yield partial(_one_by_one, work)
        return
    from prefect_dask.task_runners import DaskTaskRunner  # noqa: PLC0415 - an extra

    runner: TaskRunner = DaskTaskRunner(address=settings.dask_address)
    with runner:
        yield partial(_all_at_once, work, runner)


def _by_location(wanted: list[LabellingDue]) -> ByLocation:
    """Return what is due, so that each location's items are read once for all classifiers."""
    found: ByLocation = {}
    for each in wanted:
        found.setdefault(each.location, []).append(each)
    return found


def _one_by_one(work: Work, wanted: ByLocation) -> Iterator[Labelled]:
    artifacts = work.workspace.artifacts
    rows = [artifacts.reference(each[0].items_sha256).rows for each in wanted.values()]
    for place, (location, versions) in enumerate(wanted.items()):
        advance = partial(_advance, work, sum(rows[:place]), sum(rows))
        yield from label_location(work.workspace.settings, location, versions, advance)


def _advance(work: Work, before: int, total: int, done: int, _of: int | None) -> None:
    work.advance(before + done, total)


def _all_at_once(work: Work, runner: "TaskRunner", wanted: ByLocation) -> Iterator[Labelled]:
    settings = work.workspace.settings
    futures = [
        runner.submit(label_location, {"settings": settings, "location": location, "due": versions})
        for location, versions in wanted.items()
    ]
    for done, future in enumerate(futures, start=1):
        yield from future.result()
        work.advance(done, len(futures))
