"""The second half of a life in any order, dying at any write: nothing is lost, nothing doubled.

Two classifiers, two people, policies, feedback, retrainings and undoing on a real registry and real
artifacts, beside a simple model. Commits and renames die before or after they are done.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from cultivar.core.errors import NotReady
from cultivar.core.retraining import feedback as core_feedback
from cultivar.operations.policies.manual_labels import set_label
from cultivar.operations.policies.policies import switch_policy, update_policy
from cultivar.operations.retraining import decisions as republishing
from cultivar.operations.retraining.decisions import keep_published, point_back, republish
from cultivar.operations.retraining.feedback import Verdict, give_feedback
from cultivar.operations.retraining.feedback_views import items_to_judge
from cultivar.operations.retraining.retraining import begin_retraining, fail_retraining
from cultivar.operations.retraining.withdrawals import withdraw_feedback
from cultivar.store.workspace import Workspace
from tests.operations import life
from tests.operations.crashing import Act, Crash, World
from tests.operations.life import CLASSIFIERS, PEOPLE, REASON
from tests.operations.organisation import ADMINISTRATOR

DIES = st.one_of(st.none(), st.integers(1, 4), st.integers(1, 40))
PLACES, HOW_MANY = st.integers(0, 120), st.integers(20, 45)
CLASSIFIER = st.sampled_from(CLASSIFIERS)
POLICIES = ("Keep contracts", "Keep leases", "Confidential")


class Life(RuleBasedStateMachine):
    """Does what people and sweeps may do; the model knows verdicts that stand and what is live."""

    template: ClassVar[Path]
    seen: ClassVar[dict[str, int]] = {}

    def __init__(self) -> None:
        super().__init__()
        self.world = World(self.template)
        self.verdicts: dict[str, life.Verdicts] = {each: {} for each in CLASSIFIERS}
        self.live = life.live(self.workspace)

    @property
    def workspace(self) -> Workspace:
        return self.world.workspace

    def teardown(self) -> None:
        self.world.close()

    def count(self, what: str) -> None:
        Life.seen[what] = Life.seen.get(what, 0) + 1

    def attempt(self, act: Act, dies_at: int | None) -> str | None:
        """Do something; return ``crashed``, the code of a refusal, or None where it was done."""
        try:
            code = life.code_of(self.world.do(act, dies_at))
        except Crash:
            code = "crashed"
        self.count(f"{getattr(act, 'func', act).__name__}: {code or 'done'}")
        return code

    @rule(
        classifier=CLASSIFIER,
        person=st.sampled_from(PEOPLE),
        places=st.builds(lambda start, count: range(start, start + count), PLACES, HOW_MANY),
        wrong=st.booleans(),
        dies_at=DIES,
    )
    def sends(
        self, *, classifier: str, person: str, places: range, wrong: bool, dies_at: int | None
    ) -> None:
        if self._is_unused(classifier):
            return
        given = life.verdicts_on(self.workspace, classifier, places, wrong=wrong)
        after = self.verdicts[classifier] | {(v.item_id, person): v.verdict for v in given}
        act = partial(life.send, person=person, classifier=classifier, verdicts=given)
        self._becomes(classifier, after, self.attempt(act, dies_at))

    def _is_unused(self, classifier: str) -> bool:
        """Tell whether nothing may be judged: the policy is off, or nothing is labelled yet."""
        try:
            return not items_to_judge(self.workspace, ADMINISTRATOR, classifier)
        except NotReady:
            return True

    @rule(classifier=CLASSIFIER, person=st.sampled_from(PEOPLE), count=st.integers(1, 5),
          dies_at=DIES)  # fmt: skip
    def withdraws(self, classifier: str, person: str, count: int, dies_at: int | None) -> None:
        own = [item for item, by in self.verdicts[classifier] if by == person][:count]
        if not own:
            return
        after = {
            key: said
            for key, said in self.verdicts[classifier].items()
            if key not in {(item, person) for item in own}
        }
        act = partial(withdraw_feedback, actor=person, classifier=classifier, item_ids=own)
        self._becomes(classifier, after, self.attempt(act, dies_at))

    def _becomes(self, classifier: str, after: life.Verdicts, code: str | None) -> None:
        """All of a send is kept or nothing; one that was answered is kept."""
        before, found = self.verdicts[classifier], life.standing(self.workspace, classifier)
        assert code in {None, "crashed"}
        assert found == after or (code == "crashed" and found == before), "a verdict is lost"
        self.verdicts[classifier] = found

    @rule(hours=st.integers(1, 30))
    def time_passes(self, hours: int) -> None:
        self.world.passed += timedelta(hours=hours)

    @rule(dies_at=DIES)
    def retrains(self, dies_at: int | None) -> None:
        assert self.attempt(life.retrain_what_is_due, dies_at) in {
            None, "crashed", "policy-disabled",
        }  # fmt: skip

    @rule(classifier=CLASSIFIER, dies_at=DIES)
    def a_retraining_fails(self, classifier: str, dies_at: int | None) -> None:
        def fails(workspace: Workspace) -> None:
            begun = begin_retraining(workspace, ADMINISTRATOR, classifier)
            fail_retraining(workspace, ADMINISTRATOR, begun, "It was not to be")

        assert self.attempt(fails, dies_at) in {
            None, "crashed", "too-little-feedback", "retraining-cap", "policy-disabled",
        }  # fmt: skip

    @rule(
        classifier=CLASSIFIER,
        decide=st.sampled_from((republish, republish, keep_published, point_back)),
        dies_at=DIES,
    )
    def decides(self, classifier: str, decide: Callable[..., object], dies_at: int | None) -> None:
        reason = {"reason": REASON} if decide is republish else {}
        act = partial(decide, actor=PEOPLE[1], classifier=classifier, **reason)
        code = self.attempt(act, dies_at)
        found = life.live(self.workspace)
        if decide is keep_published or code not in {None, "crashed"}:
            assert found == self.live
        elif code is None:
            assert found[classifier] != self.live[classifier]
        assert all(found[each] == self.live[each] for each in CLASSIFIERS if each != classifier)
        self.live = found

    @rule(dies_at=DIES)
    def applies(self, dies_at: int | None) -> None:
        assert self.attempt(life.apply_everything, dies_at) in {None, "crashed"}

    @rule(policy=st.sampled_from(POLICIES), dies_at=DIES)
    def undoes(self, policy: str, dies_at: int | None) -> None:
        assert self.attempt(partial(life.undo, policy=policy), dies_at) in {None, "crashed"}

    @rule(dies_at=DIES)
    def sweeps_what_was_undone(self, dies_at: int | None) -> None:
        assert self.attempt(life.undo_what_is_due, dies_at) in {None, "crashed"}

    @rule(policy=st.sampled_from(POLICIES), enabled=st.booleans(), dies_at=DIES)
    def switches(self, policy: str, enabled: bool, dies_at: int | None) -> None:
        act = partial(switch_policy, actor=ADMINISTRATOR, name=policy, enabled=enabled)
        assert self.attempt(act, dies_at) in {None, "crashed"}

    @rule(policy=st.sampled_from(POLICIES), priority=st.integers(1, 9), dies_at=DIES)
    def changes(self, policy: str, priority: int, dies_at: int | None) -> None:
        act = partial(
            update_policy, actor=ADMINISTRATOR, name=policy, changes={"priority": priority}
        )
        assert self.attempt(act, dies_at) in {None, "crashed", "nothing-changed"}

    @rule(place=st.integers(0, 79), taken_away=st.booleans(), dies_at=DIES)
    def labels_by_hand(self, place: int, taken_away: bool, dies_at: int | None) -> None:
        act = partial(
            set_label, actor=ADMINISTRATOR, item=f"inbox/{20_000 + place:05d}.txt",
            kind="retention", label=None if taken_away else "By hand",
        )  # fmt: skip
        assert self.attempt(act, dies_at) in {None, "crashed"}

    @rule(classifier=CLASSIFIER, start=st.integers(0, 100), hours=st.integers(1, 30), dies_at=DIES)
    def lives_a_day(self, classifier: str, start: int, hours: int, dies_at: int | None) -> None:
        """Come to where the cap holds, and to a decision, which single steps reach too seldom."""
        self.switches("Keep contracts" if classifier == "contracts" else "Keep leases", True, None)
        for place, wrong in enumerate((False, True, False)):
            self.sends(
                classifier=classifier, person=ADMINISTRATOR, places=range(start, start + 31),
                wrong=wrong, dies_at=None,
            )  # fmt: skip
            self.retrains(None)
            if place:
                self.time_passes(hours)
        self.decides(classifier, republish, dies_at)
        self.applies(None)

    @invariant()
    def everything_holds(self) -> None:
        life.require_all(self.workspace)

    @invariant()
    def verdicts_are_those_that_were_given(self) -> None:
        for classifier in CLASSIFIERS:
            assert life.standing(self.workspace, classifier) == self.verdicts[classifier]

    @invariant()
    def only_a_person_moves_what_is_live(self) -> None:
        assert life.live(self.workspace) == self.live


def run(template: Path, examples: int, steps: int, *, shrink: bool = True) -> None:
    """Live a number of lives of some length; without ``shrink`` the first failure is told."""
    Life.template, Life.seen = template, {}
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            phases=list(Phase) if shrink else [Phase.generate],
            report_multiple_bugs=shrink,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.slow
@pytest.mark.requirement("RT-08", "RT-21", "RT-25", "RT-33", "RT-38")
def test_a_short_life_keeps_its_promises_wherever_it_dies(life_home: Path) -> None:
    run(life_home, examples=2, steps=12)
    assert Life.seen.get("send: done", 0) > 0
    assert sum(count for name, count in Life.seen.items() if "crashed" in name) > 0


@pytest.mark.slow
@pytest.mark.timeout(1_800)
@pytest.mark.requirement("RT-08", "RT-21", "RT-25", "RT-31", "RT-33", "RT-38")
def test_long_lives_keep_their_promises_wherever_they_die(life_home: Path) -> None:
    run(life_home, examples=12, steps=25)
    # which of them die is drawn; that each may die at each write is proved one by one elsewhere
    for what in ("send", "retrain_what_is_due", "republish", "apply_everything", "undo"):
        assert Life.seen.get(f"{what}: done", 0) > 0, (what, Life.seen)
    died = {name for name, count in Life.seen.items() if name.endswith(": crashed") and count}
    assert len(died) >= 3, Life.seen


def one_by_one(workspace: Workspace, person: str, classifier: str, verdicts: list[Verdict]) -> None:
    """Send each verdict by itself: what a send must not do."""
    for each in verdicts:
        give_feedback(workspace, person, classifier, [each])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("place", "fault", "told"),
    [
        (life, ("send", one_by_one), "a verdict is lost"),
        (republishing, ("_decide", lambda *_: None), "publication 2"),
        (core_feedback, ("WINDOW", timedelta(hours=12)), "three times in a day"),
    ],
    ids=["a send in pieces", "republished without a decision", "a cap of half a day"],
)
def test_a_planted_fault_does_not_survive(
    life_home: Path,
    monkeypatch: pytest.MonkeyPatch,
    place: object,
    fault: tuple[str, object],
    told: str,
) -> None:
    monkeypatch.setattr(place, *fault)
    with pytest.raises(AssertionError, match=told):
        run(life_home, examples=25, steps=20, shrink=False)
