"""Nights of an organisation at work: what changes, is labelled, judged, undone, and asked after."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pyarrow as pa

from cultivar.core.errors import CultivarError
from cultivar.operations.content.crawl_records import record_crawl
from cultivar.operations.content.item_history import item_on
from cultivar.operations.content.item_names import names_of
from cultivar.operations.policies.evaluation import evaluate
from cultivar.operations.policies.manual_labels import release_label, set_label
from cultivar.operations.policies.undo import (
    begin_undo,
    finish_undo,
    locations_to_undo,
    undo_location,
)
from cultivar.operations.retraining.decisions import point_back, republish
from cultivar.operations.retraining.feedback_views import feedback_status
from cultivar.store.workspace import Workspace
from tests.operations.mail import CLASSIFIER, give, label, later, listed, mixed, retrain
from tests.operations.organisation import (
    ADMINISTRATOR,
    CONTRACT,
    Document,
    Organisation,
    documents,
    items_table,
)
from tests.operations.policing import apply

DAY = timedelta(days=1)
PLACE = "mail"


@dataclass(slots=True)
class Nights:
    """A mailbox over some nights; ``ever`` is every path that it ever held."""

    organisation: Organisation
    held: dict[str, Document] = field(default_factory=dict)
    ever: set[str] = field(default_factory=set)
    touched: set[str] = field(default_factory=set)
    moments: list[datetime] = field(default_factory=list)
    random: Random = field(default_factory=lambda: Random(5))

    @property
    def workspace(self) -> Workspace:
        """The workspace, at the present night."""
        return self.organisation.workspace

    def begin(self, contracts: int, others: int) -> None:
        """Let the mailbox hold what it shall, and label it."""
        found = [
            *documents(CONTRACT, contracts, "inbox", 20_000),
            *mixed(others, "inbox/mixed", 30_000),
        ]
        self.held = {each.path: each for each in found}
        self.crawl()

    def pass_to_next(self) -> None:
        """A day passes; one item in a hundred is changed, one goes, and one comes."""
        self.organisation = later(self.organisation, DAY)
        paths = sorted(self.held)
        for path in self.random.sample(paths, max(1, len(paths) // 100)):
            self.held[path] = replace(self.held[path], text=self.held[path].text + " renewed")
            self.touched.add(path)
        gone = self.random.choice(paths)
        del self.held[gone]
        number = 21_000 + len(self.ever)
        [new] = documents(CONTRACT, 1, "inbox", number)
        self.held[new.path] = new
        self.touched |= {gone, new.path}
        self.crawl()

    def crawl(self) -> None:
        """Crawl, label, apply the policy, and remember the moment after."""
        self.ever |= set(self.held)
        rows = items_table(PLACE, [self.held[path] for path in sorted(self.held)])
        workload = pa.array(["exchange"] * len(rows), pa.string())
        at = rows.column_names.index("workload")
        rows = rows.set_column(at, rows.schema.field(at), workload)
        items = self.workspace.artifacts.write("items", rows, producer="crawl")
        record_crawl(self.workspace, PLACE, items, {"found": items.rows})
        label(self.workspace)
        apply(self.workspace, *self._token(), location=PLACE)
        self.moments.append(self.workspace.clock() + timedelta(hours=1))

    def _token(self) -> list[str]:
        return [evaluate(self.workspace, ADMINISTRATOR, PLACE).token]

    def happens(self, night: int) -> None:
        """Let people do what they do on some nights."""
        there = sorted(self.held)
        if night % 4 == 0:
            set_label(self.workspace, ADMINISTRATOR, f"{PLACE}/{there[night]}", "retention", "Held")
        if night == 9:
            release_label(self.workspace, ADMINISTRATOR, f"{PLACE}/{there[4]}", "retention")
        if night == 3:
            give(self.organisation, listed(self.organisation)[:34])
        if night == 5:
            retrain(self.organisation)
            republish(self.workspace, ADMINISTRATOR, CLASSIFIER, reason="the second one is wanted")
        if night == 8:
            give(self.organisation, listed(self.organisation)[40:45])
        if night == 12:
            point_back(self.workspace, ADMINISTRATOR, CLASSIFIER)
        if night == 15:
            self._undo()

    def _undo(self) -> None:
        undone = begin_undo(
            self.workspace, ADMINISTRATOR, policy="keep-contracts", version=1, reason="wrong"
        )
        for location in locations_to_undo(self.workspace, undone):
            undo_location(self.workspace, ADMINISTRATOR, location, undone)
        finish_undo(self.workspace, ADMINISTRATOR, undone)


def answers(nights: Nights, items: list[str], moments: list[datetime]) -> dict[Any, Any]:
    """Return what every question about a past day is answered, refusals by their code."""
    found: dict[Any, Any] = {}
    for item, on in _asked(items, moments):
        try:
            found[item, on] = item_on(nights.workspace, ADMINISTRATOR, item, on)
        except CultivarError as refusal:
            found[item, on] = refusal.code
    given = feedback_status(nights.workspace, ADMINISTRATOR, CLASSIFIER).verdicts
    ids = [each.item_id for each in given]
    found["feedback"] = given
    found["called"] = names_of(nights.workspace, ADMINISTRATOR, CLASSIFIER, ids)
    return found


def _asked(items: list[str], moments: list[datetime]) -> Iterator[tuple[str, datetime]]:
    for item in items:
        for on in moments:
            yield item, on
