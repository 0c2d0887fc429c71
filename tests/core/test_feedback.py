"""Which verdicts stand, what counts towards 30, and when a retraining may start."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from cultivar.core.errors import InvalidInput
from cultivar.core.retraining.feedback import (
    MATCH,
    NOT_A_MATCH,
    VERDICTS,
    Event,
    Judged,
    RetrainingEnded,
    RetrainingStarted,
    VerdictGiven,
    Withdrawn,
    cap_ends,
    feedback_state,
    judged_items,
    retraining_decision,
)
from cultivar.core.retraining.feedback_tally import Tally, tally

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def verdicts(
    count: int, person: str = "ada", verdict: str = MATCH, first: int = 0, at: datetime = NOON
) -> list[Event]:
    return [
        VerdictGiven(at, person, f"item {n}", verdict, "invoices-1")
        for n in range(first, first + count)
    ]


def test_no_events_leave_nothing_to_learn() -> None:
    decision = retraining_decision(feedback_state([]), NOON)
    assert (decision.due, decision.code, decision.missing) == (False, "too-little-feedback", 30)
    assert decision.allowed_at == NOON


@pytest.mark.requirement("RT-08")
def test_the_30th_judged_item_starts_a_retraining_and_the_29th_does_not() -> None:
    short = retraining_decision(feedback_state(verdicts(29)), NOON)
    assert (short.due, short.missing) == (False, 1)
    assert short.sentence == "29 of 30 items are judged; 1 more makes a retraining due."
    enough = retraining_decision(feedback_state(verdicts(30)), NOON)
    assert (enough.due, enough.code, enough.counted) == (True, "due", 30)


@pytest.mark.requirement("RT-19")
def test_each_item_of_a_bulk_verdict_counts() -> None:
    assert feedback_state(verdicts(7)).counted == 7


@pytest.mark.requirement("RT-21")
def test_a_second_verdict_of_a_person_on_an_item_replaces_the_first() -> None:
    state = feedback_state([*verdicts(1), *verdicts(1, verdict=NOT_A_MATCH)])
    assert state.counted == 1
    assert [given.verdict for given in state.standing.values()] == [NOT_A_MATCH]


def test_two_people_who_judge_the_same_item_count_once_and_both_stand() -> None:
    state = feedback_state([*verdicts(1), *verdicts(1, person="bo")])
    assert (state.counted, len(state.standing)) == (1, 2)


def test_a_withdrawn_verdict_no_longer_counts() -> None:
    state = feedback_state([*verdicts(30), Withdrawn(NOON, "ada", "item 4")])
    assert state.counted == 29
    state = feedback_state([*verdicts(1), Withdrawn(NOON, "bo", "item 0")])
    assert state.counted == 1


@pytest.mark.requirement("RT-21")
def test_only_two_verdicts_exist() -> None:
    with pytest.raises(InvalidInput, match="Feedback is 'match' or 'not a match'") as raised:
        feedback_state(verdicts(1, verdict="maybe"))
    assert raised.value.code == "unknown-verdict"


@pytest.mark.requirement("RT-32")
def test_after_a_retraining_30_further_items_are_needed() -> None:
    done: list[Event] = [*verdicts(30), RetrainingStarted(NOON), RetrainingEnded(NOON + HOUR)]
    assert feedback_state(done).counted == 0
    more = [*done, *verdicts(29, first=30)]
    assert not retraining_decision(feedback_state(more), NOON + HOUR).due
    more += verdicts(1, first=59)
    assert retraining_decision(feedback_state(more), NOON + HOUR).due


def test_repeating_what_was_learned_is_no_news_and_changing_ones_mind_is() -> None:
    done: list[Event] = [*verdicts(30), RetrainingStarted(NOON), RetrainingEnded(NOON)]
    assert feedback_state([*done, *verdicts(30)]).counted == 0
    assert feedback_state([*done, *verdicts(30, verdict=NOT_A_MATCH)]).counted == 30


def test_verdicts_given_during_a_retraining_are_kept_for_the_next() -> None:
    events = [*verdicts(30), RetrainingStarted(NOON), *verdicts(30, first=30)]
    running = retraining_decision(feedback_state(events), NOON)
    assert (running.due, running.code, running.allowed_at) == (False, "retraining-running", None)
    assert running.sentence == "A retraining runs; 30 judged items are kept for the next."
    state = feedback_state([*events, RetrainingEnded(NOON)])
    assert state.counted == 30
    assert retraining_decision(state, NOON).due


def test_a_failed_retraining_gives_its_verdicts_back_and_counts_towards_the_cap() -> None:
    events: list[Event] = [*verdicts(30)]
    for hour in range(2):
        events += [
            RetrainingStarted(NOON + hour * HOUR),
            RetrainingEnded(NOON + hour * HOUR, learned=False),
        ]
    state = feedback_state(events)
    assert state.counted == 30
    assert retraining_decision(state, NOON + 2 * HOUR).code == "retraining-cap"


def test_a_defect_holds_back_no_person_who_asks_and_repeats_nothing_by_itself() -> None:
    events: list[Event] = [*verdicts(30)]
    for hour in range(2):
        at = NOON + hour * HOUR
        events += [RetrainingStarted(at), RetrainingEnded(at, learned=False, defect=hour == 0)]
    state = feedback_state(events)
    assert retraining_decision(state, NOON + 2 * HOUR).code == "retraining-cap"
    asked = retraining_decision(state, NOON + 2 * HOUR, asked=True)
    assert asked.due
    assert "none starts by itself before 2026-11-22 12:00:00 UTC" in asked.sentence
    again = feedback_state([*events, RetrainingStarted(NOON + 2 * HOUR), RetrainingEnded(NOON)])
    assert retraining_decision(again, NOON + 3 * HOUR, asked=True).code != "due"


@pytest.mark.requirement("RT-25")
def test_a_third_retraining_waits_until_24_hours_after_the_first() -> None:
    events: list[Event] = []
    for n in range(2):
        events += verdicts(30, first=30 * n)
        events += [RetrainingStarted(NOON + n * HOUR), RetrainingEnded(NOON + n * HOUR)]
    state = feedback_state([*events, *verdicts(30, first=60)])
    early = retraining_decision(state, NOON + 24 * HOUR - timedelta(microseconds=1))
    assert (early.due, early.code) == (False, "retraining-cap")
    assert early.allowed_at == NOON + 24 * HOUR
    assert "2026-11-22 12:00:00 UTC; 30 judged items wait" in early.sentence
    assert retraining_decision(state, NOON + 24 * HOUR).due


@pytest.mark.parametrize(
    "events",
    [
        [RetrainingEnded(NOON)],
        [RetrainingStarted(NOON), RetrainingStarted(NOON)],
    ],
)
def test_retrainings_do_not_overlap(events: Sequence[Event]) -> None:
    with pytest.raises(InvalidInput) as raised:
        feedback_state(events)
    assert raised.value.code == "retraining-order"


def test_the_majority_decides_and_a_split_item_is_not_learned_from() -> None:
    given = [
        VerdictGiven(NOON, person, item, verdict, "v")
        for item, votes in {"b": "mmn", "a": "mn", "c": "n"}.items()
        for person, verdict in enumerate_votes(votes)
    ]
    assert judged_items(given) == (
        Judged("a", None, 1, 1),
        Judged("b", True, 2, 1),
        Judged("c", False, 0, 1),
    )


def enumerate_votes(votes: str) -> list[tuple[str, str]]:
    return [(str(n), MATCH if vote == "m" else NOT_A_MATCH) for n, vote in enumerate(votes)]


@pytest.mark.requirement("RT-25")
@given(st.lists(st.integers(0, 200), max_size=25))
def test_no_window_of_24_hours_ever_holds_three_starts(waits: list[int]) -> None:
    starts: list[datetime] = []
    now = NOON
    for wait in waits:
        now += wait * timedelta(minutes=15)
        if cap_ends(starts, now) <= now:
            starts.append(now)
    for first, third in zip(starts, starts[2:], strict=False):
        assert third - first >= timedelta(hours=24)


histories = st.lists(
    st.one_of(
        st.tuples(st.sampled_from("ab"), st.integers(0, 4), st.sampled_from([*VERDICTS, None])),
        st.booleans(),
    ),
    max_size=20,
)


def told(history: list[object]) -> list[Event]:
    """Return events: a verdict or a withdrawal, or a retraining that learned or failed."""
    events: list[Event] = []
    for each in history:
        if isinstance(each, tuple):
            person, number, verdict = each
            item = f"item {number}"
            given = VerdictGiven(NOON, person, item, verdict, "v") if verdict else None
            events.append(given or Withdrawn(NOON, person, item))
        else:
            events += [RetrainingStarted(NOON), RetrainingEnded(NOON, learned=bool(each))]
    return events


@pytest.mark.requirement("RT-08", "RT-21")
@given(
    histories,
    st.dictionaries(st.integers(0, 4), st.sampled_from(VERDICTS), min_size=1),
    st.booleans(),
)
def test_of_a_send_what_is_new_or_changed_counts_once_and_what_repeats_counts_nothing(
    history: list[object], sent: dict[int, str], running: bool
) -> None:
    events = told(history) + ([RetrainingStarted(NOON)] if running else [])
    before = feedback_state(events)
    items = {f"item {number}": verdict for number, verdict in sent.items()}
    events += [VerdictGiven(NOON, "a", item, verdict, "v") for item, verdict in items.items()]
    after = feedback_state(events)
    found = tally(before, after, "a", items)
    assert found.counting + found.counted_before + found.repeated == len(items)
    # a verdict repeats exactly where the last retraining used the same word of the same person
    repeated = [item for item, verdict in items.items() if before.used.get((item, "a")) == verdict]
    assert found.repeated == len(repeated)
    # changing back to what was used takes an item away that counted by that person alone
    others = {each.item_id for each in before.news if each.person != "a"}
    counted = {each.item_id for each in before.news} - (set(repeated) - others)
    assert after.counted == len(counted) + found.counting
    assert feedback_state([*events, *events[len(events) - len(items) :]]).counted == after.counted


@pytest.mark.parametrize(
    ("numbers", "sentence"),
    [
        ((1, 0, 0, 0), "1 verdict kept: 1 counts towards the next retraining."),
        ((30, 0, 2, 1), "32 verdicts kept: 30 count towards the next retraining, 2 repeat what "
         "retraining 1 used already."),
        ((0, 1, 0, 0), "1 verdict kept: 1 is on an item that counts already."),
        ((0, 0, 1, 3), "1 verdict kept: 1 repeats what retraining 3 used already."),
        ((2, 2, 2, 2), "6 verdicts kept: 2 count towards the next retraining, 2 are on items that "
         "count already, 2 repeat what retraining 2 used already."),
    ],
)  # fmt: skip
def test_a_send_is_told_in_a_sentence(numbers: tuple[int, int, int, int], sentence: str) -> None:
    assert Tally(*numbers).sentence == sentence


def test_after_a_failed_retraining_the_last_that_learned_is_the_one_that_used_a_verdict() -> None:
    events: list[Event] = [*verdicts(30), RetrainingStarted(NOON), RetrainingEnded(NOON)]
    events += [RetrainingStarted(NOON), RetrainingEnded(NOON, learned=False)]
    assert feedback_state(events).used_by == 1
    events += [RetrainingStarted(NOON)]
    assert feedback_state(events).used_by == 3


class FeedbackAgainstAModel(RuleBasedStateMachine):
    """The fold over events agrees with a diary that is rewritten by hand at every step."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOON
        self.events: list[Event] = []
        # item -> person -> verdict
        self.diary: dict[int, dict[str, str]] = {}
        self.learned: dict[tuple[int, str], str] = {}
        self.at_start: dict[tuple[int, str], str] = {}
        self.starts: list[datetime] = []
        self.running = False

    @rule(minutes=st.sampled_from([60, 660, 780, 1440]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(
        person=st.sampled_from(["ada", "bo"]),
        first=st.sampled_from([0, 1, 30, 60]),
        count=st.sampled_from([1, 29, 30]),
        verdict=st.sampled_from(VERDICTS),
    )
    def judge(self, person: str, first: int, count: int, verdict: str) -> None:
        self.events += verdicts(count, person, verdict, first, self.now)
        for item in range(first, first + count):
            self.diary.setdefault(item, {})[person] = verdict

    @rule(person=st.sampled_from(["ada", "bo"]), item=st.integers(0, 70))
    def withdraw(self, person: str, item: int) -> None:
        self.events.append(Withdrawn(self.now, person, f"item {item}"))
        self.diary.get(item, {}).pop(person, None)

    @rule()
    def sweep(self) -> None:
        """Start a retraining when the core says so; the model says when it may."""
        decision = retraining_decision(feedback_state(self.events), self.now)
        recent = [start for start in self.starts if start > self.now - timedelta(hours=24)]
        assert decision.due == (len(self.news()) >= 30 and not self.running and len(recent) < 2), (
            decision
        )
        if decision.due:
            self.events.append(RetrainingStarted(self.now))
            self.starts.append(self.now)
            self.running = True
            self.at_start = {
                (item, person): verdict
                for item, said in self.diary.items()
                for person, verdict in said.items()
            }

    @rule(learned=st.booleans())
    def end(self, learned: bool) -> None:
        if self.running:
            self.events.append(RetrainingEnded(self.now, learned))
            self.running = False
            self.learned = self.at_start if learned else self.learned

    @rule(learned=st.booleans())
    def a_busy_hour(self, learned: bool) -> None:
        """Reach the cap more often than chance would."""
        said = self.diary.get(0, {}).get("ada")
        self.judge("ada", 0, 30, NOT_A_MATCH if said == MATCH else MATCH)
        self.sweep()
        self.end(learned)
        self.time_passes(60)

    def news(self) -> set[int]:
        return {
            item
            for item, said in self.diary.items()
            for person, verdict in said.items()
            if (self.at_start if self.running else self.learned).get((item, person)) != verdict
        }

    @invariant()
    def nothing_is_lost_or_counted_twice(self) -> None:
        state = feedback_state(self.events)
        assert state.counted == len(self.news())
        assert len(state.standing) == sum(len(said) for said in self.diary.values())
        assert state.running == self.running

    @invariant()
    def the_cap_holds(self) -> None:
        for first, third in zip(self.starts, self.starts[2:], strict=False):
            assert third - first >= timedelta(hours=24)


@pytest.mark.requirement("RT-08", "RT-21", "RT-25")
def test_the_fold_agrees_with_a_diary_whatever_happens() -> None:
    run_state_machine_as_test(
        FeedbackAgainstAModel, settings=settings(max_examples=100, stateful_step_count=40)
    )
