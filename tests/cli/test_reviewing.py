"""The terminal review: by keys from a pipe and at a real terminal."""

import os
import re
import signal
import time

import pytest

from cultivar.operations.review.items import next_items
from cultivar.operations.review.verdicts import open_batch, review_state
from cultivar.store.tables import ReviewRow
from cultivar.store.workspace import Workspace
from tests.cli.conftest import Command
from tests.cli.terminals import Terminal


def _state(workspace: Workspace) -> tuple[int, int]:
    state = review_state(workspace, "alex", "contracts")
    return state.reviewed, state.unanswered


@pytest.mark.requirement("TC-23", "TC-53")
def test_an_item_is_shown_with_its_prediction_and_asks_whether_one_agrees(
    cultivar: Command, reviewable: Workspace
) -> None:
    answer = cultivar("review", "contracts", typed="q\n")
    assert answer.code == 0
    asked = re.search(
        r'We predict this item is "(Not relevant|Relevant)"\. Do you agree\?\n'
        r"\(([\d.]+) %: .* such items (?:are|is) relevant; from ([\d.]+) % on this balanced test "
        r'says "Relevant"\)',
        answer.out,
    )
    assert asked
    assert (asked[1] == "Relevant") == (float(asked[2]) >= float(asked[3]))
    assert "y yes  n no  m not sure, next  u undo  o open  ? help  q quit" in answer.out
    assert "Batch 1, item 1 of 30" in answer.out


def test_telling_words_are_marked(cultivar: Command, reviewable: Workspace) -> None:
    answer = cultivar("review", "contracts", typed="y\ny\ny\ny\nq\n")
    assert re.search(r"\[\+\w+\]", answer.out)
    assert re.search(r"\[-\w+\]", answer.out)


def test_what_the_test_folder_declares_is_not_shown(
    cultivar: Command, reviewable: Workspace
) -> None:
    answer = cultivar("review", "contracts", typed="y\ny\ny\ny\ny\ny\nq\n")
    for telling in ("positive", "negative", "Documents", ".txt"):
        assert telling not in answer.out


@pytest.mark.requirement("TC-23", "TC-53")
def test_keys_become_verdicts_in_the_registry(cultivar: Command, reviewable: Workspace) -> None:
    answer = cultivar("review", "contracts", typed="y\nn\nm\nq\n")
    assert answer.code == 0
    assert _state(reviewable) == (3, 27)


def test_words_do_as_well_as_keys_and_others_are_asked_again(
    cultivar: Command, reviewable: Workspace
) -> None:
    cultivar("review", "contracts", typed="yes\nperhaps\n\nno\nnot sure\nquit\n")
    assert _state(reviewable) == (3, 27)


def test_the_end_of_input_leaves_like_q(cultivar: Command, reviewable: Workspace) -> None:
    assert cultivar("review", "contracts", typed="y\n").code == 0
    assert _state(reviewable) == (1, 29)


def test_u_takes_back_the_last_verdict_and_asks_again(
    cultivar: Command, reviewable: Workspace
) -> None:
    open_batch(reviewable, "alex", "contracts")
    first, second, *_ = next_items(reviewable, "alex", "contracts")
    cultivar("review", "contracts", typed="y\ny\nu\nu\nu\nn\nq\n")
    assert _state(reviewable) == (1, 29)
    assert next_items(reviewable, "alex", "contracts")[0].item_id == second.item_id
    assert first.item_id not in {
        each.item_id for each in next_items(reviewable, "alex", "contracts")
    }


@pytest.mark.requirement("TC-53")
def test_m_is_not_sure_and_can_be_taken_back(cultivar: Command, reviewable: Workspace) -> None:
    cultivar("review", "contracts", typed="m\nm\nu\nq\n")
    assert _state(reviewable) == (1, 29)
    with reviewable.registry.reading() as session:
        assert [row.verdict for row in session.query(ReviewRow)] == ["not sure"]


def test_help_and_unknown_keys_are_answered_and_are_no_verdicts(
    cultivar: Command, reviewable: Workspace
) -> None:
    answer = cultivar("review", "contracts", typed="?\ns\nu\nq\n")
    assert "not sure, skip to next item" in answer.out
    assert "s does nothing here; ? shows the keys." in answer.out
    assert "There is nothing here that can be taken back." in answer.out
    assert answer.out.count("We predict") == 1
    assert _state(reviewable) == (0, 30)


def test_coming_back_goes_on_where_one_left(cultivar: Command, reviewable: Workspace) -> None:
    cultivar("review", "contracts", typed="y\ny\nq\n")
    answer = cultivar("review", "contracts", typed="q\n")
    assert "Batch 1, item 3 of 30" in answer.out


@pytest.mark.requirement("TC-55")
def test_it_says_why_publish_is_not_open_and_what_comes_next(
    cultivar: Command, reviewable: Workspace
) -> None:
    answer = cultivar("review", "contracts", typed="q\n")
    assert "Publish is not open yet" in answer.out
    assert "more reviews are needed" in answer.out
    assert "Next: cultivar review contracts" in answer.out


@pytest.mark.requirement("TC-51", "TC-52")
def test_the_list_holds_30_items_without_verdict(cultivar: Command, reviewable: Workspace) -> None:
    cultivar("review", "contracts", typed="y\nq\n")
    answer = cultivar("review", "contracts", "--list", "--json")
    items = answer.json["items"]
    assert len(items) == 29
    assert {item["prediction"] for item in items} <= {"Relevant", "Not relevant"}


@pytest.mark.requirement("TC-12")
def test_another_person_may_not_review(
    cultivar: Command, reviewable: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    cultivar("role", "grant", "sam", "compliance administrator")
    monkeypatch.setenv("CULTIVAR_USER", "sam")
    refused = cultivar("review", "contracts", "--json", typed="y\nq\n")
    assert (refused.code, refused.error) == (1, "not-owner")
    monkeypatch.setenv("CULTIVAR_USER", "alex")
    cultivar("grant", "contracts", "sam")
    monkeypatch.setenv("CULTIVAR_USER", "sam")
    assert cultivar("review", "contracts", "--json", typed="y\nq\n").code == 0
    assert _state(reviewable) == (1, 29)


@pytest.mark.slow
@pytest.mark.requirement("TC-23", "TC-53")
def test_single_keys_work_at_a_terminal_and_words_are_styled(reviewable: Workspace) -> None:
    with Terminal("review", "contracts") as terminal:
        terminal.wait_for("item 1 of 30")
        terminal.wait_for(r"\x1b\[(1;4;32|3;31)m\w+")
        for number, key in enumerate("ynm", start=2):
            terminal.press(key)
            terminal.wait_for(f"item {number} of 30")
        terminal.press("u")
        terminal.wait_for("item 3 of 30")
        terminal.press("q")
        terminal.wait_for("Next: ")
        assert terminal.process.wait(30) == 0
    assert _state(reviewable) == (2, 28)


@pytest.mark.slow
def test_a_killed_review_loses_nothing(reviewable: Workspace) -> None:
    with Terminal("review", "contracts") as terminal:
        terminal.wait_for("item 1 of 30")
        terminal.press("y")
        terminal.wait_for("item 2 of 30")
        os.killpg(terminal.process.pid, signal.SIGKILL)
        terminal.process.wait()
    assert _state(reviewable) == (1, 29)
    with Terminal("review", "contracts") as terminal:
        terminal.wait_for("item 2 of 30")
        terminal.wait_for(r"\x1b\[(1;4;32|3;31)m\w+")
        time.sleep(1.0)
        os.kill(terminal.process.pid, signal.SIGINT)
        terminal.wait_for("What was done is kept")
    assert _state(reviewable) == (1, 29)


@pytest.mark.slow
def test_the_next_item_shows_within_a_tenth_of_a_second(reviewable: Workspace) -> None:
    """The median of nine; once the kernels are loaded and the next item is explained."""
    times = []
    with Terminal("review", "contracts") as terminal:
        terminal.wait_for("item 1 of 30")
        terminal.wait_for(r"\x1b\[(1;4;32|3;31)m\w+")
        time.sleep(1.0)
        for number in range(2, 11):
            started = time.monotonic()
            terminal.press("y")
            terminal.wait_for(f"item {number} of 30")
            terminal.wait_for("q quit")
            times.append(time.monotonic() - started)
            time.sleep(0.3)
        terminal.press("q")
    assert sorted(times)[len(times) // 2] < 0.1, times
