"""A review walked at random through the operations, on a real registry, beside a simple model."""

import shutil
import tempfile
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from cultivar.core.errors import CultivarError
from cultivar.core.review.accuracy import wilson_interval
from cultivar.operations.audit.agreement import disagreements
from cultivar.operations.classifiers.details import classifier_details
from cultivar.operations.publishing.publishing import publish
from cultivar.operations.review.verdicts import (
    close_batch,
    open_batch,
    record_verdict,
    record_verdicts,
    review_state,
    skip,
    undo_verdict,
)
from cultivar.settings import read_settings
from cultivar.store.tables import AuditRow, ReviewItemRow, ReviewRow
from cultivar.store.workspace import open_workspace
from tests.operations.organisation import ADMINISTRATOR, Organisation

NAME = "contracts"
VERDICTS = ("yes", "no", "not sure")


class Review(RuleBasedStateMachine):
    """Does what a reviewer may do; the model knows the open batch, closed ones, what is live."""

    template: ClassVar[Path]
    most_closed: ClassVar[int] = 0
    ever_published: ClassVar[bool] = False

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        shutil.copytree(self.template, self.folder / "home")
        environment = {"CULTIVAR_HOME": str(self.folder / "home"), "CULTIVAR_USER": "alex"}
        self.workspace = open_workspace(read_settings(environment))
        self.organisation = Organisation(self.workspace)
        self.open: dict[str, str | None] = {}
        self.closed: list[dict[str, str]] = []
        self.learning = False
        self.live: str | None = None
        self.shown: float | None = None

    def teardown(self) -> None:
        Review.most_closed = max(Review.most_closed, len(self.closed))
        Review.ever_published = Review.ever_published or self.live is not None
        with self.workspace.registry.reading() as session:
            assert disagreements(session) == ()
        self.workspace.close()
        shutil.rmtree(self.folder)

    def code(self, act: Any, *given: Any) -> str | None:
        try:
            act(self.workspace, ADMINISTRATOR, NAME, *given)
        except CultivarError as error:
            return error.code
        return None

    @rule()
    def opens(self) -> None:
        code = self.code(open_batch)
        if self.learning and not self.open:
            assert code == "learning"
            return
        if code == "nothing-to-review":
            assert sum(map(len, self.closed)) == 240
            return
        assert code is None
        if not self.open:
            items = self.organisation.presented(NAME, len(self.closed) + 1)
            assert len(items) <= 30
            assert not set(items) & {item for batch in self.closed for item in batch}
            self.open = dict.fromkeys(items)

    @precondition(lambda self: self.open)
    @rule(place=st.integers(0, 29), verdict=st.sampled_from(VERDICTS))
    def judges(self, place: int, verdict: str) -> None:
        item = sorted(self.open)[place % len(self.open)]
        assert self.code(record_verdict, item, verdict) is None
        self.open[item] = verdict

    @precondition(lambda self: self.open)
    @rule(wrong=st.integers(0, 6))
    def judges_all(self, wrong: int) -> None:
        answers = ["no"] * wrong + ["yes"] * 30
        verdicts = dict(zip(sorted(self.open), answers, strict=False))
        assert self.code(record_verdicts, verdicts) is None
        self.open |= verdicts

    @precondition(lambda self: self.open)
    @rule(place=st.integers(0, 29))
    def undoes(self, place: int) -> None:
        item = sorted(self.open)[place % len(self.open)]
        assert self.code(undo_verdict, item) is None
        self.open[item] = None

    @precondition(lambda self: self.open)
    @rule(place=st.integers(0, 29))
    def skips(self, place: int) -> None:
        item = sorted(self.open)[place % len(self.open)]
        assert self.code(skip, item) is None
        items = self.organisation.presented(NAME, len(self.closed) + 1)
        assert item not in items
        self.open = {each: self.open.get(each) for each in items}

    @precondition(lambda self: self.closed)
    @rule()
    def judges_what_is_closed(self) -> None:
        assert self.code(record_verdict, sorted(self.closed[0])[0], "no") == "not-presented"

    @rule()
    def closes(self) -> None:
        code = self.code(close_batch)
        if not self.open:
            assert code == "no-open-batch"
        elif None in self.open.values():
            assert code == "batch-not-complete"
        else:
            assert code is None
            self.closed.append({item: verdict or "" for item, verdict in self.open.items()})
            self.open, self.learning = {}, True
            self.shown = self.accuracy()

    @precondition(lambda self: self.learning)
    @rule()
    def settles(self) -> None:
        stable = review_state(self.workspace, ADMINISTRATOR, NAME).stable
        status = self.organisation.settle(NAME, () if stable else ("accuracy-moving",))
        assert status == ("Ready to use" if stable else "Ready to review")
        self.learning = False

    @precondition(lambda self: len(self.closed) < 6)
    @rule(batches=st.integers(2, 4))
    def reviews_on(self, batches: int) -> None:
        """Come to where a classifier may be stable, which single steps reach too seldom."""
        for _ in range(batches):
            if self.learning:
                self.settles()
            self.opens()
            self.judges_all(wrong=1)
            self.closes()

    @precondition(lambda self: self.live is None)
    @rule()
    def comes_to_publish(self) -> None:
        """Review and learn until a classifier may be stable, then publish it if it is."""
        for _ in range(12):
            if len(self.closed) < 7:
                self.reviews_on(batches=1)
        if self.learning:
            self.settles()
        self.publishes()

    @rule()
    def publishes(self) -> None:
        before = classifier_details(self.workspace, ADMINISTRATOR, NAME)
        code = self.code(publish)
        if self.live is not None:
            assert code == "already-published"
        elif self.learning:
            assert code == "learning"
        elif before.status == "Ready to use":
            assert code is None
            self.live = before.candidate_version
        else:
            assert code in {"too-few-reviews", "accuracy-not-stable"}

    def accuracy(self) -> float | None:
        said = [verdict for batch in self.closed for verdict in batch.values()]
        decided = len(said) - said.count("not sure")
        return said.count("yes") / decided if decided else None

    @invariant()
    def accuracy_is_that_of_closed_batches(self) -> None:
        found = review_state(self.workspace, ADMINISTRATOR, NAME)
        assert found.accuracy == (None if self.shown is None else pytest.approx(self.shown))
        assert len(found.points) == len(self.closed)
        for point in found.points:
            assert (point.lower, point.upper) == wilson_interval(point.agreed, point.decided)
        assert found.unanswered == list(self.open.values()).count(None)
        assert found.learning is self.learning

    @invariant()
    def verdicts_are_those_that_were_given(self) -> None:
        expected = {item: said for item, said in self.open.items() if said}
        for batch in self.closed:
            expected |= batch
        with self.workspace.registry.reading() as session:
            rows = session.scalars(select(ReviewRow)).all()
            assert {row.item_id: row.verdict for row in rows} == expected

    @invariant()
    def every_item_has_one_place_and_judged_ones_a_frozen_prediction(self) -> None:
        with self.workspace.registry.reading() as session:
            rows = session.scalars(select(ReviewItemRow)).all()
        assert len({row.position for row in rows}) == len(rows) == 240
        assert all(row.prediction and row.version_id for row in rows if row.batch)

    @invariant()
    def only_publishing_moves_what_is_live(self) -> None:
        found = classifier_details(self.workspace, ADMINISTRATOR, NAME)
        assert found.published_version == self.live

    @invariant()
    def every_transition_is_audited(self) -> None:
        with self.workspace.registry.reading() as session:
            actions = list(session.scalars(select(AuditRow.action)))
        assert actions.count("batch closed") == len(self.closed)
        assert actions.count("published") == (self.live is not None)


@pytest.mark.slow
@pytest.mark.requirement("TC-23", "TC-51", "TC-52", "TC-54", "TC-56", "TC-57")
def test_a_review_keeps_its_promises_whatever_is_done_in_whatever_order(
    reviewable_home: Path,
) -> None:
    Review.template = reviewable_home
    run_state_machine_as_test(
        Review,
        settings=settings(
            max_examples=8,
            stateful_step_count=40,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert Review.most_closed >= 7
    assert Review.ever_published
